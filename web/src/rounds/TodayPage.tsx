/** 今日走访: who is due, the overdue ones first; the village's daily word; what was entered lately. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, Button, Skeleton } from "antd";
import { get } from "../api/client";
import type { Page } from "../api/types";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { TabList, TabPanel } from "../common/TabList";
import { useNow } from "../clock/useClock";
import { ago, day, shanghai } from "../common/time";
import { useAddress } from "../common/useAddress";
import { HomeCards, Visits } from "../homes/parts";
import type { VisitRow } from "../homes/types";
import type { Kept } from "../offline/kept";
import { firstRounds, ROUNDS_SIZE } from "../offline/provision";
import { keptBack } from "../offline/outbox";
import { useQueue, useTakenUp } from "../offline/queue";
import { DayWord } from "./DayWord";
import type { Rounds, VillageToday } from "./types";
import "../common/lights.css";
import "../tasks/tasks.css";
import "../homes/homes.css";
import "../offline/offline.css";
import "./rounds.css";

const PANEL = "rounds-panel";

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
  const page = address.get("tab") ? 1 : address.page;
  const { data: found, error, refetch } = useQuery<Kept<Rounds>>({
    ...(page === 1 ? firstRounds : { queryKey: ["rounds", page], queryFn: async ({ signal }) => ({ data: await get<Rounds>("/rounds", { page, size: ROUNDS_SIZE }, signal), since: null }) }),
    placeholderData: keepPreviousData,
  });
  const now = useNow();
  const { entries } = useQueue();
  const refused = useTakenUp(address.get("entry"));
  const data = found?.data;
  if (!data || refused === undefined) return error ? <Problem error={error} retry={() => void refetch()} /> : <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>;
  const today = found.since ? (shanghai(now())?.format("YYYY-MM-DD") ?? data.today) : data.today;
  const waiting = new Set(keptBack(entries).map((one) => one.subject?.household));
  // A kept list of an earlier day does not know what was said today.
  const villages: VillageToday[] = today === data.today ? data.villages : data.villages.map((one) => ({ ...one, said: false, state: "今日未报" }));
  const due = data.items.length > 0 ? (
    <>
      <HomeCards rows={data.items} visit waiting={waiting} />
      <Pager total={data.total} page={address.page} size={ROUNDS_SIZE} onChange={(page) => address.set({ page })} />
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
      <PageHead title="今日走访" hint={day(today, { weekday: true })}>
        <Button href={href("/rounds/visit")}>登记巡查或指导</Button>
      </PageHead>
      {found.since && <Alert className="kept-since" type="info" showIcon title={`没有网络，显示本机备存的名单（${ago(Date.now() - found.since)}更新）。登记的内容先存在本机，联网后自动上传。`} />}
      {villages.map((village) => {
        const mine = refused?.kind === "day" && refused.subject?.area === village.area ? refused : null;
        return <DayWord key={`${village.area} ${mine?.key}`} village={village} refused={mine} />;
      })}
      <div>
        <TabList label="走访" panel={PANEL} items={tabs} current={shown.key} onChange={(tab) => address.set({ tab: tab === "due" ? undefined : tab })} />
        <TabPanel id={PANEL} current={shown.key}>{shown.children}</TabPanel>
      </div>
    </div>
  );
}
