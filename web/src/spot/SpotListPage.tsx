/** 抽查: one check a quarter; the digest of its frame is public from the freezing on. */
import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { get } from "../api/client";
import { href } from "../app/router";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { when } from "../common/time";
import { quarterWords, type SpotRow } from "./types";
import "./spot.css";

const COLUMNS: Column<SpotRow>[] = [
  { key: "quarter", label: "季度", render: (row) => <a className="row-link" href={href(`/spot/${row.number}`)}>{quarterWords(row.quarter)}</a> },
  { key: "frozen", label: "抽样框冻结", render: (row) => when(row.frozen_at) },
  { key: "digest", label: "摘要（SHA-256）", render: (row) => <span className="hash" title={row.digest}>{row.digest}</span> },
  { key: "state", label: "状态", render: (row) => (row.drawn ? "已抽取" : "已冻结，待录种子") },
];

export function SpotListPage() {
  const { data, error, isPending, refetch } = useQuery({ queryKey: ["spot-checks"], queryFn: ({ signal }) => get<SpotRow[]>("/spot-checks", {}, signal) });
  return (
    <>
      <PageHead title="随机抽查" hint="先冻结名单，再录种子，按票号抽取；抽到谁，任何人都能重算" />
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active /></div>}
      {data?.length === 0 && <Nothing title="还没有抽查" hint="每季第三个月开始抽查，抽样框冻结后会出现在这里。" />}
      {data && data.length > 0 && <DataTable stacked caption="历次抽查" columns={COLUMNS} rows={data} rowKey={(row) => row.number} />}
    </>
  );
}
