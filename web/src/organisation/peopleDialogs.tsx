/** 新增人员, 停用账号, 登记培训, 手机号. */
import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { Reason } from "../common/Reason";
import { Day, Labelled, Where, WriteDialog } from "./dialogs";
import type { Member, UnitDetail } from "./types";

export function AddDialog({ area, close }: { area: string; close: () => void }) {
  const [where, setWhere] = useState<string | null>(area || null);
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [post, setPost] = useState<string>();
  const { data } = useQuery({ queryKey: ["organisation", "unit", where], queryFn: ({ signal }) => get<UnitDetail>("/organisation/unit", { area: where }, signal), enabled: Boolean(where) });
  return (
    <WriteDialog title="新增人员" okText="新增" path="/corps" ready={Boolean(name.trim() && where && post)} close={close} body={() => ({ name: name.trim(), phone: phone.trim() || null, post, area: where })}>
      <Labelled label="姓名" id="new-name"><Input id="new-name" value={name} onChange={(event) => setName(event.target.value)} maxLength={60} /></Labelled>
      <Labelled label="手机号（作为用户名，也用来防止重复建账号）" id="new-phone"><Input id="new-phone" value={phone} onChange={(event) => setPhone(event.target.value)} maxLength={30} inputMode="tel" /></Labelled>
      <Where label="任职单位" tiers={["district", "town", "village", "grid"]} value={where} onChange={(next) => { setWhere(next as string | null); setPost(undefined); }} />
      <Labelled label="岗位" id="new-post"><Select id="new-post" className="field-select" aria-label="岗位" disabled={!data} value={post} onChange={setPost} options={data?.offered ?? []} placeholder={where ? "选择岗位" : "先选任职单位"} /></Labelled>
    </WriteDialog>
  );
}

export function DisableDialog({ who, close }: { who: Member; close: () => void }) {
  const [reason, setReason] = useState("");
  return (
    <WriteDialog title={`停用${who.name}的账号`} okText="停用" danger path={`/corps/${who.id}/disable`} ready={reason.trim().length >= 2} close={close} body={() => ({ reason: reason.trim() })}>
      <p>立即退出登录，全部任职和代理同时终止。{who.held > 0 && <strong>名下 {who.held} 项待办须在“工作交接”中交接。</strong>}</p>
      <Reason value={reason} onChange={setReason} hint="如：退休、调离" />
    </WriteDialog>
  );
}

export function TrainDialog({ who, close }: { who: Member; close: () => void }) {
  const [topic, setTopic] = useState("");
  const [held, setHeld] = useState<string | null>(null);
  const [until, setUntil] = useState<string | null>(null);
  return (
    <WriteDialog title={`登记培训：${who.name}`} okText="登记" path={`/corps/${who.id}/trainings`} ready={Boolean(topic.trim() && held)} close={close} body={() => ({ topic: topic.trim(), held_on: held, valid_to: until })}>
      <Labelled label="培训内容" id="topic"><Input id="topic" value={topic} onChange={(event) => setTopic(event.target.value)} maxLength={200} /></Labelled>
      <Day label="培训日期" value={held} onChange={setHeld} />
      <Day label="有效期至（不填为长期）" value={until} onChange={setUntil} optional min={held ?? undefined} />
    </WriteDialog>
  );
}

export function NumberDialog({ who, close }: { who: Member; close: () => void }) {
  const [phone, setPhone] = useState("");
  return (
    <WriteDialog title={`手机号：${who.name}`} okText="保存" path={`/corps/${who.id}/phone`} ready={phone.trim().length >= 7} close={close} body={() => ({ phone: phone.trim() })}>
      <Labelled label={`新手机号（现为 ${who.phone || "空"}）`} id="number"><Input id="number" value={phone} onChange={(event) => setPhone(event.target.value)} maxLength={30} inputMode="tel" /></Labelled>
    </WriteDialog>
  );
}
