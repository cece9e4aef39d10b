/** 宣传与专项行动: every session of explaining the policy, and the district's campaigns with what they add up to. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import type { Page } from "../api/types";
import { useMe } from "../app/session";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { TabList, tabId } from "../common/TabList";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import { FormDialog } from "../forms/FormDialog";
import type { CampaignRow, PublicityPage as Listed, PublicityRow } from "./types";

const PANEL = "publicity-panel";
const THEME = { components: [{ id: "f_theme", type: "textfield", key: "theme", label: "主题", description: "如：寒冬送温暖专项行动", validate: { required: true, maxLength: 200 } }] };

const sessionForm = (forms: Listed["forms"]) => ({
  components: [
    { id: "f_area", type: "select", key: "area", label: "镇（街）、村（居）", properties: { kind: "area" }, validate: { required: true } },
    { id: "f_held_on", type: "datetime", key: "held_on", label: "日期", subtype: "date", dateLabel: "日期", validate: { required: true } },
    { id: "f_place", type: "textfield", key: "place", label: "地点", validate: { required: true } },
    { id: "f_form", type: "radio", key: "form", label: "形式", values: forms, validate: { required: true } },
    { id: "f_people", type: "number", key: "people", label: "人次", decimalDigits: 0, validate: { required: true, min: 0 } },
    { id: "f_topic", type: "textfield", key: "topic", label: "宣传内容", validate: { required: true } },
    { id: "f_photos", type: "filepicker", key: "photos", label: "照片", multiple: true, accept: "image/*", properties: { kind: "photo" } },
  ],
});

const SESSIONS: Column<PublicityRow>[] = [
  { key: "topic", label: "内容", render: (row) => row.topic },
  { key: "held_on", label: "日期", render: (row) => <span className="nowrap">{day(row.held_on)}</span> },
  { key: "where", label: "地点", render: (row) => `${row.place_name} ${row.place}` },
  { key: "form", label: "形式", render: (row) => <span className="nowrap">{row.form_name}</span> },
  { key: "people", label: "人次", align: "right", render: (row) => row.people },
  { key: "photos", label: "照片", render: (row) => <span className="row">{row.photos.map((file, n) => <a key={file} href={`/api/files/${file}`} target="_blank" rel="noreferrer">{n + 1}</a>)}</span> },
  { key: "campaign", label: "专项行动", render: (row) => <span className="nowrap">{row.campaign ?? ""}</span> },
  { key: "person", label: "登记人", render: (row) => <span className="nowrap">{row.person}</span> },
];

const CAMPAIGNS: Column<CampaignRow>[] = [
  { key: "theme", label: "主题", render: (row) => <a href={`#/cases/${row.case_id}`}>{row.theme}</a> },
  { key: "number", label: "编号", render: (row) => <span className="nowrap">{row.number}</span> },
  { key: "opened", label: "发起", render: (row) => <span className="nowrap">{day(row.opened_at)}</span> },
  { key: "villages", label: "村（居）完成", align: "right", render: (row) => `${row.done} / ${row.villages}` },
  { key: "sessions", label: "宣传场次", align: "right", render: (row) => row.sessions },
  { key: "people", label: "人次", align: "right", render: (row) => row.people },
  { key: "visited", label: "走访户数", align: "right", render: (row) => row.visited },
  { key: "leads", label: "发现线索", align: "right", render: (row) => row.leads },
  { key: "status", label: "状态", render: (row) => <span className="nowrap">{row.status === "completed" ? "已评估" : row.status === "active" ? "进行中" : "已终止"}</span> },
];

export function PublicityPage() {
  const address = useAddress();
  const me = useMe();
  const [open, setOpen] = useState<"session" | "campaign" | null>(null);
  const tab = address.get("tab") || "sessions";
  const area = address.get("area");
  const district = me.posts.some((post) => post.tier === "district") && me.rights.includes("supervise");
  const sessions = useQuery({
    queryKey: ["publicity", area, address.page], queryFn: ({ signal }) => get<Listed>("/publicity", { area, page: address.page }, signal), placeholderData: keepPreviousData, enabled: tab === "sessions",
  });
  const campaigns = useQuery({
    queryKey: ["campaigns", address.page], queryFn: ({ signal }) => get<Page<CampaignRow>>("/campaigns", { page: address.page }, signal), placeholderData: keepPreviousData, enabled: tab === "campaigns",
  });
  const shown = tab === "sessions" ? sessions : campaigns;
  return (
    <>
      <PageHead title="宣传与专项行动" hint="每一场宣传写明地点、日期、形式、人次；专项行动的数字由登记自动汇总。">
        {me.rights.includes("report") && <Button type={tab === "sessions" ? "primary" : "default"} disabled={!sessions.data} onClick={() => setOpen("session")}>登记宣传</Button>}
        {district && <Button type={tab === "campaigns" ? "primary" : "default"} onClick={() => setOpen("campaign")}>发起专项行动</Button>}
      </PageHead>
      <TabList label="宣传与专项行动" panel={PANEL} current={tab} onChange={(key) => address.set({ tab: key })} items={[{ key: "sessions", label: "宣传台账" }, { key: "campaigns", label: "专项行动" }]} />
      <div id={PANEL} role="tabpanel" aria-labelledby={tabId(PANEL, tab)}>
        {tab === "sessions" && <div className="filters" role="search" aria-label="筛选宣传"><AreaFilter value={area} onChange={(path) => address.set({ area: path })} />{sessions.data && <span className="muted">共 {sessions.data.total} 场，{sessions.data.people} 人次</span>}</div>}
        {shown.error && <Problem error={shown.error} retry={() => void shown.refetch()} />}
        {shown.isPending && !shown.error && <div className="panel"><Skeleton active paragraph={{ rows: 5 }} /></div>}
        {tab === "sessions" && sessions.data && (sessions.data.items.length === 0
          ? <Nothing title="还没有宣传记录" hint="入户、集中宣讲、张贴、发放明白卡都可以登记。" />
          : <DataTable caption="宣传台账" columns={SESSIONS} rows={sessions.data.items} rowKey={(row) => row.id} />)}
        {tab === "campaigns" && campaigns.data && (campaigns.data.items.length === 0
          ? <Nothing title="没有专项行动" hint="专项行动由区里发起；镇（街）、村（居）的任务在“我的待办”。" />
          : <DataTable caption="专项行动" columns={CAMPAIGNS} rows={campaigns.data.items} rowKey={(row) => row.case_id} />)}
        {shown.data && <Pager total={shown.data.total} page={address.page} size={shown.data.size} onChange={(page) => address.set({ page })} />}
      </div>
      {open === "session" && (
        <FormDialog
          title="登记宣传" ok="登记" schema={sessionForm(sessions.data?.forms ?? [])} values={{}} path="/publicity" renew={["publicity"]}
          body={(values) => ({ ...values, photos: values.photos ?? [] })} close={() => setOpen(null)}
        />
      )}
      {open === "campaign" && (
        <FormDialog title="发起专项行动" ok="发起" hint="发起后在“我的待办”中制定方案，再下达镇（街）。" schema={THEME} values={{}} path="/campaigns" renew={["campaigns"]} body={(values) => values} close={() => setOpen(null)} />
      )}
    </>
  );
}
