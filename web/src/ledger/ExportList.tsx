/** 导出记录: who took out what, and the requests that wait for a second person. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Skeleton } from "antd";
import { get, post, url } from "../api/client";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { Problem } from "../common/Problem";
import { when } from "../common/time";
import { EXPORT_STATES, type ExportRow } from "./types";

function Answer({ row }: { row: ExportRow }) {
  const { message } = App.useApp();
  const client = useQueryClient();
  const write = useMutation({
    mutationFn: (agreed: boolean) => post<ExportRow>(`/exports/${row.id}/answer`, { revision: row.revision, agreed }),
    onSuccess: (done) => { void message.success(done.state === "ready" ? "已同意" : "未同意"); void client.invalidateQueries({ queryKey: ["exports"] }); },
    onError: (error) => void message.error(error.message, 6),
  });
  return (
    <span className="row">
      <Button size="small" type="primary" loading={write.isPending} onClick={() => write.mutate(true)}>同意</Button>
      <Button size="small" disabled={write.isPending} onClick={() => write.mutate(false)}>不同意</Button>
    </span>
  );
}

const COLUMNS: Column<ExportRow>[] = [
  { key: "name", label: "文件", render: (row) => <>{row.name.replace(/\.xlsx$/, "")}<div className="muted">{row.unmasked ? `不脱敏 · 用途：${row.purpose}` : "已脱敏"}</div></> },
  { key: "who", label: "导出人", render: (row) => <>{row.asked_by}<div className="muted">{when(row.asked_at)}</div></> },
  { key: "rows", label: "行数", align: "right", render: (row) => row.rows ?? "" },
  { key: "second", label: "审批人", render: (row) => (row.unmasked ? <>{row.answered_by ?? "待审批"}{row.answered_at && <div className="muted">{when(row.answered_at)}</div>}</> : "—") },
  {
    key: "state", label: "状态",
    render: (row) => {
      if (row.to_answer) return <Answer row={row} />;
      if (row.mine && row.state === "ready") return <a href={url(`/exports/${row.id}.xlsx`)}>下载（{when(row.expires_at)} 前）</a>;
      return EXPORT_STATES[row.state];
    },
  },
];

export function ExportList() {
  const { data, error, isPending, refetch } = useQuery({ queryKey: ["exports"], queryFn: ({ signal }) => get<ExportRow[]>("/exports", {}, signal) });
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (isPending) return <div className="panel"><Skeleton active /></div>;
  if (data.length === 0) return <Nothing title="还没有导出记录" hint="每次导出台账，都会在这里留下谁、何时、导出了什么。" />;
  return <DataTable caption="导出记录" columns={COLUMNS} rows={data} rowKey={(row) => row.id} />;
}
