/** 调整记录: what was proposed, confirmed, refused and loaded, newest first. */
import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { get } from "../api/client";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { Problem } from "../common/Problem";
import { day, when } from "../common/time";
import type { LegalChange } from "./types";

const STATES = { proposed: "待确认", confirmed: "已生效", refused: "未同意", withdrawn: "已撤回" } as const;

const state = (one: LegalChange): string => {
  if (one.kind === "calendar") return "已装入";
  return STATES[one.state];
};

const COLUMNS: Column<LegalChange>[] = [
  { key: "name", label: "项目", render: (one) => one.name },
  { key: "value", label: "调整", render: (one) => (one.kind === "calendar" ? one.value : `${one.before} → ${one.value}`) },
  { key: "from", label: "生效日期", render: (one) => (one.kind === "calendar" ? "即时" : day(one.valid_from, { year: true })) },
  { key: "state", label: "状态", render: state },
  { key: "who", label: "提出与确认", render: (one) => [`${one.proposed_by}（${when(one.proposed_at)}）`, one.decided_by && one.state !== "withdrawn" && `${one.decided_by}（${when(one.decided_at)}）`].filter(Boolean).join("；") },
  { key: "reason", label: "理由", render: (one) => [one.reason, one.answer].filter(Boolean).join("；") },
];

export function Journal() {
  const { data, error, isPending, refetch } = useQuery({ queryKey: ["terms", "journal"], queryFn: ({ signal }) => get<LegalChange[]>("/terms/changes", undefined, signal), staleTime: 0 });
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (isPending) return <div className="panel"><Skeleton active /></div>;
  if (data.length === 0) return <Nothing title="还没有调整过" hint="区里没有另定的项目，一律按依据办理。" />;
  return <section className="panel"><DataTable caption="调整记录" columns={COLUMNS} rows={data} rowKey={(one) => one.id} /></section>;
}
