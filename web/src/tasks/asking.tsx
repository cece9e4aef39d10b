/** 征求意见, 前加签, 催办, 跳转: what one asks of others about a step; none of them passes it on. */
import { Alert, Modal, Select } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import type { Action, Done, TaskRow } from "../api/types";
import { Reason } from "../common/Reason";
import { PersonControl } from "../forms/fields/PersonControl";

interface Props {
  task: TaskRow;
  onClose: () => void;
  onDone: (done: Done) => void;
}

export function People({ id, label, value, onChange }: { id: string; label: string; value: string[]; onChange: (value: string[]) => void }) {
  return (
    <div className="dialog-field">
      <label className="dialog-label" htmlFor={id}>{label}</label>
      <PersonControl
        id={id} kind="persons" component={{ type: "select", label }} value={value} onChange={(next) => onChange(next ?? [])}
        disabled={false} describedBy={undefined} invalid={false}
      />
    </div>
  );
}

const WORDS = {
  ask: { kind: "opinion", title: "征求意见", who: "征求谁的意见", hint: "请写明想请对方研究的问题", note: "对方答复后，任务仍由您办理；答复之前不能提交，可以随时收回。" },
  presign: { kind: "presign", title: "前加签", who: "请谁先签", hint: "请写明需要先签的事由", note: "对方表明同意或不同意后，由您作决定；不同意不会自动终止办理。签字人须遵守回避规定。" },
} as const;

export function AskDialog({ verb, task, onClose, onDone }: Props & { verb: "ask" | "presign" }) {
  const words = WORDS[verb];
  const [of, setOf] = useState<string[]>([]);
  const [text, setText] = useState("");
  const write = useWrite<unknown, Done>(`/tasks/${task.id}/ask`);
  return (
    <Modal
      open title={words.title} okText="发出" okButtonProps={{ disabled: of.length === 0 || text.trim().length < 2, loading: write.isPending }} onCancel={onClose} destroyOnHidden
      onOk={() => write.mutate({ revision: task.revision, kind: words.kind, of, text: text.trim() }, { onSuccess: onDone })}
    >
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <People id="ask-of" label={words.who} value={of} onChange={setOf} />
      <Reason label="说明" value={text} onChange={setText} hint={words.hint} />
      <p className="muted">{words.note}</p>
    </Modal>
  );
}

export function UrgeDialog({ task, onClose, onDone }: { task: Pick<TaskRow, "id" | "name">; onClose: () => void; onDone: (done: Done) => void }) {
  const [text, setText] = useState("");
  const write = useWrite<unknown, Done>(`/tasks/${task.id}/urge`);
  return (
    <Modal
      open title={`催办：${task.name}`} okText="催办" okButtonProps={{ loading: write.isPending }} onCancel={onClose} destroyOnHidden
      onOk={() => write.mutate({ text: text.trim() }, { onSuccess: onDone })}
    >
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <Reason label="催办内容（可不填）" value={text} onChange={setText} hint="对方会看到" />
      <p className="muted">同一环节每天只能催办一次；催办记入办理过程，计时中止期间不催办。</p>
    </Modal>
  );
}

export function JumpDialog({ task, action, onClose, onDone }: Props & { action: Action }) {
  const [target, setTarget] = useState<string>();
  const [reason, setReason] = useState("");
  const write = useWrite<unknown, Done>(`/tasks/${task.id}/jump`);
  return (
    <Modal
      open title="提出跳转" okText="提出" okButtonProps={{ disabled: !target || reason.trim().length < 2, loading: write.isPending }} onCancel={onClose} destroyOnHidden
      onOk={() => write.mutate({ revision: task.revision, target, reason: reason.trim() }, { onSuccess: onDone })}
    >
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="jump-target">跳转到</label>
        <Select
          id="jump-target" className="field-select" value={target} onChange={setTarget} placeholder="选择环节" aria-label="跳转到"
          options={action.targets.map((one) => ({ value: String(one.value), label: one.label }))}
        />
      </div>
      <Reason value={reason} onChange={setReason} hint="请写明为什么不能按流程办理" />
      <p className="muted">须由另一名督查人员批准后才生效；提出和批准都记入办理过程。</p>
    </Modal>
  );
}
