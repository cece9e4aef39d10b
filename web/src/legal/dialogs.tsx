/** First person proposes, second person decides. The server's refusal names the article. */
import { Alert, App, DatePicker, Input, InputNumber, Modal, Radio, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { ApiError } from "../api/client";
import { useWrite } from "../api/queries";
import type { Done } from "../api/types";
import { Reason } from "../common/Reason";
import { day } from "../common/time";
import type { LegalChange, LegalItem, LegalValue } from "./types";

const sentence = (error: Error, field: string): string => (error instanceof ApiError ? (error.fields.find((one) => one.path === field)?.message ?? error.message) : error.message);

export function Propose({ item, close, done }: { item: LegalItem; close: () => void; done: () => void }) {
  const { message } = App.useApp();
  const [back, setBack] = useState(false);
  const [value, setValue] = useState<LegalValue>(item.value);
  const [from, setFrom] = useState<Dayjs | null>(null);
  const [reason, setReason] = useState("");
  const write = useWrite<unknown, Done>("/terms/changes");
  const send = () =>
    write.mutate({ kind: item.kind, key: item.key, value: back ? null : value, valid_from: from?.format("YYYY-MM-DD"), reason: reason.trim() }, {
      onSuccess: (answer) => { void message.success(answer.message); done(); },
    });
  const unit = item.words.replace(/^[\d.]+/, "");
  return (
    <Modal open title={`提出调整：${item.name}`} okText="提出" okButtonProps={{ disabled: !from || reason.trim().length < 2 || (!back && value === null), loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" title={sentence(write.error, "value")} className="dialog-field" />}
      <p>现行 <strong>{item.words}</strong>；依据：{item.citation ?? "未注明"}，为 {item.lawful}{item.direction && `（${item.direction}）`}。</p>
      {item.choice && (
        <div className="dialog-field">
          <Radio.Group value={back} onChange={(event) => setBack(event.target.value as boolean)} options={[{ value: false, label: "另定" }, { value: true, label: `恢复为依据规定（${item.lawful}）` }]} />
        </div>
      )}
      {!back && <ValueField item={item} unit={unit} value={value} onChange={setValue} />}
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="valid-from">生效日期（当日及以后受理的事项适用）</label>
        <DatePicker id="valid-from" aria-label="生效日期" value={from} onChange={setFrom} minDate={dayjs().add(1, "day")} />
      </div>
      <Reason label="理由或文号" value={reason} onChange={setReason} hint="如：区民政局 2026 年第 3 次局务会" />
      <p className="muted">提出后须由另一人确认。已受理的事项仍按受理当日的规定。</p>
    </Modal>
  );
}

function ValueField({ item, unit, value, onChange }: { item: LegalItem; unit: string; value: LegalValue; onChange: (value: LegalValue) => void }) {
  if (typeof item.value === "boolean") {
    return (
      <div className="dialog-field">
        <Radio.Group aria-label="取值" value={value} onChange={(event) => onChange(event.target.value as boolean)} options={[{ value: true, label: "是" }, { value: false, label: "否" }]} optionType="button" />
      </div>
    );
  }
  if (item.choices.length > 0) {
    const several = Array.isArray(item.value);
    return (
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="legal-value">{several ? "选取哪些" : "取值"}</label>
        <Select<string | string[]> id="legal-value" className="field-select" aria-label="取值" mode={several ? "multiple" : undefined} value={value as string | string[]} onChange={onChange} options={item.choices} />
      </div>
    );
  }
  if (Array.isArray(item.value)) {
    return (
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="legal-list">逐项列出</label>
        <Select id="legal-list" className="field-select" aria-label="逐项列出" mode="tags" value={value as string[]} onChange={(next: string[]) => onChange(next)} open={false} />
      </div>
    );
  }
  if (typeof item.value === "string") {
    return <label className="dialog-field"><span>取值</span><Input value={value as string} onChange={(event) => onChange(event.target.value)} /></label>;
  }
  return (
    <label className="dialog-field">
      <span>改为</span>
      <InputNumber value={value as number | null} onChange={onChange} step={Number.isInteger(item.value) ? 1 : 0.1} suffix={unit || undefined} />
    </label>
  );
}

export function Decide({ change, close, done }: { change: LegalChange; close: () => void; done: () => void }) {
  const { message } = App.useApp();
  const [approve, setApprove] = useState<boolean>();
  const [answer, setAnswer] = useState("");
  const write = useWrite<unknown, Done>(`/terms/changes/${change.id}/decide`);
  const ready = approve === true || (approve === false && answer.trim().length >= 2);
  const send = () =>
    write.mutate({ revision: change.revision, approve, answer: answer.trim() }, { onSuccess: (said) => { void message.success(said.message); done(); } });
  return (
    <Modal open title={`确认调整：${change.name}`} okText="提交" okButtonProps={{ disabled: !ready, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <p>{change.proposed_by}提出：{change.before} → <strong>{change.value}</strong>，{day(change.valid_from, { year: true })} 起受理的事项适用。</p>
      <p>理由：{change.reason}</p>
      <div className="dialog-field">
        <Radio.Group aria-label="是否确认" value={approve} onChange={(event) => setApprove(event.target.value as boolean)} optionType="button" buttonStyle="solid" options={[{ value: true, label: "确认" }, { value: false, label: "不同意" }]} />
      </div>
      {approve === false && <Reason label="不同意的理由" value={answer} onChange={setAnswer} />}
    </Modal>
  );
}
