/** 督办: who was urged and has not answered – every case on the ladder, the highest open rung first; and the numbered papers. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Segmented, Select, Skeleton } from "antd";
import { get, url } from "../api/client";
import type { Page } from "../api/types";
import { href } from "../app/router";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { when } from "../common/time";
import { TabList, TabPanel } from "../common/TabList";
import { useAddress } from "../common/useAddress";
import { StartMenu } from "../starts/StartMenu";
import { Rungs } from "./Rungs";
import type { LadderPage as Answer, LadderRow, PaperRow } from "./types";
import "./ladder.css";

const TOPS: Record<string, string> = { urge: "催办未答复", notice: "催办通知书在途", order: "督办未销号" };
const PANEL = "ladder-content";

function Case({ row }: { row: LadderRow }) {
  return (
    <li className="panel ladder-case">
      <p className="ladder-case-head">
        <a href={href(`/cases/${row.case_id}`)}><strong>{row.title}</strong></a>
        <span className="ladder-top">{row.top ? TOPS[row.top] : "均已了结"}</span>
      </p>
      <p className="muted">{row.place} · {row.process_name} · <span className="num">{row.number}</span></p>
      <Rungs rungs={row.rungs} />
    </li>
  );
}

function Ladder() {
  const address = useAddress();
  const filters = { area: address.get("area"), rung: address.get("rung"), state: address.get("state") || "open" };
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    queryKey: ["ladder", filters, address.page],
    queryFn: ({ signal }) => get<Answer>("/ladder", { ...filters, page: address.page }, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <div className="filters" role="search" aria-label="筛选督办">
        <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />
        <Select
          aria-label="阶梯" value={filters.rung} onChange={(rung) => address.set({ rung })}
          options={[{ value: "", label: "全部阶梯" }, ...Object.entries(TOPS).map(([value, label]) => ({ value, label }))]}
        />
        <Segmented
          aria-label="状态" value={filters.state} onChange={(state) => address.set({ state: state === "open" ? undefined : String(state) })}
          options={[{ value: "open", label: "未了结" }, { value: "all", label: "全部" }]}
        />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data && Object.keys(data.counts).length > 0 && (
        <div className="ladder-counts">
          {Object.entries(data.counts).map(([name, count]) => <span key={name} className="ladder-count">{name}<strong>{count}</strong></span>)}
        </div>
      )}
      {data?.items.length === 0 && <Nothing title="没有未了结的催办和督办" hint="超期次日由系统起草催办通知书；催办、通知书逾期不答复的转督办。" />}
      <ul className="plain-list stack" aria-busy={isPlaceholderData}>{data?.items.map((row) => <Case key={row.case_id} row={row} />)}</ul>
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
    </>
  );
}

const KINDS: Record<string, string> = { urging_notice: "催办通知书", circular: "通报", timeline: "经过还原", assessment: "考核结果通知书" };

const COLUMNS: Column<PaperRow>[] = [
  { key: "number", label: "文号", render: (row) => <a href={url(`/papers/${row.id}.pdf`)} target="_blank" rel="noreferrer">{row.number}</a> },
  { key: "title", label: "文书", render: (row) => row.title },
  { key: "place", label: "单位", render: (row) => row.place },
  { key: "made_at", label: "印发时间", render: (row) => <span className="nowrap">{when(row.made_at)}</span> },
  { key: "case", label: "办理", render: (row) => <a href={href(`/cases/${row.case_id}`)}>办理过程</a> },
  { key: "intact", label: "内容", render: (row) => (row.intact ? "与印发时一致" : "■ 与印发时不一致") },
  {
    key: "corrections", label: "核定", render: (row) =>
      row.corrections.map((one, index) => <p key={index} className="paper-fix">{one.upheld ? "申诉成立，已撤销点名" : "申诉不成立"}：{String(one.reason ?? "")}</p>),
  },
];

function Papers() {
  const address = useAddress();
  const filters = { area: address.get("area"), kind: address.get("kind") };
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["papers", filters, address.page],
    queryFn: ({ signal }) => get<Page<PaperRow>>("/papers", { ...filters, page: address.page }, signal),
  });
  return (
    <>
      <div className="filters" role="search" aria-label="筛选文书">
        <AreaFilter value={filters.area} onChange={(area) => address.set({ area })} />
        <Select
          aria-label="文书种类" value={filters.kind} onChange={(kind) => address.set({ kind })}
          options={[{ value: "", label: "全部文书" }, ...Object.entries(KINDS).map(([value, label]) => ({ value, label }))]}
        />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active /></div>}
      {data?.items.length === 0 && <Nothing title="还没有编号文书" hint="催办通知书、通报签发后在这里查阅。" />}
      {data && data.items.length > 0 && <DataTable caption="编号文书" columns={COLUMNS} rows={data.items} rowKey={(row) => row.id} />}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
    </>
  );
}

export function LadderPage() {
  const address = useAddress();
  const tab = address.get("tab") === "papers" ? "papers" : "ladder";
  return (
    <>
      <PageHead title="督办" hint="提醒、催办、催办通知书、督办、通报，逐级上升；只有答复和核对能了结，改动原事项不能">
        <StartMenu />
      </PageHead>
      <TabList
        label="督办" panel={PANEL} current={tab} onChange={(next) => address.set({ tab: next === "ladder" ? undefined : next, kind: undefined, rung: undefined })}
        items={[{ key: "ladder", label: "督促阶梯" }, { key: "papers", label: "编号文书" }]}
      />
      <TabPanel id={PANEL} current={tab}>{tab === "papers" ? <Papers /> : <Ladder />}</TabPanel>
    </>
  );
}
