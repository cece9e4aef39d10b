/** 督查总览: which areas are late, and which are silent. */
import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { get } from "../api/client";
import type { Area, Cell, Overview } from "../api/types";
import { href } from "../app/router";
import { useWide } from "../app/useWide";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { TabList, TabPanel } from "../common/TabList";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { chainTo, useAreas } from "../forms/fields/AreaControl";
import { IndicatorTables } from "../loop/IndicatorTables";
import { RefusedAgain } from "../loop/RefusedAgain";
import { TaskCards } from "../tasks/TaskCards";
import { TaskTable } from "../tasks/TaskTable";
import "../tasks/tasks.css";
import "./overview.css";

/** Known totals in reading order; what else the server counts follows under its own name. */
const TOTALS: [string, string][] = [
  ["open", "办理中"], ["overdue", "超期"], ["soon", "临期"], ["leads_30d", "近 30 日新线索"], ["done_30d", "近 30 日办结"], ["silent", "超 30 日未报的村（居）"], ["incidents", "运行异常"],
];
const SILENT_FROM = 30;
const PANEL = "overview-panel";
const TABS = [{ key: "work", label: "办理情况" }, { key: "speed", label: "早发现早救助" }, { key: "refused", label: "反复上报未采纳" }];

function Totals({ totals }: { totals: Record<string, number> }) {
  const shown = TOTALS.filter(([key]) => key in totals);
  return (
    <ul className="plain-list totals" aria-label="合计">
      {shown.map(([key, label]) => (
        <li key={key} className={(key === "overdue" || key === "silent" || key === "incidents") && totals[key] > 0 ? "total total-hot" : "total"}>
          <strong className="num">{totals[key]}</strong>
          <span>{label}</span>
        </li>
      ))}
    </ul>
  );
}

/** A town without villages has nobody who could report: it is not silent. */
export function silence(cell: Cell, empty: boolean): string {
  if (empty && cell.last_report === null) return "没有村（居）";
  if (cell.silent_days === null) return cell.last_report ? `${when(cell.last_report)}` : "从未上报";
  if (cell.silent_days === 0) return "今日有上报";
  return `${cell.silent_days} 天未上报`;
}

const isSilent = (cell: Cell, empty: boolean): boolean => !(empty && cell.last_report === null) && (cell.silent_days === null ? cell.last_report === null : cell.silent_days >= SILENT_FROM);

function columns(known: Area[]): Column<Cell>[] {
  const deeper = (cell: Cell) => (known.find((area) => area.path === cell.area)?.children ?? 0) > 0;
  const empty = (cell: Cell) => cell.tier === "town" && known.length > 0 && !deeper(cell);
  const count = (cell: Cell, value: number, query: Record<string, string>) =>
    value > 0 ? <a href={href("/cases", { area: cell.area, ...query })}>{value}</a> : "0";
  return [
    { key: "name", label: "辖区", render: (cell) => (deeper(cell) ? <a className="row-link" href={href("/overview", { area: cell.area })}>{cell.name}</a> : <strong>{cell.name}</strong>) },
    { key: "open", label: "办理中", align: "right", render: (cell) => count(cell, cell.open, { status: "active" }) },
    { key: "overdue", label: "超期", align: "right", render: (cell) => (cell.overdue > 0 ? <span className="hot">■ {count(cell, cell.overdue, { light: "overdue" })}</span> : "0") },
    { key: "soon", label: "临期", align: "right", render: (cell) => cell.soon },
    { key: "leads", label: "近 30 日线索", align: "right", render: (cell) => cell.leads_30d },
    { key: "done", label: "近 30 日办结", align: "right", render: (cell) => cell.done_30d },
    { key: "silent", label: "最近上报", render: (cell) => (isSilent(cell, empty(cell)) ? <span className="silent">‖ {silence(cell, empty(cell))}</span> : silence(cell, empty(cell))) },
  ];
}

function Crumbs({ area, areas }: { area: string; areas: Area[] }) {
  const chain = chainTo(areas, area);
  if (chain.length === 0) return null;
  return (
    <nav aria-label="辖区层级" className="crumbs">
      <a href={href("/overview")}>全部</a>
      {chain.map((one) => <span key={one.path}> / {one.path === area ? <strong>{one.name}</strong> : <a href={href("/overview", { area: one.path })}>{one.name}</a>}</span>)}
    </nav>
  );
}

export function OverviewPage() {
  const wide = useWide();
  const address = useAddress();
  const area = address.get("area");
  const { data: areas = [] } = useAreas();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["overview", area],
    queryFn: ({ signal }) => get<Overview>("/overview", { area }, signal),
    refetchInterval: 120_000,
  });
  const tab = TABS.find((one) => one.key === address.get("tab"))?.key ?? "work";
  const Late = wide ? TaskTable : TaskCards;
  return (
    <>
      <PageHead title="督查总览" hint={data && `截至 ${when(data.at)}`} />
      <Crumbs area={area} areas={areas} />
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 8 }} /></div>}
      {data && (
        <div className="stack">
          <Totals totals={data.totals} />
          <div>
            <TabList label="督查" panel={PANEL} items={TABS} current={tab} onChange={(next) => address.set({ tab: next === "work" ? undefined : next })} />
            <TabPanel id={PANEL} current={tab}>
              {tab === "speed" && <IndicatorTables area={area} />}
              {tab === "refused" && <RefusedAgain area={area} />}
              {tab === "work" && (
                <div className="stack">
                  {data.rows.length > 0 ? (
                    <DataTable caption="各辖区办理情况" columns={columns(areas)} rows={data.rows} rowKey={(cell) => cell.area} rowClass={(cell) => (cell.overdue > 0 ? "row-overdue" : "")} />
                  ) : (
                    <Nothing title="没有下级辖区" hint="该辖区的办理情况见上方合计。" />
                  )}
                  <section aria-labelledby="late">
                    <h2 id="late" className="overview-late">超期事项</h2>
                    {data.overdue.length > 0 ? <Late rows={data.overdue} tab="view" /> : <Nothing title="没有超期事项" hint="超过办理时限仍未办结的环节会列在这里。" />}
                  </section>
                </div>
              )}
            </TabPanel>
          </div>
        </div>
      )}
    </>
  );
}
