/** 公示管理: every notice of one's areas – what wants something first. What is to be done is done in its open step, nowhere else. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, Button, Skeleton } from "antd";
import { get, url } from "../api/client";
import { href } from "../app/router";
import { AreaFilter } from "../cases/AreaFilter";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { Receipts } from "../common/Receipts";
import { SearchBox } from "../common/SearchBox";
import { TabList, TabPanel } from "../common/TabList";
import { day, when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { Preview } from "../forms/fields/PhotoControl";
import type { NoticePage, NoticeRow, PhotoState } from "./types";
import "../forms/forms.css";
import "./notices.css";

const MARKS: Record<NoticeRow["state"], string> = { to_post: "△", to_remove: "■", posted: "○", objected: "■", expired: "◔", removed: "–" };

function Photos({ label, state, ids }: { label: string; state: PhotoState; ids: string[] }) {
  if (state === "not_yet") return null;
  return (
    <div className="notice-photos">
      <span className="muted">{label}</span>
      {state === "missing" ? <span className="hot">■ 缺</span> : ids.map((id, index) => <Preview key={id} id={id} label={`${label} ${index + 1}`} />)}
    </div>
  );
}

function Objections({ row }: { row: NoticeRow }) {
  if (!row.objections) return null;
  return <p className={row.unanswered ? "hot" : ""}>{row.unanswered ? "■ " : ""}异议 {row.objections} 件{row.unanswered ? `，${row.unanswered} 件未审查或待复查` : "，均已答复"}</p>;
}

function Row({ row }: { row: NoticeRow }) {
  return (
    <li className="panel notice-row" aria-label={`公示 ${row.number}`}>
      <div className="notice-main">
        <div className="row">
          <span className={`notice-state notice-${row.state}`}><span aria-hidden="true">{MARKS[row.state]}</span> {row.state_text}</span>
          <a className="row-link" href={href(`/cases/${row.case_id}`)}>{row.title}</a>
          <span>{row.programme}</span>
        </div>
        <div className="muted">{row.place_name} · {row.number}</div>
        {row.posted_on && <p>张贴 {day(row.posted_on)}{row.ends_on && `，${row.early ? "原定公示至" : "公示至"} ${day(row.ends_on, { weekday: true })}`}{row.days_left !== null && <strong>，{row.days_left === 0 ? "今日期满" : `还有 ${row.days_left} 天`}</strong>}{row.continuous === false && <span className="hot">　■ 中途不完整</span>}</p>}
        {row.state === "to_remove" && <p className="hot">■ 不再公示，还张贴着：须从公示栏撤下并拍照{row.task?.late && "，已超期"}</p>}
        {row.state === "removed" && row.removed_at && <p>撤下 {when(row.removed_at)}{row.removed_by && `，${row.removed_by}登记`}{row.early && "（提前撤下）"}</p>}
        <Objections row={row} />
        {row.result && <p>结果：{row.result}</p>}
        {row.state !== "removed" && row.receipts.length > 0 && <Receipts receipts={row.receipts} brief />}
      </div>
      <div className="notice-side">
        <Photos label="张贴时" state={row.start} ids={row.photos_start} />
        <Photos label="撤下时" state={row.end} ids={row.photos_end} />
      </div>
      <div className="notice-acts no-print">
        {row.task && (row.task.mine
          ? <Button type="primary" href={href(`/tasks/${row.task.id}`)}>{row.task.verb}</Button>
          : <span className="muted">{row.task.name}：由{row.task.who}办理</span>)}
        {row.state !== "to_remove" && <a href={url(`/notices/${row.number}.pdf`)} target="_blank" rel="noreferrer">公示单</a>}
        {row.address && <a href={row.address} target="_blank" rel="noreferrer">扫码页</a>}
      </div>
    </li>
  );
}

export function NoticesPage() {
  const address = useAddress();
  const filters = { q: address.get("q"), area: address.get("area"), state: address.get("state") };
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["tasks", "notices", filters, address.page],
    queryFn: ({ signal }) => get<NoticePage>("/notices", { ...filters, page: address.page }, signal),
    placeholderData: keepPreviousData,
  });
  const all = data && Object.values(data.counts).reduce((sum, one) => sum + one, 0);
  const tabs = data ? [{ key: "", label: `全部 ${all}` }, ...Object.entries(data.states).map(([key, label]) => ({ key, label: `${label} ${data.counts[key as NoticeRow["state"]] ?? 0}` }))] : [];
  const filtered = Boolean(filters.q || filters.area || filters.state);
  return (
    <>
      <PageHead title="公示管理" hint="张贴、撤下都在各自的环节里办理并拍照；公示只有准许清单上的内容，未成年人和小额快救不公示；不再公示而还张贴着的列为“应撤下”。" />
      <div className="filters" role="search" aria-label="筛选公示">
        <SearchBox value={filters.q} label="申请人或公示编号" onChange={(q) => address.set({ q })} />
        <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />
      </div>
      {data && !data.coded && <Alert className="notice-uncoded" type="info" showIcon title="还没有设置对外网址（XUNZHEN_ADDRESS），公示单上不印二维码。" />}
      {tabs.length > 0 && <TabList label="公示状态" items={tabs} current={filters.state} panel="notices" onChange={(state) => address.set({ state: state || undefined })} />}
      <TabPanel id="notices" current={filters.state}>
        {error && <Problem error={error} retry={() => void refetch()} />}
        {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
        {data?.items.length === 0 && <Nothing title={filtered ? "没有符合条件的公示" : "还没有公示"} hint={filtered ? "可换一个状态或放宽条件。" : "审核意见为拟救助、按规定须公示的，生成公示内容后自动列在这里。"} />}
        <ul className="plain-list stack">{data?.items.map((row) => <Row key={row.number} row={row} />)}</ul>
        {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
      </TabPanel>
    </>
  );
}
