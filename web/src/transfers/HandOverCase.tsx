/** 移交属地, from the page of a case. */
import { Button } from "antd";
import { useState } from "react";
import type { CaseDetail } from "../api/types";
import { Reason } from "../common/Reason";
import { Where, WriteDialog } from "../organisation/dialogs";

export function HandOverCase({ detail }: { detail: CaseDetail }) {
  const [open, setOpen] = useState(false);
  const [to, setTo] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  return (
    <>
      <Button onClick={() => setOpen(true)}>移交属地</Button>
      {open && (
        <WriteDialog
          title={`移交属地：${detail.case.number}`} okText="提出移交" path={`/cases/${detail.case.id}/hand-over`} ready={Boolean(to) && reason.trim().length >= 2} close={() => setOpen(false)}
          body={() => ({ revision: detail.revision, to_area: to, reason: reason.trim() })}
        >
          <p>现属地：{detail.case.place}</p>
          <Where label="移交到" tiers={["town", "village"]} value={to} onChange={(next) => setTo(next as string | null)} />
          <Reason value={reason} onChange={setReason} hint="如：户籍和居住地均在该镇" />
          <p className="muted">移到另一镇（街）须经对方接收，接收前仍由本地办理、时限照走；本镇（街）内调整立即生效。</p>
        </WriteDialog>
      )}
    </>
  );
}
