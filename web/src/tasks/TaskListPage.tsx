/** 我的待办: what I can or must do, the most pressing first. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select, Skeleton } from "antd";
import { get } from "../api/client";
import { useProcesses } from "../api/queries";
import type { TaskList } from "../api/types";
import { href } from "../app/router";
import { useMe, useRight } from "../app/session";
import { useWide } from "../app/useWide";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { SearchBox } from "../common/SearchBox";
import { TabPanel } from "../common/TabList";
import { useAddress } from "../common/useAddress";
import { TabBar } from "./TabBar";
import { emptyWords, TABS, titleOf } from "./tabs";
import { TaskCards } from "./TaskCards";
import { TaskTable } from "./TaskTable";
import "./tasks.css";

const SORTS = [
  { value: "", label: "急件、超期在前" },
  { value: "due", label: "按时限先后" },
  { value: "created", label: "先到先办" },
];
const SIZE = 20;
const PANEL = "task-list";

export function TaskListPage() {
  const me = useMe();
  const mayReport = useRight("report");
  const wide = useWide();
  const address = useAddress();
  const tab = TABS.some((one) => one.key === address.get("tab")) ? address.get("tab") : "todo";
  const filters = { q: address.get("q"), process: address.get("process"), sort: address.get("sort") };
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    queryKey: ["tasks", tab, filters, address.page],
    queryFn: ({ signal }) => get<TaskList>("/tasks", { tab, ...filters, page: address.page, size: SIZE }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const { data: processes = [] } = useProcesses(!me.stranger);
  const filtered = Boolean(filters.q || filters.process);
  const empty = emptyWords(tab, filtered);
  const List = wide ? TaskTable : TaskCards;

  return (
    <>
      <PageHead title={titleOf(me)} hint="急件、超期在前，从最急的开始办">
        {mayReport && wide && <a className="big-link" href={href("/report")}>上报线索</a>}
      </PageHead>
      <TabBar panel={PANEL} current={tab} counters={data?.counters ?? {}} onChange={(next) => address.set({ tab: next === "todo" ? undefined : next })} />
      <TabPanel id={PANEL} current={tab}>
      <div className="filters" role="search" aria-label="筛选事项">
        <SearchBox value={filters.q} label="按姓名、编号、村组查找" onChange={(q) => address.set({ q })} />
        {!me.stranger && (
          <Select
            aria-label="事项类别" value={filters.process} onChange={(process) => address.set({ process })} popupMatchSelectWidth={false}
            options={[{ value: "", label: "全部事项类别" }, ...processes.map((one) => ({ value: one.process, label: one.name }))]}
          />
        )}
        <Select aria-label="排列顺序" value={filters.sort} onChange={(sort) => address.set({ sort })} options={SORTS} popupMatchSelectWidth={false} />
      </div>
      <p className="sr-only" role="status">{data && !isPlaceholderData ? `共 ${data.total} 件` : ""}</p>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data && data.items.length === 0 && <Nothing title={empty.title} hint={empty.hint} />}
      {data && data.items.length > 0 && (
        <div aria-busy={isPlaceholderData}>
          <List rows={data.items} tab={tab} />
        </div>
      )}
      {data && <Pager total={data.total} page={address.page} size={SIZE} onChange={(page) => address.set({ page })} />}
      </TabPanel>
    </>
  );
}
