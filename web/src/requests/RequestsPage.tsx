/** 协办: what colleagues wait for from me, what was sent me to read, moves to approve, what I have asked. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { get } from "../api/client";
import type { RequestList } from "../api/types";
import { useRight } from "../app/session";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { TabList, TabPanel } from "../common/TabList";
import { useAddress } from "../common/useAddress";
import { Line } from "./Line";

const TABS = [
  { key: "answer", label: "待我答复", title: "没有等您答复的事项", hint: "同事征求您的意见或请您先签时，会出现在这里。" },
  { key: "copies", label: "抄送我的", title: "没有抄送给您的事项", hint: "抄送只供阅知，点「已阅」留下回执。" },
  { key: "moves", label: "待批跳转", title: "没有待批准的跳转", hint: "跳转由一人提出、另一人批准；自己提出的不能自己批准。" },
  { key: "asked", label: "我发出的", title: "您还没有发出过", hint: "您征求的意见、抄送、催办和跳转申请办到哪一步，都在这里。" },
];
const PANEL = "request-list";
const SIZE = 20;

export function RequestsPage() {
  const supervises = useRight("supervise");
  const address = useAddress();
  const tabs = TABS.filter((one) => one.key !== "moves" || supervises);
  const tab = tabs.find((one) => one.key === address.get("tab")) ?? tabs[0];
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["requests", tab.key, address.page],
    queryFn: ({ signal }) => get<RequestList>("/requests", { tab: tab.key, page: address.page, size: SIZE }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const waiting = data?.waiting as Record<string, number> | undefined;
  return (
    <>
      <PageHead title="协办" hint="意见、加签、抄送和催办都留有记录；任务仍由承办人办理" />
      <TabList
        label="协办分类" panel={PANEL} current={tab.key} onChange={(next) => address.set({ tab: next === "answer" ? undefined : next })}
        items={tabs.map((one) => ({ key: one.key, label: <>{one.label}{waiting?.[one.key] ? <span className="tab-count"> {waiting[one.key]}</span> : null}</> }))}
      />
      <TabPanel id={PANEL} current={tab.key}>
        {error && <Problem error={error} retry={() => void refetch()} />}
        {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 5 }} /></div>}
        {data?.items.length === 0 && <Nothing title={tab.title} hint={tab.hint} />}
        {data && data.items.length > 0 && <ul className="plain-list panel">{data.items.map((one) => <Line key={one.id} one={one} where />)}</ul>}
        {data && <Pager total={data.total} page={address.page} size={SIZE} onChange={(page) => address.set({ page })} />}
      </TabPanel>
    </>
  );
}
