/** 任职, 免职, 联络员交接, 委托代理, 监督电话. */
import { Input, Select } from "antd";
import { useState } from "react";
import { Reason } from "../common/Reason";
import { Day, Labelled, Who, WriteDialog } from "./dialogs";
import type { Appointment } from "./types";

export function AppointDialog({ area, offered, close }: { area: string; offered: { value: string; label: string }[]; close: () => void }) {
  const [post, setPost] = useState<string>();
  const [person, setPerson] = useState<string | null>(null);
  const [begins, setBegins] = useState<string | null>(null);
  const [until, setUntil] = useState<string | null>(null);
  return (
    <WriteDialog title="任职" okText="任职" path="/organisation/appointments" ready={Boolean(post && person)} close={close} body={() => ({ area, post, person, begins, until })}>
      <Labelled label="岗位" id="post"><Select id="post" className="field-select" aria-label="岗位" value={post} onChange={setPost} options={offered} placeholder="选择岗位" /></Labelled>
      <Who label="人员" value={person} onChange={setPerson} />
      <p className="muted">名册里还没有的人，先在“人员名册”中新增。</p>
      <Day label="到任日期（不填为今天）" value={begins} onChange={setBegins} optional />
      <Day label="任期至（不填为长期）" value={until} onChange={setUntil} optional min={begins ?? undefined} />
    </WriteDialog>
  );
}

export function EndPostDialog({ post, close }: { post: Appointment; close: () => void }) {
  const [on, setOn] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  return (
    <WriteDialog title={`免职：${post.name}（${post.label}）`} okText="免职" danger path={`/organisation/appointments/${post.id}/end`} ready={reason.trim().length >= 2} close={close} body={() => ({ on, reason: reason.trim() })}>
      <Day label="自哪一天起不再任职（不填为今天）" value={on} onChange={setOn} optional />
      <Reason value={reason} onChange={setReason} hint="如：调离、换届" />
      {post.post === "village_liaison" && <p className="muted">有接任人选时请用“联络员交接”，任职不断档，名下任务一并转交。</p>}
    </WriteDialog>
  );
}

export function LiaisonDialog({ area, before, close }: { area: string; before: string | null; close: () => void }) {
  const [person, setPerson] = useState<string | null>(null);
  const [on, setOn] = useState<string | null>(null);
  const [items, setItems] = useState("");
  const [witness, setWitness] = useState("");
  return (
    <WriteDialog title="联络员交接" okText="交接" path="/organisation/liaison" ready={Boolean(person) && items.trim().length >= 2} close={close} body={() => ({ area, person, on, items: items.trim(), witness })}>
      <p>现任：{before ?? "空缺"}。每个村（居）只有一名联络员，交接当日起由接任人履职。</p>
      <Who label="接任人" value={person} onChange={setPerson} />
      <Day label="交接日期（不填为今天）" value={on} onChange={setOn} optional />
      <Reason label="交接内容" value={items} onChange={setItems} hint="如：户册、走访记录、重点户名单、在办事项说明" />
      <Labelled label="监交人" id="witness"><Input id="witness" value={witness} onChange={(event) => setWitness(event.target.value)} maxLength={60} /></Labelled>
      <p className="muted">户数、在办事项和随转任务由系统记入交接记录。</p>
    </WriteDialog>
  );
}

export function SubstituteDialog({ post, close }: { post: Appointment; close: () => void }) {
  const [person, setPerson] = useState<string | null>(null);
  const [begins, setBegins] = useState<string | null>(null);
  const [until, setUntil] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const ready = Boolean(person && begins && until) && reason.trim().length >= 2;
  return (
    <WriteDialog title={`委托代理：${post.name}（${post.label}）`} okText="登记" path={`/organisation/appointments/${post.id}/substitute`} ready={ready} close={close} body={() => ({ person, begins, until, reason: reason.trim() })}>
      <Who label="代理人" value={person} onChange={setPerson} />
      <Day label="自" value={begins} onChange={setBegins} />
      <Day label="至（含当日）" value={until} onChange={setUntil} min={begins ?? undefined} />
      <Reason value={reason} onChange={setReason} hint="如：年休假、病假、外出培训" />
      <p className="muted">期间代理人看得到并可办理这一岗位的任务，包括{post.name}已认领的；办理过程注明“代”。到期自动终止。</p>
    </WriteDialog>
  );
}

export function PhoneDialog({ area, phone, close }: { area: string; phone: string | null; close: () => void }) {
  const [text, setText] = useState(phone ?? "");
  return (
    <WriteDialog title="监督电话" okText="保存" path="/organisation/phone" ready close={close} body={() => ({ area, phone: text.trim() })}>
      <Labelled label="印在公示上的监督电话" id="phone"><Input id="phone" value={text} onChange={(event) => setText(event.target.value)} maxLength={60} placeholder="如：022-2924 0000" /></Labelled>
      <p className="muted">不填则用区级电话；区级也未设时印 12345。已张贴的公示不变。</p>
    </WriteDialog>
  );
}
