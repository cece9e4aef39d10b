/** The limits of a case: those that run, with what may be done about them, and those that have ended. */
import { Alert, App, Button, DatePicker, InputNumber, Modal, Radio } from "antd";
import { useQuery } from "@tanstack/react-query";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { post } from "../api/client";
import { useWrite } from "../api/queries";
import type { CaseDetail, Done, Receipt } from "../api/types";
import { Reason } from "../common/Reason";
import { Receipts } from "../common/Receipts";
import { day, toInstant, toWall, when } from "../common/time";

interface Props {
  detail: CaseDetail;
  reload: () => void;
}

const LIVE = new Set(["running", "paused"]);
export const running = (receipts: Receipt[]): Receipt[] => receipts.filter((one) => LIVE.has(one.state));

export function CaseLimits({ detail, reload }: Props) {
  const [act, setAct] = useState<{ kind: "extend" | "refuse" | "correct" | "correct-end"; receipt: Receipt } | null>(null);
  const live = running(detail.receipts);
  const ended = detail.receipts.filter((one) => !LIVE.has(one.state));
  const acts = (receipt: Receipt) => (
    <>
      {receipt.extend?.may && <Button size="small" onClick={() => setAct({ kind: "extend", receipt })} aria-label={`延长：${receipt.name}`}>延长时限</Button>}
      {receipt.extend?.lapsed && <Button size="small" onClick={() => setAct({ kind: "extend", receipt })} aria-label={`补录延长决定：${receipt.name}`}>补录延长决定</Button>}
      {receipt.asked && receipt.extend?.may && <Button size="small" onClick={() => setAct({ kind: "refuse", receipt })} aria-label={`不予延长：${receipt.name}`}>不予延长</Button>}
      {receipt.may_correct && <Button size="small" onClick={() => setAct({ kind: "correct", receipt })} aria-label={`更正起算日期：${receipt.name}`}>更正起算日期</Button>}
      {receipt.may_correct_end && <Button size="small" onClick={() => setAct({ kind: "correct-end", receipt })} aria-label={`更正办理时间：${receipt.name}`}>更正办理时间</Button>}
      {receipt.extend && !receipt.extend.may && <span className="muted">延长：{receipt.extend.refusal}</span>}
      {receipt.asked && <span className="moment-kind">{receipt.asked.by_name}申请延长 {receipt.asked.n} {receipt.extend?.unit}：{receipt.asked.reason}</span>}
    </>
  );
  const close = () => setAct(null);
  const done = () => { close(); reload(); };
  return (
    <>
      <Receipts receipts={live} none="这件事项目前没有正在计时的时限。" acts={acts} />
      {ended.length > 0 && (
        <details className="ended-limits">
          <summary>已办结的时限 {ended.length} 项（按受理当日有效的规定）</summary>
          <Receipts receipts={ended} acts={acts} />
        </details>
      )}
      {act?.kind === "extend" && <Extend detail={detail} receipt={act.receipt} close={close} done={done} />}
      {act?.kind === "refuse" && <Refuse detail={detail} receipt={act.receipt} close={close} done={done} />}
      {act?.kind === "correct" && <Correct detail={detail} receipt={act.receipt} close={close} done={done} />}
      {act?.kind === "correct-end" && <Correct end detail={detail} receipt={act.receipt} close={close} done={done} />}
    </>
  );
}

interface DialogProps {
  detail: CaseDetail;
  receipt: Receipt;
  close: () => void;
  done: () => void;
}

function Failed({ error }: { error: Error | null }) {
  return error && <Alert type="error" showIcon role="alert" title={error.message} className="dialog-field" />;
}

interface MovedLimit { name: string; old: string; new: string; provisional: boolean }

/** What would move, before anything is decided: the same reckoning as the decision's own, taken back. */
function Preview({ path, body }: { path: string; body: Record<string, unknown> | null }) {
  const { data, error, isFetching } = useQuery({
    queryKey: ["moved", path, body], enabled: body !== null, retry: false, gcTime: 0,
    queryFn: () => post<{ items: MovedLimit[] }>(path, body!).then((found) => found.items),
  });
  if (!body) return null;
  return (
    <div className="dialog-field" role="status" aria-live="polite">
      {isFetching && <p className="muted">正在试算…</p>}
      {error && <p className="field-error">■ {error.message}</p>}
      {data && data.length === 0 && <p>没有正在计时的时限因此改变。</p>}
      {data && data.length > 0 && (
        <>
          <p>届满将改为：</p>
          <ul>{data.map((one) => <li key={one.name + one.old}>{one.name}：{one.old} → <strong>{one.new}</strong>{one.provisional && "（暂定）"}</li>)}</ul>
        </>
      )}
    </div>
  );
}

