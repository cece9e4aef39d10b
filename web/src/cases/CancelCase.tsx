/** 终止: ends a case for good, so it asks for the reason and says what it means. */
import { Alert, App, Button, Input, Modal } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import type { Action, CaseDetail, Done } from "../api/types";

export function CancelCase({ detail, action }: { detail: CaseDetail; action: Action }) {
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const write = useWrite<unknown, Done>(`/cases/${detail.case.id}/cancel`);
  const end = () =>
    write.mutate({ revision: detail.revision, reason: reason.trim() }, {
      onSuccess: (done) => { setOpen(false); void message.success(done.message || "已终止"); },
    });
  return (
    <>
      <Button danger onClick={() => setOpen(true)}>{action.label}</Button>
      <Modal
        open={open} title="终止这件事项" okText="终止" okButtonProps={{ danger: true, disabled: reason.trim().length < 2, loading: write.isPending }}
        onOk={end} onCancel={() => setOpen(false)} destroyOnHidden
      >
        {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
        <p>终止后各环节不再办理，已有的办理记录全部保留。此操作不能撤回。</p>
        <label className="dialog-field">
          <span>原因</span>
          <Input.TextArea value={reason} onChange={(event) => setReason(event.target.value)} autoSize={{ minRows: 3 }} maxLength={500} showCount />
        </label>
      </Modal>
    </>
  );
}
