/** One meeting: roll, agenda with totals for all cases, convening, closing, corrections, minutes. */
import { PrinterOutlined } from "@ant-design/icons";
import { Alert, App, Button, Input, Modal, Skeleton } from "antd";
import { useState } from "react";
import { url } from "../api/client";
import { href } from "../app/router";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { Reason } from "../common/Reason";
import { when } from "../common/time";
import { ErrorSummary } from "../forms/ErrorSummary";
import { Field } from "../forms/Field";
import { kindOf, type Component } from "../forms/model";
import type { Value } from "../api/types";
import { Agenda } from "./Agenda";
import { AddCases } from "./AddCases";
import { check, count, type Draft } from "./draft";
import { RollEditor } from "./RollEditor";
import { CHAIR, CONVENER, COURSE, DEPUTY, HELD_AT, PHOTOS, PLACE, RECORDER } from "./schemas";
import { fieldsOf, useMeeting } from "./useMeeting";
import type { Meeting, MeetingDone } from "./types";
import "../forms/forms.css";
import "./meetings.css";

type State = ReturnType<typeof useMeeting>;
type Act = "convene" | "close" | "carry" | "cancel" | "correct" | null;

function Refused({ done }: { done: MeetingDone }) {
  return (
    <Alert
      type={done.refused.length > 0 ? "warning" : "success"} showIcon title={done.message} role="status"
      description={done.refused.length > 0 && <ul>{done.refused.map((one) => <li key={one.n}>第 {one.n} 项 {one.title}：{one.message}</li>)}</ul>}
    />
  );
}

export function MeetingPage({ number }: { number: string }) {
  const state = useMeeting(number);
  const { meeting, draft, error } = state;
  const [act, setAct] = useState<Act>(null);
  const [adding, setAdding] = useState(false);
  const [done, setDone] = useState<MeetingDone | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [attempt, setAttempt] = useState(0);
  if (error) return <Problem error={error} retry={() => void state.refetch()} />;
  if (!meeting || !draft) return <div className="panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  const errors = fieldsOf(problem);
  const run = async (path: string, body: Record<string, unknown> = {}) => {
    setProblem(null);
    setAct(null);
    try {
      setDone(await state.step(path, body));
    } catch (refusal) {
      setDone(null);
      setProblem(refusal as Error);
      setAttempt((n) => n + 1);
    }
  };
  const left = meeting.items.filter((one) => one.state === "open");
  return (
    <div className="stack meeting">
      <nav aria-label="所在位置" className="crumbs"><a href={href("/meetings")}>评议会议</a> / {meeting.number}</nav>
      <PageHead title={`${meeting.place_name} 评议会议`} hint={`${meeting.number} · ${meeting.state_text}${meeting.closed_at ? `于 ${when(meeting.closed_at)}` : ""}`}>
        {meeting.whole && <Button icon={<PrinterOutlined />} href={url(`/meetings/${meeting.number}.pdf`)} target="_blank">{meeting.state === "closed" ? "打印会议记录" : "打印草稿"}</Button>}
        {meeting.may_edit && <Button onClick={() => setAct("cancel")}>取消会议</Button>}
        {meeting.may_hold && meeting.state === "closed" && <Button onClick={() => setAct("correct")}>登记更正</Button>}
      </PageHead>
      {!meeting.whole && <Alert type="info" showIcon title="这次会议还评议其他村（居）的户，这里只列出本村（居）的。" />}
      {state.conflict && <Alert type="error" showIcon title={state.conflict} action={<Button size="small" onClick={state.discard}>放弃本页修改，看最新的</Button>} />}
      {done && <Refused done={done} />}
      {problem && Object.keys(errors).length > 0 && <ErrorSummary errors={errors} attempt={attempt} />}
      {problem && Object.keys(errors).length === 0 && <Problem error={problem} />}
      <Head meeting={meeting} draft={draft} errors={errors} change={state.change} />
      <RollEditor roll={draft.roll} roles={meeting.roles} editable={meeting.may_edit} errors={errors} onChange={(roll) => state.change((was) => ({ ...was, roll }))} />
      <section className="panel" aria-labelledby="agenda-head">
        <div className="row meeting-section-head">
          <h2 id="agenda-head">评议对象与票数（{meeting.items.length}）</h2>
          {meeting.may_edit && <Button size="small" onClick={() => setAdding(true)}>列入其他户</Button>}
        </div>
        {errors.agenda && <p className="field-error" role="alert">■ {errors.agenda}</p>}
        <p className="muted">每户同意、不同意、弃权之和等于实到减回避；只登记总数。回车或上下键换行。</p>
        <Rules meeting={meeting} />
        <Agenda
          meeting={meeting} draft={draft} editable={meeting.may_edit} errors={errors} remove={(n) => void run("agenda", { remove: n })}
          onChange={(item) => state.change((was) => ({ ...was, items: was.items.map((one) => (one.n === item.n ? item : one)) }))}
        />
        {meeting.items.length === 0 && <p className="muted">议程是空的。</p>}
      </section>
      <Record meeting={meeting} draft={draft} errors={errors} change={state.change} />
      <Log meeting={meeting} />
      {(meeting.may_edit || (meeting.may_hold && meeting.state === "closed" && left.length > 0)) && (
        <div className="meeting-bar no-print">
          <Saved state={state} />
          {meeting.may_hold && meeting.may_edit && <Button type={meeting.state === "draft" ? "primary" : "default"} onClick={() => setAct("convene")}>{meeting.state === "draft" ? "召集" : "补召集"}</Button>}
          {meeting.may_hold && meeting.state === "convened" && <Button type="primary" onClick={() => setAct("close")}>结束会议</Button>}
          {!meeting.may_hold && <span className="muted">召集和结束由镇（街）办理。</span>}
          {meeting.may_hold && meeting.state === "closed" && <Button type="primary" onClick={() => void run("carry")}>重试未办结的 {left.length} 户</Button>}
        </div>
      )}
      {adding && <AddCases area={meeting.area} close={() => setAdding(false)} add={(tasks) => { setAdding(false); void run("agenda", { add: tasks }); }} />}
      <Dialogs act={act} close={() => setAct(null)} run={run} meeting={meeting} draft={draft} />
    </div>
  );
}

