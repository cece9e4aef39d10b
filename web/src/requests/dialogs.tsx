/** Answering an opinion or a signature asked for; approving or refusing a move. */
import { Alert, App, Modal, Radio } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import type { Done, RequestRow } from "../api/types";
import { Reason } from "../common/Reason";

interface Props {
  one: RequestRow;
  close: () => void;
}

function Choice({ label, value, onChange, options }: { label: string; value: string | undefined; onChange: (value: string) => void; options: [string, string][] }) {
  return (
    <div className="dialog-field">
      <Radio.Group aria-label={label} value={value} onChange={(event) => onChange(event.target.value as string)} optionType="button" buttonStyle="solid" options={options.map(([key, text]) => ({ value: key, label: text }))} />
    </div>
  );
}

export function AnswerDialog({ one, close }: Props) {
  const { message } = App.useApp();
  const signs = one.kind === "presign";
  const [opinion, setOpinion] = useState<string>();
  const [text, setText] = useState("");
  const write = useWrite<unknown, Done>(`/requests/${one.id}/answer`);
  const ready = signs ? opinion === "agree" || (opinion === "disagree" && text.trim().length >= 2) : text.trim().length >= 2;
  const send = () => write.mutate({ revision: one.revision, opinion, text: text.trim() }, { onSuccess: (done) => { void message.success(done.message); close(); } });
  return (
    <Modal open title={`${one.kind_text}：${one.task_name ?? one.case_number}`} okText="提交" okButtonProps={{ disabled: !ready, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <p>{one.asked_by}：{one.text || "请提意见"}</p>
      {signs && <Choice label="意见" value={opinion} onChange={setOpinion} options={[["agree", "同意"], ["disagree", "不同意"]]} />}
      <Reason label="意见" value={text} onChange={setText} hint={opinion === "agree" ? "可不填" : "请写明意见和理由"} />
      <p className="muted">您的意见供承办人参考并记入办理过程，由承办人作出决定。</p>
    </Modal>
  );
}

export function DecideDialog({ one, close }: Props) {
  const { message } = App.useApp();
  const [choice, setChoice] = useState<string>();
  const [reason, setReason] = useState("");
  const write = useWrite<unknown, Done>(`/requests/${one.id}/decide`);
  const ready = choice === "yes" || (choice === "no" && reason.trim().length >= 2);
  const send = () => write.mutate({ revision: one.revision, approve: choice === "yes", reason: reason.trim() }, { onSuccess: (done) => { void message.success(done.message); close(); } });
  return (
    <Modal open title="跳转申请" okText="提交" okButtonProps={{ disabled: !ready, loading: write.isPending, danger: choice === "yes" }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <p>{one.asked_by}提出：{one.case_number} 由「{one.task_name}」跳转到「{one.target_name}」。</p>
      <p>原因：{one.text}</p>
      <Choice label="是否批准" value={choice} onChange={setChoice} options={[["yes", "批准"], ["no", "不批准"]]} />
      {choice === "no" && <Reason value={reason} onChange={setReason} hint="请写明不批准的原因" />}
    </Modal>
  );
}

export function ReplyDialog({ one, close }: Props) {
  const { message } = App.useApp();
  const [text, setText] = useState("");
  const write = useWrite<unknown, Done>(`/requests/${one.id}/reply`);
  const send = () => write.mutate({ revision: one.revision, text: text.trim() }, { onSuccess: (done) => { void message.success(done.message); close(); } });
  return (
    <Modal open title={`答复催办：${one.task_name ?? one.case_number}`} okText="答复" okButtonProps={{ disabled: text.trim().length < 2, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <p>{one.asked_by}：{one.text || "请尽快办理"}</p>
      <Reason label="办理情况" value={text} onChange={setText} hint="办到哪一步、何时办结；逾期不答复的转督办" />
    </Modal>
  );
}
