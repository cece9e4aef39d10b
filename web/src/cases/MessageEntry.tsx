/** The form of one message, filled and recorded on the case. */
import { useQuery } from "@tanstack/react-query";
import { App, Button, Skeleton } from "antd";
import { useState } from "react";
import { ApiError, get } from "../api/client";
import { useWrite } from "../api/queries";
import type { CaseDetail, Done } from "../api/types";
import { Problem } from "../common/Problem";
import { ErrorSummary } from "../forms/ErrorSummary";
import { FormView } from "../forms/FormView";
import type { Values } from "../forms/model";
import { useForm } from "../forms/useForm";

interface MessageForm {
  label: string;
  form: Record<string, unknown>;
  values: Values;
}

interface Props {
  detail: CaseDetail;
  subscription: string;
  done: () => void;
  reload: () => void;
}

export function MessageEntry(props: Props) {
  const path = `/cases/${props.detail.case.id}/messages/${props.subscription}`;
  const { data, error, isPending } = useQuery({ queryKey: ["message-form", path], queryFn: () => get<MessageForm>(path), staleTime: 0, gcTime: 0 });
  if (isPending) return <Skeleton active />;
  if (!data) return <Problem error={error!} />;
  return <Entry {...props} entry={data} />;
}

function Entry({ detail, subscription, entry, done, reload }: Props & { entry: MessageForm }) {
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
      <FormView schema={form.schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} />
      <Button type="primary" size="large" loading={write.isPending} onClick={submit}>{entry.label || "登记"}</Button>
    </div>
  );
}
