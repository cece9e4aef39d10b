/** 属地移交: cases offered to this place, offered elsewhere, and what became of them. */
import { useQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { Reason } from "../common/Reason";
import { TabList, TabPanel } from "../common/TabList";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { Where, WriteDialog } from "../organisation/dialogs";
import "../organisation/organisation.css";

interface Transfer {
  id: string;
  revision: number;
  case_id: string;
  case_number: string;
  title: string;
  process_name: string;
  from_name: string;
  to_area: string;
  to_name: string;
  to_tier: string;
  reason: string;
  state: "asked" | "accepted" | "refused" | "withdrawn";
  asked_by: string;
  asked_at: string;
  answered_by: string | null;
  answered_at: string | null;
  answer: string | null;
  can: Verb[];
}

type Verb = "accept" | "refuse" | "withdraw";
const VERBS: Record<Verb, string> = { accept: "接收", refuse: "不予接收", withdraw: "收回" };
const STATES: Record<Transfer["state"], string> = { asked: "等待接收", accepted: "已接收", refused: "未接收", withdrawn: "已收回" };
const EMPTY: Record<string, string> = { in: "没有待接收的移交", out: "没有等待对方接收的移交", done: "还没有办完的移交" };

export function TransfersPage() {
  const address = useAddress();
  const tab = address.get("tab") || "in";
  const [open, setOpen] = useState<{ verb: Verb; one: Transfer } | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: ["transfers", tab], queryFn: ({ signal }) => get<{ items: Transfer[]; waiting: number }>("/transfers", { tab }, signal) });
  const items = [{ key: "in", label: data?.waiting ? `待我接收 ${data.waiting}` : "待我接收" }, { key: "out", label: "我方移出" }, { key: "done", label: "已答复" }];
  return (
    <>
      <PageHead title="属地移交" hint="事项转到另一镇（街）须经对方接收；移交后原属地仍可查阅自己办理的部分" />
      <TabList label="属地移交" items={items} current={tab} panel="transfers" onChange={(next) => address.set({ tab: next === "in" ? undefined : next })} />
      <TabPanel id="transfers" current={tab}>
        {error && <Problem error={error} retry={() => void refetch()} />}
        {!data && !error && <div className="panel"><Skeleton active /></div>}
        {data?.items.length === 0 && <Nothing title={EMPTY[tab]} hint="在事项页“可办理”中选择“移交属地”。" />}
        {data && data.items.length > 0 && (
          <div className="panel transfers"><ul className="plain-list posts" aria-label="移交">
            {data.items.map((one) => (
              <li key={one.id}>
                <span className="post-who">
                  <a href={href(`/cases/${one.case_id}`)}>{one.case_number}</a> {one.title} <span className="muted">{one.process_name}</span>
                  <small><strong>{one.from_name}</strong> → <strong>{one.to_name}</strong>：{one.reason}</small>
                  <small className="muted">{one.asked_by} {when(one.asked_at)} 提出 · {STATES[one.state]}{one.answered_by && `（${one.answered_by} ${when(one.answered_at)}${one.answer ? `：${one.answer}` : ""}）`}</small>
                </span>
                <span className="row">{one.can.map((verb) => <Button key={verb} type={verb === "accept" ? "primary" : "default"} danger={verb === "refuse"} onClick={() => setOpen({ verb, one })}>{VERBS[verb]}</Button>)}</span>
              </li>
            ))}
          </ul></div>
        )}
      </TabPanel>
      {open && <Answer verb={open.verb} one={open.one} close={() => setOpen(null)} />}
    </>
  );
}

function Answer({ verb, one, close }: { verb: Verb; one: Transfer; close: () => void }) {
  const [area, setArea] = useState<string | null>(one.to_tier === "town" ? null : one.to_area);
  const [reason, setReason] = useState("");
  const ready = verb === "withdraw" || (verb === "accept" ? Boolean(area) : reason.trim().length >= 2);
  return (
    <WriteDialog title={`${VERBS[verb]}：${one.case_number}`} okText={VERBS[verb]} danger={verb === "refuse"} path={`/transfers/${one.id}/${verb}`} ready={ready} close={close} body={() => ({ revision: one.revision, area: verb === "accept" ? area : null, reason: reason.trim() })}>
      <p>{one.from_name} → {one.to_name}：{one.reason}</p>
      {verb === "accept" && one.to_tier === "town" && <Where label="由哪个村（居）承接" tiers={["village"]} within={one.to_area} value={area} onChange={(next) => setArea(next as string | null)} />}
      {verb !== "withdraw" && <Reason label={verb === "accept" ? "说明（选填）" : "原因"} value={reason} onChange={setReason} hint={verb === "accept" ? "" : "如：经查本人未在本镇居住"} />}
      {verb === "accept" && <p className="muted">接收后，在办环节转到本地相应岗位待认领，时限不变。</p>}
    </WriteDialog>
  );
}
