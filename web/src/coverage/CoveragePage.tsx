/** 走访覆盖: who is visited, who says that there is nothing, and who says nothing – three different things. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Segmented, Skeleton } from "antd";
import { get } from "../api/client";
import type { Day } from "../api/types";
import { href } from "../app/router";
import { useWide } from "../app/useWide";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { TabList, TabPanel } from "../common/TabList";
import { day, when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { Alarms } from "./Alarms";
import { StateTag } from "./StateTag";
import type { CoverCell, Coverage, CoverRow, State } from "./types";
import { VillageDays } from "./VillageDays";
import "../overview/overview.css";
import "../tasks/tasks.css";
import "./coverage.css";

const PANEL = "coverage-panel";
const LEGEND: [State, string, string][] = [
  ["visited", "已访", "有走访或线索"], ["zero", "零报告", "明确报告没有新情况"], ["silent", "未报（静默）", "该报而没有报"],
  ["unsynced", "设备未同步", "设备没有连上，七日后按静默"], ["vacant", "岗位空缺", "没有人在岗"],
];
const TOTALS: [string, string, boolean][] = [
  ["visited", "已访村（居）", false], ["zero", "零报告", false], ["silent", "静默", true], ["unsynced", "设备未同步", true], ["vacant", "岗位空缺", true], ["overdue", "走访超期的户", true],
];

function heading(unit: Coverage["unit"], first: Day): string {
  const [year, month] = first.split("-").map(Number);
  if (unit === "week") return `${day(first)}起一周`;
  return unit === "month" ? `${month} 月` : `${year} 年第 ${Math.ceil(month / 3)} 季度`;
}

function Cell({ row, cell }: { row: CoverRow; cell: CoverCell }) {
  const village = row.tier === "village";
  const span = { from: cell.first, to: cell.last };
  const days = (only: State) => href("/coverage", village ? { village: row.area, only, ...span } : { area: row.area });
  return (
    <span className="cover-cell">
      {village ? <a href={href("/coverage", { village: row.area, ...span })}><StateTag state={cell.state} label={cell.label} /></a> : <StateTag state={cell.state} label={cell.label} />}
      {cell.expected > 0 && <a href={href("/homes", { area: row.area })}>应访 {cell.expected} 户，已访 {cell.visited}</a>}
      {cell.visits > 0 && <a href={href("/rounds", { tab: "all", area: row.area, ...span })}>走访 {cell.visits} 次</a>}
      {cell.leads > 0 && <a href={href("/ledger", { area: row.area, ...span })}>线索 {cell.leads} 条</a>}
      {cell.silent > 0 && <a className="hot" href={days("silent")}>‖ 静默 {cell.silent} 日</a>}
      {cell.unsynced > 0 && <a href={days("unsynced")}>未同步 {cell.unsynced} 日</a>}
    </span>
  );
}

function columns(unit: Coverage["unit"], rows: CoverRow[]): Column<CoverRow>[] {
  const cells = rows[0]?.cells ?? [];
  return [
    {
      key: "name", label: "辖区",
      render: (row) => (
        <>
          <a className="row-link" href={row.tier === "village" ? href("/coverage", { village: row.area }) : href("/coverage", { area: row.area, unit })}>{row.name}</a>
          <div><span className="muted">目前 </span><StateTag state={row.state} label={row.label} /></div>
          {row.overdue > 0 && <div><a className="hot" href={href("/homes", { area: row.area, due: "overdue" })}>■ {row.overdue} 户走访超期</a></div>}
          {row.last_sync && <div className="muted">最后同步 {when(row.last_sync)}</div>}
        </>
      ),
    },
    ...cells.map((cell, index): Column<CoverRow> => ({ key: cell.first, label: heading(unit, cell.first), render: (row) => <Cell row={row} cell={row.cells[index]} /> })).reverse(),
  ];
}

function Cards({ rows }: { rows: CoverRow[] }) {
  return (
    <ul className="plain-list cards">
      {rows.map((row) => {
        const cell = row.cells[row.cells.length - 1];
        return (
          <li key={row.area} className={`card ${row.state === "silent" ? "card-overdue" : "card-normal"}`}>
            <span className="card-top"><strong>{row.name}</strong><StateTag state={row.state} label={`目前${row.label}`} /></span>
            <Cell row={row} cell={cell} />
            {row.overdue > 0 && <a className="hot" href={href("/homes", { area: row.area, due: "overdue" })}>■ {row.overdue} 户走访超期</a>}
            {row.last_sync && <span className="muted">最后同步 {when(row.last_sync)}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function Matrix({ data }: { data: Coverage }) {
  const wide = useWide();
  if (data.rows.length === 0) return <Nothing title="辖区内没有村（居）在册" hint="有户册或有人在岗的村（居）会列在这里。" />;
  return wide
    ? <DataTable caption="走访覆盖" columns={columns(data.unit, data.rows)} rows={data.rows} rowKey={(row) => row.area} rowClass={(row) => (row.state === "silent" ? "row-overdue" : "")} />
    : <Cards rows={data.rows} />;
}

export function CoveragePage() {
  const address = useAddress();
  const village = address.get("village");
  return village ? <VillageDays area={village} /> : <Whole />;
}

function Whole() {
  const address = useAddress();
  const unit = (address.get("unit") || "month") as Coverage["unit"];
  const area = address.get("area");
  const { data, error, refetch } = useQuery({
    queryKey: ["coverage", area, unit],
    queryFn: ({ signal }) => get<Coverage>("/coverage", { area, unit }, signal),
    placeholderData: keepPreviousData,
  });
  const tabs = [{ key: "matrix", label: "覆盖表" }, { key: "alarms", label: "静默提醒" }];
  const tab = address.get("tab") || "matrix";
  return (
    <div className="stack">
      <PageHead title="走访覆盖" hint={data && `截至 ${day(data.today)}，${data.totals.villages} 个村（居）；合计为最近一个工作日`} />
      <div className="filters" role="search" aria-label="筛选覆盖">
        <AreaFilter value={area} onChange={(next) => address.set({ area: next })} />
        <Segmented aria-label="时段" value={unit} onChange={(next) => address.set({ unit: next })} options={[{ value: "week", label: "按周" }, { value: "month", label: "按月" }, { value: "quarter", label: "按季度" }]} />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {!data && !error && <div className="panel"><Skeleton active paragraph={{ rows: 8 }} /></div>}
      {data && (
        <ul className="plain-list totals" aria-label="最近一个工作日的村（居）数">
          {TOTALS.map(([key, label, hot]) => <li key={key} className={hot && data.totals[key] > 0 ? "total total-hot" : "total"}><strong className="num">{data.totals[key] ?? 0}</strong><span>{label}</span></li>)}
        </ul>
      )}
      <div>
        <TabList label="走访覆盖" panel={PANEL} items={tabs} current={tab} onChange={(next) => address.set({ tab: next === "matrix" ? undefined : next })} />
        <TabPanel id={PANEL} current={tab}>{tab === "alarms" ? <section className="panel"><Alarms /></section> : data && <Matrix data={data} />}</TabPanel>
      </div>
      <p className="cover-legend muted">{LEGEND.map(([state, label, meaning]) => <span key={state}><StateTag state={state} label={label} /> {meaning}</span>)}</p>
    </div>
  );
}
