/** 日历与时限: the terms and parameters in force, the district's choices within the law, the holiday notices. */
import { useQuery } from "@tanstack/react-query";
import { Alert, DatePicker, Segmented, Skeleton, Switch } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { get } from "../api/client";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { SearchBox } from "../common/SearchBox";
import { TabList, TabPanel } from "../common/TabList";
import { useAddress } from "../common/useAddress";
import { CalendarTab } from "./CalendarTab";
import { ItemCard } from "./ItemCard";
import { Journal } from "./Journal";
import { StandardsTab } from "./StandardsTab";
import type { LegalItem, LegalTable } from "./types";
import "./legal.css";

const PANEL = "legal-content";
const TABS = [
  { key: "terms", label: "时限" },
  { key: "parameters", label: "参数" },
  { key: "standards", label: "救助标准" },
  { key: "calendar", label: "放假安排" },
  { key: "journal", label: "调整记录" },
];

export function LegalPage() {
  const address = useAddress();
  const tab = TABS.find((one) => one.key === address.get("tab"))?.key ?? "terms";
  return (
    <>
      <PageHead title="日历与时限" hint="依据写在时限表里；区里在依据的范围内另定的，由一人提出、另一人确认，只适用于生效日以后受理的事项" />
      <TabList label="日历与时限" panel={PANEL} items={TABS} current={tab} onChange={(next) => address.set({ tab: next === "terms" ? undefined : next, q: undefined })} />
      <TabPanel id={PANEL} current={tab}>
        {tab === "standards" && <StandardsTab />}
        {tab === "calendar" && <CalendarTab />}
        {tab === "journal" && <Journal />}
        {(tab === "terms" || tab === "parameters") && <Items key={tab} kind={tab === "terms" ? "term" : "parameter"} />}
      </TabPanel>
    </>
  );
}

const has = (one: LegalItem, q: string) => [one.name, one.key, one.citation ?? "", one.start_event ?? ""].some((text) => text.includes(q));

function Items({ kind }: { kind: "term" | "parameter" }) {
  const address = useAddress();
  const [on, setOn] = useState<Dayjs | null>(null);
  const [only, setOnly] = useState<"all" | "choice" | "pending">("all");
  const [whole, setWhole] = useState(false);
  const day = on?.format("YYYY-MM-DD");
  const { data, error, isPending, refetch } = useQuery({ queryKey: ["terms", day ?? ""], queryFn: ({ signal }) => get<LegalTable>("/terms", { on: day }, signal) });
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (isPending) return <div className="panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  const q = address.get("q");
  const mine = data.items.filter((one) => one.kind === kind);
  const waiting = mine.filter((one) => one.pending);
  const found = mine.filter((one) => (!q || has(one, q)) && (only === "all" || (only === "choice" ? one.choice || one.coming : one.pending)));
  return (
    <div className="stack legal-items">
      <div className="panel legal-filter">
        <SearchBox value={q} onChange={(next) => address.set({ q: next || undefined })} label="按名称、依据或代码查找" />
        <DatePicker value={on} onChange={setOn} placeholder="按今天" aria-label="按哪一天有效的规定" />
        <Segmented
          aria-label="显示" value={only} onChange={(next) => setOnly(next as typeof only)}
          options={[{ value: "all", label: `全部 ${mine.length}` }, { value: "choice", label: `区里另定 ${mine.filter((one) => one.choice || one.coming).length}` }, { value: "pending", label: `待确认 ${waiting.length}` }]}
        />
        <label className="legal-whole"><Switch checked={whole} onChange={setWhole} aria-label="显示全部说明" /> 全部说明</label>
      </div>
      {on && <Alert type="info" showIcon title={`以下是 ${dayjs(data.on).format("YYYY年M月D日")} 有效的规定；当日受理的事项始终按它办理。`} />}
      {found.length === 0 && <Nothing title="没有符合条件的项目" hint="换一个说法，或清除筛选。" />}
      <ul className="plain-list legal-list">
        {found.map((one) => <ItemCard key={one.key} item={one} whole={whole} may={data.can_propose} reload={() => void refetch()} />)}
      </ul>
    </div>
  );
}
