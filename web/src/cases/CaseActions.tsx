/** What may be recorded on the case itself (an objection, a supplement, the person declines …), each with its form. */
import { Button, Drawer, Skeleton } from "antd";
import { lazy, Suspense, useState } from "react";
import type { Action, CaseDetail } from "../api/types";
import { useWide } from "../app/useWide";
import { StartMenu } from "../starts/StartMenu";
import { HandOverCase } from "../transfers/HandOverCase";
import { CopyCase, SuperviseCase, UrgeCase } from "./BesideCase";
import { EndCase, ENDINGS } from "./EndCase";

// The form controls come only when something is recorded.
const MessageEntry = lazy(async () => ({ default: (await import("./MessageEntry")).MessageEntry }));

interface Props {
  detail: CaseDetail;
  reload: () => void;
}

export function CaseActions({ detail, reload }: Props) {
  const [open, setOpen] = useState<Action | null>(null);
  const wide = useWide();
  const actions = detail.actions.filter((action) => action.key.startsWith("message:"));
  const able = detail.actions.filter((action) => action.enabled);
  const urge = able.find((action) => action.key === "urge");
  const ends = able.filter((action) => action.key in ENDINGS);
  const why = detail.actions.filter((one) => !one.enabled && one.reason && (one.key === "withdraw" || one.key === "hand_over" || one.key.startsWith("message:")));
  if (detail.actions.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="case-actions">
      <h2 id="case-actions">可办理</h2>
      <div className="row">
        {actions.map((action) => (
          <Button key={action.key} disabled={!action.enabled} onClick={() => setOpen(action)} title={action.reason ?? undefined}>{action.label}</Button>
        ))}
        {able.some((action) => action.key === "copy") && <CopyCase detail={detail} />}
        {urge && <UrgeCase action={urge} />}
        {able.some((action) => action.key === "supervise") && <SuperviseCase detail={detail} reload={reload} />}
        {able.some((action) => action.key === "hand_over") && <HandOverCase detail={detail} />}
        <StartMenu caseId={detail.case.id} label="就此事项发起" />
        {ends.map((action) => <EndCase key={action.key} detail={detail} action={action} />)}
      </div>
      {why.length > 0 && (
        <ul className="task-why">{why.map((one) => <li key={one.key}>{one.label}：{one.reason}</li>)}</ul>
      )}
      <Drawer title={open?.label} open={open !== null} onClose={() => setOpen(null)} placement={wide ? "right" : "bottom"} size={wide ? 620 : "92vh"} destroyOnHidden>
        <Suspense fallback={<Skeleton active />}>
          {open && <MessageEntry detail={detail} subscription={open.key.slice("message:".length)} done={() => { setOpen(null); reload(); }} reload={reload} />}
        </Suspense>
      </Drawer>
    </section>
  );
}
