/** 转介收发: what was referred to my department – or, for town and bureau, to every department – and until when it is to be answered. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select, Skeleton } from "antd";
import { get } from "../api/client";
import { href } from "../app/router";
import { useMe } from "../app/session";
import { useWide } from "../app/useWide";
import { DataTable, type Column } from "../common/DataTable";
import { DueTag } from "../common/lights";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { SearchBox } from "../common/SearchBox";
import { TabList, TabPanel } from "../common/TabList";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import type { ReferralList, ReferralRow, ReferralState } from "./types";
import { emptyWords, MARKS, tabsOf } from "./words";
import "../tasks/tasks.css";
import "./referrals.css";

const PANEL = "referrals";
const open = (row: ReferralRow): boolean => row.state === "waiting" || row.state === "working";
const page = (row: ReferralRow): string => href(`/referrals/${row.reference}`);

export function State({ row }: { row: ReferralRow }) {
  return <span className={`referral-state referral-${row.state}`}><span aria-hidden="true">{MARKS[row.state]}</span> {row.state_text}</span>;
}

function columns(follows: boolean): Column<ReferralRow>[] {
  return [
    { key: "name", label: "转介对象", render: (row) => <><a className="row-link" href={page(row)}>{row.name}</a>{row.place && <div className="muted">{row.place}</div>}</> },
    { key: "programme", label: "事项", render: (row) => <>{row.programme}<div className="muted num">{row.reference}</div></> },
    ...(follows ? [{ key: "department", label: "承办部门", render: (row: ReferralRow) => row.department_text }] : []),
    { key: "state", label: "状态", render: (row) => <><State row={row} />{row.said && <div className="muted referral-said">{row.said}</div>}</> },
    { key: "due", label: "时限", render: (row) => (open(row) ? <DueTag due={row.due} term /> : "–") },
    { key: "sent", label: "发出", render: (row) => <>{when(row.sent_at)}<div className="muted">{row.channel_text}</div></> },
  ];
}

function Cards({ rows, follows }: { rows: ReferralRow[]; follows: boolean }) {
  return (
    <ul className="plain-list cards">
      {rows.map((row) => (
        <li key={row.reference}>
          <a className={`card card-${row.due.light}`} href={page(row)}>
            <span className="card-top"><State row={row} />{open(row) && <DueTag due={row.due} />}</span>
            <strong>{row.name}　{row.programme}</strong>
            {follows && <span>{row.department_text}</span>}
            {row.said && <span className="muted referral-said">{row.said}</span>}
            <span className="muted num">{row.reference} · {when(row.sent_at)} {row.channel_text}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

export function ReferralListPage() {
  const wide = useWide();
  const address = useAddress();
  const filters = { q: address.get("q"), department: address.get("department") };
  // A department begins with what it has not taken yet, who follows several with all of it.
  const begin = useMe().stranger ? "waiting" : "all";
  const asked = address.get("tab") || begin;
  const tab = (asked === "all" ? "" : asked) as ReferralState | "";
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    queryKey: ["referrals", tab, filters, address.page],
    queryFn: ({ signal }) => get<ReferralList>("/referrals", { ...filters, tab, page: address.page }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const follows = data?.follows ?? false;
  const filtered = Boolean(filters.q || filters.department);
  const empty = emptyWords(tab, filtered, follows);
  return (
    <>
      <PageHead title="转介收发" hint={follows ? "转介给各部门的事项：谁在办、何时到期、结果如何" : "转介给本单位的事项：请在期限内接收或退回，办结后报送结果"} />
      <div className="filters" role="search" aria-label="筛选转介">
        <SearchBox value={filters.q} label="姓名或转介编号" onChange={(q) => address.set({ q })} />
        {data && data.departments.length > 1 && (
          <Select aria-label="承办部门" value={filters.department} onChange={(department) => address.set({ department })} popupMatchSelectWidth={false} options={[{ value: "", label: "全部部门" }, ...data.departments]} />
        )}
      </div>
      {data && <TabList label="转介状态" items={tabsOf(data)} current={tab} panel={PANEL} onChange={(next) => address.set({ tab: (next || "all") === begin ? undefined : next || "all" })} />}
      <TabPanel id={PANEL} current={tab}>
        {error && <Problem error={error} retry={() => void refetch()} />}
        {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
        {data?.items.length === 0 && <Nothing title={empty.title} hint={empty.hint} />}
        {data && data.items.length > 0 && (
          <div aria-busy={isPlaceholderData}>
            {wide
              ? <DataTable caption="转介" columns={columns(follows)} rows={data.items} rowKey={(row) => row.reference} rowClass={(row) => (row.due.light === "overdue" ? "row-overdue" : "")} />
              : <Cards rows={data.items} follows={follows} />}
          </div>
        )}
        {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(next) => address.set({ page: next })} />}
      </TabPanel>
    </>
  );
}
