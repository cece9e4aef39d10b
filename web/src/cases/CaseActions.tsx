/** What may be recorded on the case itself (an objection, a supplement, the person declines …), each with its form. */
import { Button, Drawer, Skeleton } from "antd";
import { lazy, Suspense, useState } from "react";
import type { Action, CaseDetail } from "../api/types";
import { useWide } from "../app/useWide";
import { CancelCase } from "./CancelCase";

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
  const cancel = detail.actions.find((action) => action.key === "cancel" && action.enabled);
  if (actions.length === 0 && !cancel) return null;
  return (
    <section className="panel" aria-labelledby="case-actions">
      <h2 id="case-actions">可办理</h2>
      <div className="row">
        {actions.map((action) => (
          <Button key={action.key} disabled={!action.enabled} onClick={() => setOpen(action)} title={action.reason ?? undefined}>{action.label}</Button>
        ))}
        {cancel && <CancelCase detail={detail} action={cancel} />}
      </div>
      {actions.some((one) => !one.enabled && one.reason) && (
        <ul className="task-why">{actions.filter((one) => !one.enabled && one.reason).map((one) => <li key={one.key}>{one.label}：{one.reason}</li>)}</ul>
      )}
      <Drawer title={open?.label} open={open !== null} onClose={() => setOpen(null)} placement={wide ? "right" : "bottom"} size={wide ? 620 : "92vh"} destroyOnHidden>
        <Suspense fallback={<Skeleton active />}>
          {open && <MessageEntry detail={detail} subscription={open.key.slice("message:".length)} done={() => { setOpen(null); reload(); }} reload={reload} />}
        </Suspense>
      </Drawer>
    </section>
  );
}
