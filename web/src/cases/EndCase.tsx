/** 撤回申请, 终止, 作废: each ends a case for good, so it asks for the reason and says what it means. */
import { Alert, App, Button, Modal } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import type { Action, CaseDetail, Done } from "../api/types";
import { Reason } from "../common/Reason";

export const ENDINGS: Record<string, string> = {
  withdraw: "撤回后各环节不再办理，已有的记录保留。需要时可重新上报。",
  cancel: "终止后各环节不再办理，已有的办理记录全部保留。此操作不能撤回。",
  void: "作废表示这件事项本不应建立（如重复建档）。已有的记录全部保留并标明作废。此操作不能撤回。",
};

export function EndCase({ detail, action }: { detail: CaseDetail; action: Action }) {
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const write = useWrite<unknown, Done>(`/cases/${detail.case.id}/${action.key}`);
  const end = () =>
    write.mutate({ revision: detail.revision, reason: reason.trim() }, {
      onSuccess: (done) => { setOpen(false); void message.success(done.message || `已${action.label}`); },
    });
  return (
    <>
      <Button danger onClick={() => setOpen(true)}>{action.label}</Button>
      <Modal
        open={open} title={`${action.label}：${detail.case.number}`} okText={action.label} okButtonProps={{ danger: true, disabled: reason.trim().length < 2, loading: write.isPending }}
        onOk={end} onCancel={() => setOpen(false)} destroyOnHidden
      >
        {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
        <p>{ENDINGS[action.key]}</p>
        <Reason value={reason} onChange={setReason} />
      </Modal>
    </>
  );
}
