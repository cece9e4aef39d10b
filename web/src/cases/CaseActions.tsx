/** What may be recorded on the case itself (an objection, a supplement, the person declines …), each with its form. */
import { App, Button, Drawer, Skeleton } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, get } from "../api/client";
import { useWrite } from "../api/queries";
import type { Action, CaseDetail, Done } from "../api/types";
import { useWide } from "../app/useWide";
import { Problem } from "../common/Problem";
import { ErrorSummary } from "../forms/ErrorSummary";
import { FormView } from "../forms/FormView";
import { CancelCase } from "./CancelCase";
import { useForm } from "../forms/useForm";
import type { Values } from "../forms/model";

interface MessageForm {
  label: string;
  form: Record<string, unknown> | null;
  values: Values;
}

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
        {open && <Loader detail={detail} subscription={open.key.slice("message:".length)} done={() => { setOpen(null); reload(); }} reload={reload} />}
      </Drawer>
    </section>
  );
}

function Loader(props: { detail: CaseDetail; subscription: string; done: () => void; reload: () => void }) {
  const path = `/cases/${props.detail.case.id}/messages/${props.subscription}`;
  const { data, error, isPending } = useQuery({ queryKey: ["message-form", path], queryFn: () => get<MessageForm>(path), staleTime: 0, gcTime: 0 });
  if (isPending) return <Skeleton active />;
  if (!data) return <Problem error={error!} />;
  return <Entry {...props} entry={data} />;
}

function Entry({ detail, subscription, entry, done, reload }: { detail: CaseDetail; subscription: string; entry: MessageForm; done: () => void; reload: () => void }) {
  const { message } = App.useApp();
  const form = useForm(entry.form, entry.values);
  const [attempt, setAttempt] = useState(0);
  const write = useWrite<unknown, Done>(`/cases/${detail.case.id}/messages`);
  const submit = () => {
    const { values } = form.ready();
    if (!values) return setAttempt((n) => n + 1);
    write.mutate({ revision: detail.revision, subscription, values }, {
      onSuccess: (answer) => { void message.success(answer.message || "已登记"); done(); },
      onError: (error) => {
        if (!(error instanceof ApiError)) return;
        if (error.fields.length > 0) {
          form.refuse(error.fields);
          setAttempt((n) => n + 1);
        } else if (error.isConflict) reload();
      },
    });
  };
  return (
    <div className="stack">
      {write.error && <Problem error={write.error} />}
      <ErrorSummary errors={form.errors} attempt={attempt} />
      {entry.form ? <FormView schema={form.schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} /> : <p>确认登记？</p>}
      <Button type="primary" size="large" loading={write.isPending} onClick={submit}>{entry.label || "登记"}</Button>
    </div>
  );
}
