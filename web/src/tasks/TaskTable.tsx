/** Desktop list. Arrow keys move from row to row, Enter opens. */
import { Button } from "antd";
import type { KeyboardEvent } from "react";
import type { TaskRow } from "../api/types";
import { DataTable, type Column } from "../common/DataTable";
import { Flags } from "../common/Flags";
import { DueTag } from "../common/lights";
import { when } from "../common/time";
import { rowHref, signedWords, verbOf, workable } from "./links";

function columns(tab: string): Column<TaskRow>[] {
  return [
    {
      key: "who", label: "对象与位置",
      render: (row) => (
        <>
          <a className="row-link" href={rowHref(row, tab)}>{row.title}</a> <Flags urgent={row.urgent} flags={row.flags} />
          <div className="muted">{row.place}</div>
        </>
      ),
    },
    {
      key: "step", label: "当前环节",
      render: (row) => (
        <>
          {row.name}
          <div className="muted">{row.process_name}</div>
          {signedWords(row) && <div className="muted">{signedWords(row)}</div>}
        </>
      ),
    },
    { key: "due", label: "办理时限", render: (row) => <DueTag due={row.due} term /> },
    {
      key: "from", label: "来自",
      render: (row) => (
        <>
          {row.came_from ?? "系统"}
          <div className="muted nowrap">{when(row.created_at)} 到达</div>
        </>
      ),
    },
    { key: "holder", label: "承办人", render: (row) => (row.mine ? "本人" : (row.holder ?? <span className="muted nowrap">待认领</span>)) },
    {
      key: "do", label: "操作", width: 120,
      render: (row) => (
        <Button type={workable(tab) ? "primary" : "default"} href={rowHref(row, tab)} aria-label={`${verbOf(row, tab)}：${row.title}，${row.name}`}>
          {verbOf(row, tab)}
        </Button>
      ),
    },
  ];
}

function moveByArrow(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("a.row-link")];
  const row = (event.target as HTMLElement).closest("tr");
  const at = links.findIndex((link) => link.closest("tr") === row);
  if (at < 0) return;
  event.preventDefault();
  links[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
}

export function TaskTable({ rows, tab }: { rows: TaskRow[]; tab: string }) {
  return (
    <div onKeyDown={moveByArrow}>
      <DataTable
        caption="事项列表" columns={columns(tab)} rows={rows} rowKey={(row) => row.id}
        rowClass={(row) => (row.due.light === "overdue" ? "row-overdue" : "")}
      />
    </div>
  );
}
