/** 查阅敏感信息: of a household or a case in which one has no step, with a reason, for a few hours, on record. */
import { Alert, App, Modal } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import { Reason } from "./Reason";
import "../forms/forms.css";

interface Props {
  /** Below the API: `/register/…` or `/cases/…`. */
  of: string;
  hint: string;
  close: () => void;
  done: () => void;
}

const LEAST = 4;

export function RevealDialog({ of, hint, close, done }: Props) {
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const write = useWrite<unknown, { message: string }>(`${of}/reveal`);
  const send = () => write.mutate({ reason }, { onSuccess: (answer) => { void message.success(answer.message); done(); } });
  return (
    <Modal open title="查阅敏感信息" okText="查阅" okButtonProps={{ disabled: reason.trim().length < LEAST, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <Reason label="查阅事由" value={reason} onChange={setReason} hint={hint} />
      <p className="muted">查阅数小时内有效，谁、何时、为何查阅都会记录，上级可见。</p>
    </Modal>
  );
}
