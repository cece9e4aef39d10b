/** 一户一档: members, lists, aid, visits, leads with their fate – refused ones too – and who looked at what is sensitive. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { useState, type ReactNode } from "react";
import { get } from "../api/client";
import { href } from "../app/router";
import { useMe } from "../app/session";
import { useWide } from "../app/useWide";
import { DataTable, type Column } from "../common/DataTable";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { Receipts } from "../common/Receipts";
import { RevealDialog } from "../common/RevealDialog";
import { TabList, TabPanel } from "../common/TabList";
import { day, when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { STATUS } from "../cases/status";
import { PastLeads } from "../loop/PastLeads";
import { ChangingDialog, MemberButtons, ReportedChange, useTakenBack, type Changing } from "./changing";
import { EndDialog, ListDialog, StrikeDialog } from "./dialogs";
import { KEEPERS } from "./forms";
import { NextVisit, Tags, Visits } from "./parts";
import type { HomeDetail, HomeMember, ListEntry, VisitRow } from "./types";
import "../common/lights.css";
import { monthly } from "../reviews/types";
import "./homes.css";

const PANEL = "home-panel";

const left = (one: HomeMember) => `${day(one.left_on, { year: true })} 离开${one.left_why ? `：${one.left_why}` : ""}`;
const sick = (one: HomeMember) => [...new Set([one.health, one.disability, one.illness].filter(Boolean))].join("；");

const MEMBERS: Column<HomeMember>[] = [
  { key: "name", label: "姓名", render: (one) => <><strong>{one.name}</strong>{one.left_on && <div className="muted">{left(one)}</div>}</> },
  { key: "relation", label: "与户主关系", render: (one) => one.relation },
  { key: "age", label: "性别与年龄", render: (one) => [one.sex, one.age !== null && `${one.age} 岁`].filter(Boolean).join("，") || "不详" },
  { key: "id", label: "证件号码", render: (one) => <span className="num">{one.id_no}</span> },
  { key: "health", label: "健康、残疾、患病", render: sick },
  { key: "labour", label: "劳动能力", render: (one) => one.labour },
];

type Dialog = Changing | "reveal" | "list" | "end" | { strike: ListEntry } | null;

function Head({ home, open }: { home: HomeDetail; open: (dialog: Dialog) => void }) {
  const registered = home.members.filter((one) => !one.left_on).length;
  return (
    <section className="panel">
      <div className="row"><Tags items={home.focus} kind="focus" /><Tags items={home.programmes} kind="aid" /><NextVisit row={home} /></div>
      <dl className="home-facts">
        <div><dt>住址</dt><dd>{home.place} {home.address}</dd></div>
        <div><dt>联系电话</dt><dd className="num">{home.phone || "没有登记"}</dd></div>
        <div><dt>人口</dt><dd>{home.size} 人{registered < home.size && <span className="muted">，已登记 {registered} 人</span>}</dd></div>
        <div><dt>上次走访</dt><dd>{home.last_visit_at ? when(home.last_visit_at) : "没有走访过"}</dd></div>
        {home.hukou_area && <div><dt>户籍地</dt><dd>{home.hukou_area}</dd></div>}
        {home.housing && <div><dt>住房</dt><dd>{home.housing}</dd></div>}
        {home.account && <div><dt>发放账户</dt><dd className="num">{home.account}</dd></div>}
        {home.note && <div><dt>备注</dt><dd>{home.note}</dd></div>}
        {home.ended_on && <div><dt>迁出或注销</dt><dd>{day(home.ended_on)} {home.ended_why}</dd></div>}
      </dl>
      {!home.revealed_until && (
        <p className="row home-reveal"><span className="muted">证件、疾病、残疾等敏感信息已隐藏。</span><Button onClick={() => open("reveal")}>说明事由查阅</Button></p>
      )}
      {home.revealed_until && <p className="muted home-reveal">您可查阅敏感信息至 {when(home.revealed_until)}，查阅已记录。</p>}
    </section>
  );
}

function Members({ home, open }: { home: HomeDetail; open: (dialog: Dialog) => void }) {
  const wide = useWide();
  const back = useTakenBack(home);
  const may = home.may_keep && !home.ended_on;
  const doing = (one: HomeMember) => (one.left_on ? <Button size="small" aria-label={`${one.name}回到本户`} onClick={() => back.member(one)}>回到本户</Button> : <MemberButtons member={one} open={open} />);
  const columns = may ? [...MEMBERS, { key: "do", label: "办理", render: doing }] : MEMBERS;
  return (
    <>
      {home.members.length === 0 && <p className="muted">没有登记成员。</p>}
      {home.members.length > 0 && (wide
        ? <DataTable caption="家庭成员" columns={columns} rows={home.members} rowKey={(one) => one.id} rowClass={(one) => (one.left_on ? "home-ended" : "")} />
        : <MemberCards home={home} doing={may ? doing : undefined} />)}
      {may && <p className="home-add"><Button onClick={() => open("add")}>添加成员</Button></p>}
    </>
  );
}

function MemberCards({ home, doing }: { home: HomeDetail; doing?: (one: HomeMember) => ReactNode }) {
  return (
    <ul className="plain-list visits">
      {home.members.map((one) => (
        <li key={one.id} className={one.left_on ? "home-ended" : ""}>
          <span className="row"><strong>{one.name}</strong><span>{one.relation}</span><span className="muted">{[one.sex, one.age !== null && `${one.age} 岁`].filter(Boolean).join("，")}</span></span>
          <span className="visit-facts"><span className="num">{one.id_no}</span><span>{sick(one)}</span>{one.left_on && <span>{left(one)}</span>}</span>
          {doing && <div className="home-doing">{doing(one)}</div>}
        </li>
      ))}
    </ul>
  );
}

function Lists({ home, open }: { home: HomeDetail; open: (dialog: Dialog) => void }) {
  return (
    <>
      <ul className="plain-list home-lists">
        {home.lists.map((one) => (
          <li key={`${one.category}${one.since}`} className={one.ended_on ? "home-ended" : ""}>
            <strong>{one.label}</strong>
            <span>{one.source}</span>
            <span className="muted">{day(one.since, { year: true })} 列入{one.ended_on && `，${day(one.ended_on, { year: true })} 移出`}</span>
            {home.may_keep && !one.ended_on && <Button size="small" onClick={() => open({ strike: one })}>移出</Button>}
          </li>
        ))}
      </ul>
      {home.lists.length === 0 && <p className="muted">没有列入任何重点类别。</p>}
      {home.may_keep && !home.ended_on && <Button onClick={() => open("list")}>列入重点类别</Button>}
    </>
  );
}

function Cases({ home }: { home: HomeDetail }) {
  if (home.cases.length === 0) return <p className="muted">没有救助事项。</p>;
  return (
    <ul className="plain-list home-lists">
      {home.cases.map((one) => (
        <li key={one.id}>
          <a href={href(`/cases/${one.id}`)}><strong>{one.name}</strong></a>
          <span className="muted num">{one.number} · {when(one.opened_at)}</span>
          <span>{(STATUS as Record<string, string>)[one.status] ?? one.status}</span>
        </li>
      ))}
    </ul>
  );
}

function Held({ home }: { home: HomeDetail }) {
  if (home.held.length === 0) return <p className="muted">没有在享救助。</p>;
  return (
    <ul className="plain-list home-lists">
      {home.held.map((one) => (
        <li key={one.application_no}>
          <a href={href("/recognitions", { no: one.application_no })}><strong>{one.programme_name}</strong></a>
          <span>{monthly(one.amount)}</span>
          <span className="muted num">{one.application_no}</span>
          {one.by_name && <span className="muted">未关联户册，按村（居）和姓名对应</span>}
        </li>
      ))}
    </ul>
  );
}

function Looked({ home }: { home: HomeDetail }) {
  if (home.reveals.length === 0) return <p className="muted">没有人查阅过这一户的敏感信息。</p>;
  return (
    <ul className="plain-list home-lists">
      {home.reveals.map((one) => <li key={one.at + one.who}><strong>{one.who}</strong><span className="num">{when(one.at)}</span><span>{one.reason}</span></li>)}
    </ul>
  );
}

function TakenBack({ home }: { home: HomeDetail }) {
  const back = useTakenBack(home);
  return <Button onClick={back.home}>恢复本户</Button>;
}

function Changes({ home }: { home: HomeDetail }) {
  if (home.changes.length === 0) return <p className="muted">没有手工登记过变更。从 Excel 导入的更新不在这里。</p>;
  return (
    <ul className="plain-list home-lists">
      {home.changes.map((one, n) => <li key={n}><strong>{one.kind}</strong>{one.member && <span>{one.member}</span>}<span>{one.what}</span><span className="muted">{one.who} <span className="num">{when(one.at)}</span>{one.visit && "，据走访反映"}</span></li>)}
    </ul>
  );
}

/** A change a visitor reported, and what became of it in the register. */
function Reported({ home, visit, open }: { home: HomeDetail; visit: VisitRow; open: () => void }) {
  const entered = home.changes.some((one) => one.visit === visit.id);
  return (
    <div className="row home-doing no-print">
      {entered && <span>✔ 已据此登记</span>}
      {home.may_keep && !home.ended_on && <Button size="small" onClick={open}>{entered ? "继续登记变更" : "按此登记变更"}</Button>}
    </div>
  );
}