interface Part {
  meeting: Meeting;
  draft: Draft;
  errors: Record<string, string>;
  change: State["change"];
}

function Fields({ components, meeting, draft, errors, change }: Part & { components: Component[] }) {
  return (
    <div className="form-grid meeting-fields">
      {components.map((component) => {
        const key = component.key as keyof Draft;
        return (
          <Field
            key={key} component={component} kind={kindOf(component)} path={[key]} value={draft[key] as Value} error={errors[key]} disabled={!meeting.may_edit}
            onChange={(value) => change((was) => ({ ...was, [key]: value ?? (key === "deputy" ? null : key === "photos" ? [] : "") }))}
          />
        );
      })}
    </div>
  );
}

function Head(part: Part) {
  const { meeting } = part;
  if (!meeting.may_edit) {
    return (
      <section className="panel" aria-label="会议安排">
        <dl className="facts">
          <div><dt>时间</dt><dd>{when(meeting.held_at)}</dd></div>
          <div><dt>地点</dt><dd>{meeting.place}</dd></div>
          <div><dt>召集</dt><dd>{meeting.convener === "village" ? "村（居）委会" : "镇（街）"}</dd></div>
          <div><dt>主持人</dt><dd>{meeting.chair_name}{meeting.deputy_name && `（须回避的户由${meeting.deputy_name}主持）`}</dd></div>
          <div><dt>记录人</dt><dd>{meeting.recorder}</dd></div>
          {meeting.digest && <div><dt>记录摘要</dt><dd className="muted">{meeting.digest.slice(0, 16)}…（印在会议记录上，改动任何一处都会不同）</dd></div>}
        </dl>
      </section>
    );
  }
  return <section className="panel" aria-label="会议安排"><Fields {...part} components={[HELD_AT, PLACE, CONVENER, CHAIR, DEPUTY, RECORDER]} /></section>;
}

function Record(part: Part) {
  return <section className="panel" aria-labelledby="record-head"><h2 id="record-head">会议记录</h2><Fields {...part} components={[COURSE, PHOTOS]} /></section>;
}

function Rules({ meeting }: { meeting: Meeting }) {
  const shown = (value: number) => (value < 1 ? `${Math.round(value * 100)}%` : `${value} 人`);
  return (
    <details className="meeting-rules">
      <summary>怎样算有效、怎样算通过</summary>
      <ul>{meeting.rules.map((rule) => <li key={rule.key}>{rule.name}：不少于 {shown(rule.value)}<span className="muted">（{rule.source}）</span></li>)}</ul>
      <p className="muted">按每户的应投人数计算。意见供审核参考：未通过的户由审核人员说明理由或重新调查，不会因此终止。</p>
    </details>
  );
}