function Extend({ detail, receipt, close, done }: DialogProps) {
  const { message } = App.useApp();
  const rule = receipt.extend!;
  const [n, setN] = useState<number | null>(receipt.asked?.n ?? rule.n);
  const [reason, setReason] = useState<string | undefined>(receipt.asked?.reason);
  const [text, setText] = useState("");
  const [on, setOn] = useState<Dayjs | null>(null);
  const write = useWrite<unknown, Done>(`/cases/${detail.case.id}/extensions`);
  const send = () =>
    write.mutate({ revision: detail.revision, clock: receipt.id, reason, n, text: text.trim(), decided_on: on?.format("YYYY-MM-DD") ?? null }, { onSuccess: (answer) => { void message.success(answer.message); done(); } });
  return (
    <Modal open title={`${rule.lapsed ? "补录延长决定" : "延长时限"}：${receipt.name}`} okText={rule.lapsed ? "补录" : "决定延长"} okButtonProps={{ disabled: !reason || !n || (rule.lapsed && !on), loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      <Failed error={write.error} />
      <p>{receipt.text}</p>
      <fieldset className="dialog-field plain-fieldset">
        <legend>事由（{receipt.citation}）</legend>
        {rule.reasons.length === 0 && <Reason label="写明原因" value={reason ?? ""} onChange={setReason} />}
        <Radio.Group vertical value={reason} onChange={(event) => setReason(event.target.value as string)} options={rule.reasons.map((one) => ({ value: one, label: one }))} />
      </fieldset>
      <label className="dialog-field"><span>延长（最多 {rule.n} {rule.unit}）</span><InputNumber min={1} max={rule.n} value={n} onChange={setN} suffix={rule.unit} /></label>
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="extend-on">作出决定的日期{rule.lapsed ? "（须在届满前）" : "（今天决定的不填）"}</label>
        <DatePicker id="extend-on" value={on} onChange={setOn} minDate={toWall(receipt.start) ?? undefined} maxDate={rule.lapsed ? dayjs(receipt.due) : undefined} />
      </div>
      <Preview
        path={`/cases/${detail.case.id}/extensions/preview`}
        body={reason && n && !(rule.lapsed && !on) ? { revision: detail.revision, clock: receipt.id, reason, n, decided_on: on?.format("YYYY-MM-DD") ?? null } : null}
      />
      <Reason label="说明（可不填）" value={text} onChange={setText} />
      <p className="muted">决定记入办理过程；定时提醒和待办的到期日随之移动。</p>
    </Modal>
  );
}

function Refuse({ detail, receipt, close, done }: DialogProps) {
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const write = useWrite<unknown, Done>(`/cases/${detail.case.id}/extensions/refuse`);
  const send = () =>
    write.mutate({ revision: detail.revision, clock: receipt.id, reason: reason.trim() }, { onSuccess: (answer) => { void message.success(answer.message); done(); } });
  return (
    <Modal open title={`不予延长：${receipt.name}`} okText="不予延长" okButtonProps={{ disabled: reason.trim().length < 2, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      <Failed error={write.error} />
      <p>{receipt.asked?.by_name}申请延长 {receipt.asked?.n} {receipt.extend?.unit}，事由：{receipt.asked?.reason}。原时限不变。</p>
      <Reason value={reason} onChange={setReason} />
    </Modal>
  );
}

/** 更正: the date from which a limit runs, or (`end`) the one of the act that ended it. */
function Correct({ detail, receipt, close, done, end = false }: DialogProps & { end?: boolean }) {
  const { message } = App.useApp();
  const known = end && receipt.ended_at ? receipt.ended_at : receipt.start;
  const byDay = end && receipt.ended_day;
  const entered = end ? receipt.end_entered_at : receipt.entered_at;
  const what = end ? "办理时间" : "起算日期";
  const [at, setAt] = useState<Dayjs | null>(toWall(known));
  const [reason, setReason] = useState("");
  const write = useWrite<unknown, Done>(`/cases/${detail.case.id}/${end ? "end" : "start"}-dates`);
  const send = () =>
    at && write.mutate({ revision: detail.revision, clock: receipt.id, date: byDay ? at.format("YYYY-MM-DD") : toInstant(at), reason: reason.trim() }, { onSuccess: (answer) => { void message.success(answer.message); done(); } });
  return (
    <Modal open title={`更正${what}：${receipt.name}`} okText="更正" okButtonProps={{ disabled: !at || reason.trim().length < 2, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      <Failed error={write.error} />
      <p>现记为 <strong>{byDay ? day(known) : when(known)}</strong> {end ? "办结" : receipt.start_event}{entered && `（${when(entered)} 录入）`}。</p>
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="correct-date">应为</label>
        {byDay
          ? <DatePicker id="correct-date" aria-label="更正后的办理日期" value={at} onChange={setAt} />
          : <DatePicker id="correct-date" aria-label={end ? "更正后的办理时间" : "更正后的起算时间"} showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" value={at} onChange={setAt} needConfirm={false} />}
      </div>
      {!end && <Preview
        path={`/cases/${detail.case.id}/start-dates/preview`}
        body={at && toInstant(at) !== toInstant(toWall(receipt.start)!) ? { revision: detail.revision, clock: receipt.id, date: toInstant(at), reason: "试算" } : null}
      />}
      <Reason label="更正原因" value={reason} onChange={setReason} hint={end ? "如：送达回证为 9 月 7 日，录入有误" : "如：受理登记簿为 9 月 7 日，录入有误"} />
      <p className="muted">{end ? "以此办结的时限重新核定是否按时，由此日期起算的时限一并重新计算" : "以此日期起算的各项时限一并重新计算"}；原日期、录入时间和更正人都留在办理过程里。</p>
    </Modal>
  );
}
