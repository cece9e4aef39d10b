/** 区划调整: what has been changed and is planned, and the figures on the tree of two days side by side. */
import { useQuery } from "@tanstack/react-query";
import { App, Button, DatePicker, Popconfirm, Skeleton } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { get } from "../api/client";
import { useRight } from "../app/session";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { Problem } from "../common/Problem";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import { AreaChangeDialog } from "./AreaChangeDialog";
import { useChange } from "./dialogs";
import { useTree } from "./TreeTab";
import type { AreaChange, CountRow, Counts } from "./types";

const STATES: Record<AreaChange["state"], string> = { planned: "待生效", applied: "已生效", cancelled: "已撤销", failed: "未能生效" };

export function ChangesTab() {
  const may = useRight("reorganise");
  const [open, setOpen] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: ["organisation", "changes"], queryFn: ({ signal }) => get<{ items: AreaChange[]; total: number }>("/organisation/changes", {}, signal) });
  const columns: Column<AreaChange>[] = [
    { key: "text", label: "调整", render: (one) => <>{one.text}<small className="muted log-more">{one.document} · {one.by}</small></> },
    { key: "on", label: "生效日期", render: (one) => <span className="nowrap">{day(one.on, { year: true })}</span> },
    { key: "state", label: "状态", render: (one) => <span className={one.state === "failed" ? "vacant nowrap" : "nowrap"}>{STATES[one.state]}</span> },
    { key: "result", label: "结果", render: (one) => one.result.map((line) => `${line.label} ${line.value}`).join("，") || "—" },
    { key: "do", label: "操作", render: (one) => (may && one.state === "planned" ? <Cancel id={one.id} /> : null) },
  ];
  return (
    <div className="stack">
      {may && <div className="row"><Button type="primary" onClick={() => setOpen(true)}>办理区划调整</Button></div>}
      {error && <Problem error={error} retry={() => void refetch()} />}
      {!data && !error && <div className="panel"><Skeleton active /></div>}
      {data?.items.length === 0 && <Nothing title="还没有区划调整" hint="村（居）合并、拆分、更名、划转按批准文件登记，到日自动生效：在办事项、任务、任职和户随新单位，已办结的留在原单位。" />}
      {data && data.items.length > 0 && <DataTable caption="区划调整" rows={data.items} rowKey={(one) => one.id} columns={columns} />}
      <Compare />
      {open && <AreaChangeDialog close={() => setOpen(false)} />}
    </div>
  );
}

function Cancel({ id }: { id: string }) {
  const { message } = App.useApp();
  const write = useChange(`/organisation/changes/${id}/cancel`);
  const cancel = () => write.mutate({}, { onSuccess: (done) => void message.success(done.message), onError: (error) => void message.error(error.message) });
  return <Popconfirm title="撤销这次尚未生效的调整？" okText="撤销" cancelText="保留" onConfirm={cancel}><Button size="small" danger loading={write.isPending}>撤销</Button></Popconfirm>;
}

const useCounts = (area: string, on: string) =>
  useQuery({ queryKey: ["organisation", "counts", area, on], queryFn: ({ signal }) => get<Counts>("/organisation/counts", { area, on: on || undefined }, signal) });

const FIGURES: Column<CountRow>[] = [
  { key: "name", label: "单位", render: (row) => row.name },
  { key: "households", label: "户", align: "right", render: (row) => row.households },
  { key: "open", label: "在办", align: "right", render: (row) => row.open_cases },
  { key: "closed", label: "办结", align: "right", render: (row) => row.closed_cases },
];

function Compare() {
  const address = useAddress();
  const { data: tree } = useTree();
  const towns = (tree?.units ?? []).filter((unit) => unit.tier === "town");
  const area = address.get("area") || (towns.length === 1 ? towns[0].path : "");
  const on = address.get("day");
  const [now, then] = [useCounts(area, ""), useCounts(area, on)];
  return (
    <section className="panel" aria-labelledby="compare">
      <h2 id="compare">新旧区划口径对照</h2>
      <div className="filters">
        <AreaFilter value={area} onChange={(next) => address.set({ area: next })} />
        <DatePicker value={on ? dayjs(on) : null} placeholder="与哪一天的区划对照" aria-label="与哪一天的区划对照" onChange={(next) => address.set({ day: next?.format("YYYY-MM-DD") })} />
      </div>
      <div className="compare">
        {on && <Side title={`${day(on, { year: true })} 的区划`} counts={then.data} error={then.error} />}
        <Side title="现行区划" counts={now.data} error={now.error} />
      </div>
      <p className="muted">同一批户和事项按两天的区划分别归集：合计必须相等。当日区划里没有对应单位的，计入上级单位。</p>
    </section>
  );
}

function Side({ title, counts, error }: { title: string; counts: Counts | undefined; error: Error | null }) {
  if (error) return <Problem error={error} />;
  if (!counts) return <Skeleton active />;
  const total = { ...counts.total, name: "合计", area: "total" };
  return (
    <div>
      <h3>{title}</h3>
      <DataTable caption={title} rows={[...counts.rows, total]} rowKey={(row) => row.area} columns={FIGURES} rowClass={(row) => (row.area === "total" ? "total-row" : "")} />
      {counts.total.unplaced > 0 && <p className="muted">其中 {counts.total.unplaced} 条发生在此后新设的单位，计入上级单位。</p>}
    </div>
  );
}
