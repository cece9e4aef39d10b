/** 退回 and 转办: a target and a reason each; both end on the list. */
import { Alert, Modal, Radio, Select } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import type { Action, Done, TaskRow } from "../api/types";
import { Reason } from "../common/Reason";
import { PersonControl } from "../forms/fields/PersonControl";

interface DialogProps {
  open: boolean;
  task: TaskRow;
  onClose: () => void;
  onDone: (done: Done) => void;
}

const REASONS = ["材料不齐", "情况核实不清", "不属本辖区", "填写有误"];

export function SendBackDialog({ open, task, action, onClose, onDone }: DialogProps & { action: Action }) {
  const only = action.targets.length === 1 ? String(action.targets[0].value) : "";
  const [target, setTarget] = useState(only);
  const [reason, setReason] = useState("");
  const [straight, setStraight] = useState(false);
  const mayComeStraight = action.targets.some((one) => String(one.value) === target && one.straight);
  const write = useWrite<unknown, Done>(`/tasks/${task.id}/send-back`);
  const ready = target !== "" && reason.trim().length >= 2;
  return (
    <Modal
      open={open} title="退回修改" okText="退回" okButtonProps={{ disabled: !ready, loading: write.isPending, danger: true }} onCancel={onClose} destroyOnHidden
      onOk={() => write.mutate({ revision: task.revision, target, reason: reason.trim(), straight: straight && mayComeStraight }, { onSuccess: onDone })}
    >
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="send-back-target">退回到</label>
        <Select
          id="send-back-target" className="field-select" value={target || undefined} onChange={setTarget} placeholder="选择环节" aria-label="退回到"
          options={action.targets.map((one) => ({ value: String(one.value), label: one.label }))}
        />
      </div>
      <div className="chips dialog-field" role="group" aria-label="常用原因">
        {REASONS.map((one) => <button key={one} type="button" className="chip" onClick={() => setReason(one)}>{one}</button>)}
      </div>
      <Reason value={reason} onChange={setReason} hint="请写明需要修改或补充什么，对方会看到" />
      <div className="dialog-field">
        <Radio.Group
          aria-label="改完以后" value={straight && mayComeStraight} onChange={(event) => setStraight(event.target.value as boolean)}
          options={[{ value: false, label: "改完后逐级重走" }, { value: true, label: "改完后直接送回本环节", disabled: !mayComeStraight }]}
        />
      </div>
      <p className="muted">事项总时限不因退回而重新计算。</p>
    </Modal>
  );
}

export function TransferDialog({ open, task, onClose, onDone }: DialogProps) {
  const [to, setTo] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const write = useWrite<unknown, Done>(`/tasks/${task.id}/transfer`);
  return (
    <Modal
      open={open} title="转办" okText="转办" okButtonProps={{ disabled: !to || reason.trim().length < 2, loading: write.isPending }} onCancel={onClose} destroyOnHidden
      onOk={() => write.mutate({ revision: task.revision, to, reason: reason.trim() }, { onSuccess: onDone })}
    >
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="transfer-to">转给</label>
        <PersonControl
          id="transfer-to" kind="person" component={{ type: "select", label: "转给" }} value={to} onChange={setTo}
          disabled={false} describedBy={undefined} invalid={false}
        />
      </div>
      <Reason value={reason} onChange={setReason} hint="请写明转办原因，对方会看到" />
    </Modal>
  );
}
