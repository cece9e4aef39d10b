/** 今日走访: who is due, the overdue ones first; the village's daily word; what was entered lately. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { get } from "../api/client";
import type { Page } from "../api/types";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { TabList, TabPanel } from "../common/TabList";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import { HomeCards, Visits } from "../homes/parts";
import type { VisitRow } from "../homes/types";
import { DayWord } from "./DayWord";
import type { Rounds } from "./types";
import "../common/lights.css";
import "../tasks/tasks.css";
import "../homes/homes.css";
import "./rounds.css";

const PANEL = "rounds-panel";
const SIZE = 50;

function Lately({ mine }: { mine: boolean }) {
  const address = useAddress();
  const { data, error } = useQuery({
    queryKey: ["rounds", "visits", mine, address.page, address.get("from"), address.get("to"), address.get("area")],
    queryFn: ({ signal }) => get<Page<VisitRow>>("/visits", { mine, page: address.page, from: address.get("from"), to: address.get("to"), area: address.get("area") }, signal),
    placeholderData: keepPreviousData,
  });
  if (error) return <Problem error={error} />;
  if (!data) return <Skeleton active />;
  return (
    <>
      <Visits rows={data.items} household />
      <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />
    </>
  );
}

export function TodayPage() {
  const address = useAddress();
  const { data, error, refetch } = useQuery({
    queryKey: ["rounds", address.page],
    queryFn: ({ signal }) => get<Rounds>("/rounds", { page: address.get("tab") ? 1 : address.page, size: SIZE }, signal),
    placeholderData: keepPreviousData,
  });
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>;
  const due = data.items.length > 0 ? (
    <>
      <HomeCards rows={data.items} visit />
      <Pager total={data.total} page={address.page} size={SIZE} onChange={(page) => address.set({ page })} />
    </>
  ) : <Nothing title="七日内没有到期的走访" hint="重点户按类别每月或每季度走访，到期前七日列在这里。" />;
  const tabs = [
    { key: "due", label: <>应走访 {data.total || ""}{data.overdue > 0 && <span className="tab-red">超期 {data.overdue}</span>}</>, children: due },
    { key: "mine", label: "我的走访", children: <Lately mine /> },
    { key: "all", label: "辖区走访", children: <Lately mine={false} /> },
  ];
  const shown = tabs.find((tab) => tab.key === address.get("tab")) ?? tabs[0];
  return (
    <div className="stack">
      <PageHead title="今日走访" hint={day(data.today, { weekday: true })}>
        <Button href={href("/rounds/visit")}>登记巡查或指导</Button>
      </PageHead>
      {data.villages.map((village) => <DayWord key={village.area} village={village} />)}
      <div>
        <TabList label="走访" panel={PANEL} items={tabs} current={shown.key} onChange={(tab) => address.set({ tab: tab === "due" ? undefined : tab })} />
        <TabPanel id={PANEL} current={shown.key}>{shown.children}</TabPanel>
      </div>
    </div>
  );
}
