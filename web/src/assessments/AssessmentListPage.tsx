/** 考核: who was assessed, with which score – as computed, and after appeals. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select, Skeleton } from "antd";
import { get } from "../api/client";
import { href } from "../app/router";
import { useMe } from "../app/session";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import { StartMenu } from "../starts/StartMenu";
import type { AssessmentPage, AssessmentRow } from "./types";
import "./assessments.css";

const UNITS = [{ value: "", label: "全部对象" }, { value: "town", label: "镇（街）" }, { value: "village", label: "村（居）" }, { value: "cadre", label: "包村干部" }];

function Score({ row }: { row: AssessmentRow }) {
  if (row.final_score === null) return <>{row.score.toFixed(2)}</>;
  return row.final_score === row.score ? <>{row.score.toFixed(2)}</> : <>{row.final_score.toFixed(2)} <span className="muted">（原 {row.score.toFixed(2)}）</span></>;
}

const COLUMNS: Column<AssessmentRow>[] = [
  { key: "subject", label: "考核对象", render: (row) => <a href={href(`/assessments/${row.number}`)}>{row.subject}</a> },
  { key: "unit", label: "类别", render: (row) => row.unit_name },
  { key: "period", label: "考核期间", render: (row) => <span className="nowrap">{day(row.begins, { year: true })} 至 {day(row.last, { year: true })}</span> },
  { key: "score", label: "得分", align: "right", render: (row) => <Score row={row} /> },
  { key: "grade", label: "等次", render: (row) => row.grade ?? "未定级" },
  { key: "appeals", label: "申诉", render: (row) => (row.appeals ? `${row.appeals} 次` : "") },
  { key: "case", label: "办理", render: (row) => <a href={href(`/cases/${row.case_id}`)}>办理过程</a> },
];

export function AssessmentListPage() {
  const address = useAddress();
  const me = useMe();
  const filters = { period: address.get("period"), unit: address.get("unit"), area: address.get("area") };
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    queryKey: ["assessments", filters, address.page],
    queryFn: ({ signal }) => get<AssessmentPage>("/assessments", { ...filters, page: address.page }, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead title="考核" hint="每年 12 月由系统从办件汇总计分；每个数字都有名单，可申诉，改分的保留原分">
        {me.rights.includes("supervise") && <StartMenu />}
      </PageHead>
      <div className="filters" role="search" aria-label="筛选考核">
        <Select aria-label="年度" value={filters.period} onChange={(period) => address.set({ period })} options={[{ value: "", label: "全部年度" }, ...(data?.periods ?? []).map((one) => ({ value: one, label: `${one} 年` }))]} />
        <Select aria-label="考核对象" value={filters.unit} onChange={(unit) => address.set({ unit })} options={UNITS} />
        <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data?.items.length === 0 && <Nothing title="还没有考核表" hint="每年 12 月 1 日起自动开出；区局和镇（街）也可以随时发起。" />}
      {data && data.items.length > 0 && <div aria-busy={isPlaceholderData}><DataTable stacked caption="考核" columns={COLUMNS} rows={data.items} rowKey={(row) => row.number} /></div>}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
    </>
  );
}