function Log({ meeting }: { meeting: Meeting }) {
  const corrections = meeting.log.filter((one) => one.what === "correction");
  return (
    <section className="panel" aria-labelledby="log-head">
      <h2 id="log-head">经过{corrections.length > 0 && `与更正（${corrections.length}）`}</h2>
      <ul className="plain-list meeting-log">
        {meeting.log.map((one, index) => <li key={index} className={one.what === "correction" ? "meeting-correction" : ""}><span className="muted nowrap">{when(one.at)}</span> {one.name} <strong>{one.what_text}</strong>{one.item && ` 第 ${one.item} 项`}{one.text && `：${one.text}`}</li>)}
      </ul>
    </section>
  );
}

function Saved({ state }: { state: State }) {
  const { saved } = state;
  const words = saved.kind === "pending" ? "正在保存…" : saved.kind === "saved" ? `草稿已保存 ${when(saved.at)}` : saved.kind === "failed" ? `没有保存：${saved.why}` : "";
  return <span className={`meeting-saved ${saved.kind === "failed" ? "hot" : "muted"}`} role="status">{words}</span>;
}

/** What closing would mean, in figures, before it is done. */
function summary(meeting: Meeting, draft: Draft): string[] {
  const typed = draft.items.map((own) => {
    const item = meeting.items.find((one) => one.n === own.n);
    return { item, state: check(own, count(draft.roll, item?.recused.filter((one) => one.automatic) ?? [], own.recused).voting).state };
  });
  const number = (state: string) => typed.filter((one) => one.state === state).length;
  const invalid = typed.filter((one) => one.state === "right" && one.item?.verdict?.valid === false).length;
  return [
    `合计相符 ${number("right")} 户`, number("postponed") > 0 ? `延期 ${number("postponed")} 户` : "",
    number("wrong") + number("empty") > 0 ? `还没有填对 ${number("wrong") + number("empty")} 户` : "", invalid > 0 ? `人数或代表比例不够，会议对 ${invalid} 户无效，须重新组织` : "",
  ].filter(Boolean);
}

function Dialogs({ act, close, run, meeting, draft }: { act: Act; close: () => void; run: (path: string, body?: Record<string, unknown>) => Promise<void>; meeting: Meeting; draft: Draft }) {
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const [text, setText] = useState("");
  const correct = () => void run("corrections", { text: text.trim(), item: null }).then(() => { setText(""); void message.success("更正已登记"); });
  return (
    <>
      <Modal open={act === "convene"} title="召集会议" okText="召集" onOk={() => void run("convene")} onCancel={close} destroyOnHidden>
        <p>时间 {when(draft.held_at)}，{draft.place}，应到 {draft.roll.length} 人，{meeting.items.length} 户。</p>
        <p className="muted">各户的“组织评议会议”随之办结并核验回避；通知各村（居）。已召集的户不重复办理。</p>
      </Modal>
      <Modal open={act === "close"} title="结束会议" okText="结束并写入各户" onOk={() => void run("close")} onCancel={close} destroyOnHidden>
        <ul>{summary(meeting, draft).map((one) => <li key={one}>{one}</li>)}</ul>
        <p className="muted">结束后记录不能修改，只能登记更正；各户的“录入评议结果”随之办结，个别户办不了的会说明原因，不影响其他户。</p>
      </Modal>
      <Modal open={act === "cancel"} title="取消会议" okText="取消会议" cancelText="返回" okButtonProps={{ danger: true, disabled: reason.trim().length < 2 }} onOk={() => void run("cancel", { reason: reason.trim() })} onCancel={close} destroyOnHidden>
        <Reason value={reason} onChange={setReason} hint="如：到会人数不足，改期" />
      </Modal>
      <Modal open={act === "correct"} title="登记更正" okText="登记" okButtonProps={{ disabled: text.trim().length < 4 }} onOk={correct} onCancel={close} destroyOnHidden>
        <label className="dialog-field"><span>更正内容（写明第几项、哪一处、应为什么；原记录不变）</span><Input.TextArea value={text} maxLength={1000} autoSize={{ minRows: 3 }} onChange={(event) => setText(event.target.value)} /></label>
      </Modal>
    </>
  );
}
