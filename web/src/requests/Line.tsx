/** One request: what was asked of whom, what came of it, and what I may do with it. */
import { App, Button } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import type { Done, RequestRow } from "../api/types";
import { href } from "../app/router";
import { when } from "../common/time";
import { AnswerDialog, DecideDialog, ReplyDialog } from "./dialogs";
import "./requests.css";

function Simple({ path, body, label }: { path: string; body: unknown; label: string }) {
  const { message, modal } = App.useApp();
  const write = useWrite<unknown, Done>(path);
  const go = () => write.mutate(body, { onSuccess: (done) => void message.success(done.message), onError: (error) => void message.error(error.message, 6) });
  const ask = () => modal.confirm({ title: "收回这条征求意见？", content: "收回后不再等待对方答复，记录仍保留。", okText: "收回", onOk: go });
  return <Button loading={write.isPending} onClick={label === "收回" ? ask : go}>{label}</Button>;
}

export function Line({ one, where }: { one: RequestRow; where: boolean }) {
  const [dialog, setDialog] = useState<"answer" | "decide" | "reply" | null>(null);
  const about = one.task_name ?? one.case_number;
  return (
    <li className="asked">
      <p className="asked-head">
        <span className="asked-kind">{one.kind_text}</span>
        <strong>{where ? <a href={href(`/cases/${one.case_id}`)}>{about} · {one.title}</a> : about}</strong>
        <span className={`asked-state asked-${one.opinion ?? one.state}`}>{one.state_text}</span>
      </p>
      {where && <p className="muted num">{one.case_number} · {one.place}</p>}
      <p>{one.asked_by} → {one.asked_of ?? (one.kind === "jump" ? "另一名督查人员" : "岗位")}<span className="muted"> · {when(one.asked_at)}</span>{one.target_name && <> · 跳转到 {one.target_name}</>}</p>
      {one.text && <p>{one.text}</p>}
      {one.answer && <p className="asked-answer">答复：{one.answer}{one.answered_at && <span className="muted"> · {when(one.answered_at)}</span>}</p>}
      {one.can.length > 0 && (
        <div className="row">
          {one.can.includes("answer") && <Button type="primary" onClick={() => setDialog("answer")}>{one.kind === "presign" ? "签署意见" : "答复"}</Button>}
          {one.can.includes("decide") && <Button type="primary" onClick={() => setDialog("decide")}>批准或不批准</Button>}
          {one.can.includes("reply") && <Button type="primary" onClick={() => setDialog("reply")}>答复催办</Button>}
          {one.can.includes("read") && <Simple path={`/requests/${one.id}/read`} body={{}} label="已阅" />}
          {one.can.includes("withdraw") && <Simple path={`/requests/${one.id}/withdraw`} body={{ revision: one.revision }} label="收回" />}
        </div>
      )}
      {dialog === "answer" && <AnswerDialog one={one} close={() => setDialog(null)} />}
      {dialog === "reply" && <ReplyDialog one={one} close={() => setDialog(null)} />}
      {dialog === "decide" && <DecideDialog one={one} close={() => setDialog(null)} />}
    </li>
  );
}

/** The requests of one task or case. */
export function Asked({ requests, title }: { requests: RequestRow[]; title: string }) {
  if (requests.length === 0) return null;
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <ul className="plain-list">{requests.map((one) => <Line key={one.id} one={one} where={false} />)}</ul>
    </section>
  );
}