export function HomePage({ id }: { id: string }) {
  const address = useAddress();
  const client = useQueryClient();
  const [dialog, setDialog] = useState<Dialog>(null);
  const wide = useMe().posts.some((held) => KEEPERS.includes(held.post) && held.tier !== "village");
  const [reported, setReported] = useState<VisitRow | null>(null);
  const { data: home, error, refetch } = useQuery({ queryKey: ["register", id], queryFn: () => get<HomeDetail>(`/register/${id}`) });
  if (!home) return error ? <Problem error={error} retry={() => void refetch()} /> : <div className="panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  const close = () => setDialog(null);
  const changing = dialog !== null && (dialog === "edit" || dialog === "add" || dialog === "move" || (typeof dialog === "object" && !("strike" in dialog))) ? dialog : null;
  const done = () => { close(); void client.invalidateQueries({ queryKey: ["register"] }); };
  const tabs = [
    { key: "members", label: `成员 ${home.members.filter((one) => !one.left_on).length || ""}`, children: <Members home={home} open={setDialog} /> },
    { key: "lists", label: `名单 ${home.lists.filter((one) => !one.ended_on).length || ""}`, children: <Lists home={home} open={setDialog} /> },
    { key: "visits", label: `走访 ${home.visits.length || ""}`, children: <Visits rows={home.visits} after={(row) => <Reported home={home} visit={row} open={() => setReported(row)} />} /> },
    { key: "leads", label: `线索 ${home.leads.length || ""}`, children: home.leads.length > 0 ? <PastLeads rows={home.leads} /> : <p className="muted">没有上报过线索。</p> },
    { key: "cases", label: `事项 ${home.cases.length || ""}`, children: <Cases home={home} /> },
    { key: "held", label: `在享救助 ${home.held.length || ""}`, children: <Held home={home} /> },
    { key: "due", label: "走访时限", children: <Receipts receipts={home.receipt ? [home.receipt] : []} none="没有列入重点类别，也没有在享救助，随季度排查走访。" /> },
    { key: "changes", label: `变更记录 ${home.changes.length || ""}`, children: <Changes home={home} /> },
    { key: "looked", label: "查阅记录", children: <Looked home={home} /> },
  ];
  const shown = tabs.find((tab) => tab.key === address.get("tab")) ?? tabs[0];
  return (
    <div className="stack">
      <PageHead title={`${home.head}户`} hint={home.number ? `${home.place}第 ${home.number} 户` : home.place}>
        {!home.ended_on && <Button type="primary" href={href("/rounds/visit", { household: home.id })}>入户登记</Button>}
        {home.may_keep && !home.ended_on && <Button onClick={() => setDialog("edit")}>编辑</Button>}
        {home.may_keep && home.ended_on && <TakenBack home={home} />}
        {home.may_keep && !home.ended_on && wide && <Button onClick={() => setDialog("move")}>迁往另一村（居）</Button>}
        {home.may_keep && !home.ended_on && <Button onClick={() => setDialog("end")}>迁出或注销</Button>}
      </PageHead>
      <Head home={home} open={setDialog} />
      <section className="panel" aria-label="一户一档">
        <TabList label="一户一档" panel={PANEL} items={tabs} current={shown.key} onChange={(tab) => address.set({ tab: tab === "members" ? undefined : tab })} />
        <TabPanel id={PANEL} current={shown.key}>{shown.children}</TabPanel>
      </section>
      {reported && <ReportedChange home={home} visit={reported} open={setDialog} close={() => setReported(null)} />}
      {changing && <ChangingDialog home={home} what={changing} visit={reported?.id} close={close} />}
      {dialog === "reveal" && <RevealDialog of={`/register/${home.id}`} hint="如：入户核实医疗支出" close={close} done={done} />}
      {dialog === "list" && <ListDialog id={home.id} close={close} done={done} />}
      {dialog === "end" && <EndDialog id={home.id} close={close} done={done} />}
      {dialog !== null && typeof dialog === "object" && "strike" in dialog && <StrikeDialog id={home.id} entry={dialog.strike} close={close} done={done} />}
    </div>
  );
}
