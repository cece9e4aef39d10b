/** 评议会议: meetings of one's areas; the open appraisals that stand on no agenda are counted on top. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, Button, Select, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { href, navigate } from "../app/router";
import { useMe } from "../app/session";
import { useWide } from "../app/useWide";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { SearchBox } from "../common/SearchBox";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { FormDialog } from "../forms/FormDialog";
import { BEGIN } from "./schemas";
import type { MeetingDone, MeetingPage, MeetingRow, Waiting } from "./types";
import "./meetings.css";

const STATES = [
  { value: "", label: "全部状态" }, { value: "draft", label: "拟稿" }, { value: "convened", label: "已召集" }, { value: "closed", label: "已结束" },
  { value: "unfinished", label: "结束后有户未办结" }, { value: "cancelled", label: "已取消" },
];

function State({ row }: { row: MeetingRow }) {
  const late = row.state === "closed" && row.open > 0;
  return <span className={`meeting-state meeting-${late ? "late" : row.state}`}>{late ? `■ ${row.open} 户未办结` : row.state_text}</span>;
}

function Cases({ row }: { row: MeetingRow }) {
  const parts = [`${row.cases} 户`, row.done > 0 && `已评议 ${row.done}`, row.postponed > 0 && `延期 ${row.postponed}`, row.void > 0 && `不再需要 ${row.void}`];
  return <>{parts.filter(Boolean).join("，")}</>;
}

const link = (row: MeetingRow) => <a className="row-link nowrap" href={href(`/meetings/${row.number}`)}>{when(row.held_at)}</a>;

const COLUMNS: Column<MeetingRow>[] = [
  { key: "held", label: "时间", render: link },
  { key: "area", label: "辖区", render: (row) => <>{row.place_name}<div className="muted">{row.place}</div></> },
  { key: "cases", label: "评议对象", render: (row) => <Cases row={row} /> },
  { key: "people", label: "实到/应到", align: "right", render: (row) => `${row.present}/${row.invited}` },
  { key: "chair", label: "主持人", render: (row) => row.chair },
  { key: "state", label: "状态", render: (row) => <State row={row} /> },
  { key: "number", label: "编号", render: (row) => <span className="muted nowrap">{row.number}</span> },
];

function Card({ row }: { row: MeetingRow }) {
  return (
    <li className="panel">
      <div className="row">{link(row)}<State row={row} /></div>
      <div>{row.place_name} · {row.place}</div>
      <div className="muted"><Cases row={row} />；实到 {row.present}/{row.invited}；主持 {row.chair}</div>
    </li>
  );
}

/** Everything that waits in the chosen area goes on the new meeting's agenda; what does not belong is taken off there. */
function Begin({ waiting, close }: { waiting: Waiting[]; close: () => void }) {
  const me = useMe();
  const own = me.posts.find((post) => post.tier === "town" || post.tier === "village");
  const tasks = (area: string) => waiting.filter((one) => one.area === area || one.area.startsWith(`${area}/`)).map((one) => one.task);
  return (
    <FormDialog
      title="组织评议会议" ok="建立" hint="该辖区待评议的户全部列入议程，建立后可以移出。" schema={BEGIN} path="/meetings" renew={["meetings"]}
      values={{ area: own?.area, place: "村（居）委会会议室", convener: "village", chair: own?.tier === "town" ? me.id : null, recorder: me.name }}
      body={(values) => ({ ...values, tasks: tasks(String(values.area)) })} close={close}
      done={(answer: MeetingDone) => navigate(href(`/meetings/${answer.number}`))}
    />
  );
}

export function MeetingListPage() {
  const address = useAddress();
  const wide = useWide();
  const [beginning, setBeginning] = useState(false);
  const filters = { q: address.get("q"), area: address.get("area"), state: address.get("state") };
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["meetings", filters, address.page],
    queryFn: ({ signal }) => get<MeetingPage>("/meetings", { ...filters, page: address.page }, signal),
    placeholderData: keepPreviousData,
  });
  const waiting = useQuery({ queryKey: ["meetings", "waiting"], queryFn: ({ signal }) => get<Waiting[]>("/meetings/waiting", {}, signal) });
  const filtered = Boolean(filters.q || filters.area || filters.state);
  return (
    <>
      <PageHead title="评议会议" hint="一次会议可评多户：无记名投票，近亲属回避，意见供审核参考。">
        {data?.may_begin && <Button type="primary" disabled={!waiting.data} onClick={() => setBeginning(true)}>组织评议会议</Button>}
      </PageHead>
      <div className="filters" role="search" aria-label="筛选评议会议">
        <SearchBox value={filters.q} label="编号、地点、评议对象或文号" onChange={(q) => address.set({ q })} />
        <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />
        <Select aria-label="状态" value={filters.state} options={STATES} onChange={(state) => address.set({ state })} />
      </div>
      {data && data.waiting > 0 && <Alert className="meeting-waiting" type="info" showIcon title={`有 ${data.waiting} 户待评议，还没有列入会议。`} />}
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data?.items.length === 0 && <Nothing title={filtered ? "没有符合条件的会议" : "还没有评议会议"} hint={filtered ? "可放宽条件再查。" : "审核中需要民主评议的户会在这里等候列入会议；也可以在待办里单独办理。"} />}
      {data && data.items.length > 0 && (wide
        ? <DataTable caption="评议会议" columns={COLUMNS} rows={data.items} rowKey={(row) => row.number} />
        : <ul className="plain-list stack">{data.items.map((row) => <Card key={row.number} row={row} />)}</ul>)}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
      {beginning && waiting.data && <Begin waiting={waiting.data} close={() => setBeginning(false)} />}
    </>
  );
}
