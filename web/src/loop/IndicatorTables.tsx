/** 早发现、早报告、早救助 and the network of informants, with the list behind each figure. */
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { href } from "../app/router";
import { DataTable, type Column } from "../common/DataTable";
import { Problem } from "../common/Problem";
import { day, when } from "../common/time";
import type { IndicatorRow, Indicators, InformantRow, Spread } from "./types";

/** 「3.5 小时」, from two days on in days. */
export function hours(value: number): string {
  return value < 48 ? `${Math.round(value * 10) / 10} 小时` : `${Math.round((value / 24) * 10) / 10} 天`;
}

function Interval({ spread }: { spread: Spread | null }) {
  if (!spread) return <span className="muted">没有数据</span>;
  return <>{hours(spread.median)}<div className="muted">九成在 {hours(spread.p90)} 内 · {spread.n} 件</div></>;
}

/** Part of a whole, with the percentage; nothing to divide by is said, not shown as zero. */
export function share(part: number, whole: number): string {
  return whole === 0 ? "没有数据" : `${Math.round((100 * part) / whole)}%（${part}/${whole}）`;
}

function speed(span: { from: string; to: string }): Column<IndicatorRow>[] {
  return [
    { key: "name", label: "辖区", render: (row) => <strong>{row.name}</strong> },
    { key: "leads", label: "线索", align: "right", render: (row) => (row.leads > 0 ? <a href={href("/ledger", { area: row.area, ...span })}>{row.leads}</a> : "0") },
    { key: "visit", label: "走访发现占比", render: (row) => share(row.by_visit, row.leads) },
    { key: "found", label: "发生到发现（中位）", render: (row) => <Interval spread={row.found} /> },
    { key: "reported", label: "发现到上报（中位）", render: (row) => <Interval spread={row.reported} /> },
    { key: "helped", label: "上报到首次救助（中位）", render: (row) => <Interval spread={row.helped} /> },
  ];
}

function network(open: (area: string) => void): Column<IndicatorRow>[] {
  return [
    { key: "name", label: "辖区", render: (row) => <strong>{row.name}</strong> },
    { key: "active", label: "活跃信息员", render: (row) => (row.informants > 0 ? <Button type="link" className="figure" onClick={() => open(row.area)}>{share(row.active, row.informants)}</Button> : "没有信息员") },
    { key: "visited", label: "走访户", render: (row) => <a href={href("/homes", { area: row.area })}>{share(row.visited, row.homes)}</a> },
    { key: "channels", label: "渠道畅通", render: (row) => share(row.tested, row.channels) },
    { key: "late", label: "走访超期", render: (row) => <a href={href("/homes", { area: row.area, due: "overdue" })}>查看名单</a> },
    { key: "time", label: "按时办理", render: (row) => <a href={href("/cases", { area: row.area })}>{share(row.in_time, row.due)}</a> },
  ];
}

function Informants({ area, span }: { area: string; span: { from: string; to: string } }) {
  const { data = [], error } = useQuery({ queryKey: ["informants", area, span], queryFn: ({ signal }) => get<InformantRow[]>("/indicators/informants", { area, ...span }, signal) });
  if (error) return <Problem error={error} />;
  const columns: Column<InformantRow & { key: number }>[] = [
    { key: "name", label: "姓名", render: (row) => <strong>{row.name}</strong> },
    { key: "post", label: "岗位", render: (row) => row.post },
    { key: "place", label: "村（居）", render: (row) => row.place },
    { key: "last", label: "最近活动", render: (row) => (row.last ? when(row.last) : <span className="silent">‖ 期间没有走访、线索和报告</span>) },
  ];
  return <DataTable caption="信息员" columns={columns} rows={data.map((row, key) => ({ ...row, key }))} rowKey={(row) => String(row.key)} />;
}

export function IndicatorTables({ area }: { area: string }) {
  const [open, setOpen] = useState<string | null>(null);
  const { data, error } = useQuery({ queryKey: ["indicators", area], queryFn: ({ signal }) => get<Indicators>("/indicators", { area }, signal) });
  if (error) return <Problem error={error} />;
  if (!data) return null;
  const span = { from: data.first, to: data.last };
  const rows = [{ ...data.total, name: "合计" }, ...data.rows.filter((row) => row.area !== data.area)];
  const key = (row: IndicatorRow) => `${row.area}${row.name}`;
  return (
    <section aria-labelledby="speed" className="stack">
      <div>
        <h2 id="speed" className="overview-late">早发现、早报告、早救助 <small className="muted">{day(data.first, { year: true })} 至 {day(data.last)}</small></h2>
        <DataTable caption="早发现、早报告、早救助" columns={speed(span)} rows={rows} rowKey={key} />
      </div>
      <div>
        <h2 className="overview-late">发现网络</h2>
        <DataTable caption="发现网络" columns={network((next) => setOpen(open === next ? null : next))} rows={rows} rowKey={key} />
      </div>
      {open && <Informants area={open} span={span} />}
    </section>
  );
}
