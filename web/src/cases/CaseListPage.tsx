/** 救助事项: every case of my area, open and closed. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select, Skeleton } from "antd";
import { get } from "../api/client";
import { useProcesses } from "../api/queries";
import type { CaseRow, Page } from "../api/types";
import { href } from "../app/router";
import { useWide } from "../app/useWide";
import { DataTable, type Column } from "../common/DataTable";
import { Flags } from "../common/Flags";
import { DueTag, LIGHTS } from "../common/lights";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { SearchBox } from "../common/SearchBox";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { AreaFilter } from "./AreaFilter";
import { STATUS, whereWords } from "./status";
import "../tasks/tasks.css";

const COLUMNS: Column<CaseRow>[] = [
  {
    key: "title", label: "救助对象",
    render: (row) => (
      <>
        <a className="row-link" href={href(`/cases/${row.id}`)}>{row.title}</a> <Flags urgent={row.urgent} flags={[]} />
        <div className="muted">{row.place}</div>
      </>
    ),
  },
  { key: "process", label: "事项", render: (row) => <>{row.process_name}<div className="muted num">{row.number}</div></> },
  { key: "where", label: "阶段与环节", render: whereWords },
  { key: "due", label: "时限", render: (row) => <DueTag due={row.due} term /> },
  { key: "opened", label: "登记时间", render: (row) => <>{when(row.opened_at)}{row.closed_at && <div className="muted">{when(row.closed_at)} 办结</div>}</> },
];

function Cards({ rows }: { rows: CaseRow[] }) {
  return (
    <ul className="plain-list cards">
      {rows.map((row) => (
        <li key={row.id}>
          <a className={`card card-${row.due.light}`} href={href(`/cases/${row.id}`)}>
            <span className="card-top"><DueTag due={row.due} /><Flags urgent={row.urgent} flags={[]} /></span>
            <strong>{row.title}</strong>
            <span className="muted">{row.place}</span>
            <span>{row.process_name} · {whereWords(row)}</span>
            <span className="muted num">{row.number} · {when(row.opened_at)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

const ALL = (label: string) => ({ value: "", label });

export function CaseListPage() {
  const wide = useWide();
  const address = useAddress();
  const filters = {
    q: address.get("q"), status: address.get("status"), process: address.get("process"), light: address.get("light"), area: address.get("area"),
  };
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    queryKey: ["cases", filters, address.page],
    queryFn: ({ signal }) => get<Page<CaseRow>>("/cases", { ...filters, page: address.page }, signal),
    placeholderData: keepPreviousData,
  });
  const { data: processes = [] } = useProcesses();
  const filtered = Object.values(filters).some(Boolean);
  return (
    <>
      <PageHead title="救助事项" hint={data && `共 ${data.total} 件`} />
      <div className="filters" role="search" aria-label="筛选救助事项">
        <SearchBox value={filters.q} label="按姓名、编号、村组查找" onChange={(q) => address.set({ q })} />
        <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />
        <Select aria-label="办理状态" value={filters.status} onChange={(status) => address.set({ status })} options={[ALL("全部状态"), ...Object.entries(STATUS).map(([value, label]) => ({ value, label }))]} />
        <Select aria-label="事项类别" value={filters.process} onChange={(process) => address.set({ process })} popupMatchSelectWidth={false} options={[ALL("全部事项类别"), ...processes.map((one) => ({ value: one.process, label: one.name }))]} />
        <Select aria-label="时限状态" value={filters.light} onChange={(light) => address.set({ light })} options={[ALL("全部时限状态"), { value: "overdue", label: `${LIGHTS.overdue.shape} 超期` }]} />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data?.items.length === 0 && (
        <Nothing title={filtered ? "没有符合条件的事项" : "辖区内还没有救助事项"} hint={filtered ? "可减少筛选条件后再查。" : "上报的线索受理后会出现在这里。"} />
      )}
      {data && data.items.length > 0 && (
        <div aria-busy={isPlaceholderData}>
          {wide ? <DataTable caption="救助事项" columns={COLUMNS} rows={data.items} rowKey={(row) => row.id} rowClass={(row) => (row.due.light === "overdue" ? "row-overdue" : "")} /> : <Cards rows={data.items} />}
        </div>
      )}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
    </>
  );
}
