/** The form that begins a case by hand. */
import { useQuery } from "@tanstack/react-query";
import { App, Button, Skeleton } from "antd";
import { useState } from "react";
import { ApiError, get } from "../api/client";
import { useWrite } from "../api/queries";
import type { Done } from "../api/types";
import { navigate } from "../app/router";
import { Problem } from "../common/Problem";
import { ErrorSummary } from "../forms/ErrorSummary";
import { FormView } from "../forms/FormView";
import type { Values } from "../forms/model";
import { useForm } from "../forms/useForm";
import type { StartOffer } from "./StartMenu";

interface StartForm {
  label: string;
  form: Record<string, unknown>;
  values: Values;
}

interface Props {
  offer: StartOffer;
  caseId?: string;
  done: () => void;
}

export function StartEntry(props: Props) {
  const path = `/starts/${props.offer.process}/${props.offer.event}`;
  const { data, error, isPending } = useQuery({
    queryKey: ["start-form", path, props.caseId ?? ""], queryFn: () => get<StartForm>(path, { case_id: props.caseId }), staleTime: 0, gcTime: 0,
  });
  if (isPending) return <Skeleton active />;
  if (!data) return <Problem error={error!} />;
  return <Entry {...props} path={path} entry={data} />;
}

function Entry({ offer, caseId, path, entry, done }: Props & { path: string; entry: StartForm }) {
  const { message } = App.useApp();
  const form = useForm(entry.form, entry.values);
  const [attempt, setAttempt] = useState(0);
  const write = useWrite<unknown, Done>(path);
  const submit = () => {
    const { values } = form.ready();
    if (!values) return setAttempt((n) => n + 1);
    write.mutate({ case_id: caseId, values }, {
      onSuccess: (answer) => {
        void message.success(answer.message);
        done();
        if (answer.case_id) navigate(`/cases/${answer.case_id}`);
      },
      onError: (error) => {
        if (error instanceof ApiError && error.fields.length > 0) {
          form.refuse(error.fields);
          setAttempt((n) => n + 1);
        }
      },
    });
  };
  return (
    <div className="stack">
      {offer.hint && <p className="muted">{offer.hint}</p>}
      {write.error && <Problem error={write.error} />}
      <ErrorSummary errors={form.errors} attempt={attempt} />
      <FormView schema={form.schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} />
      <Button type="primary" size="large" loading={write.isPending} onClick={submit}>发起</Button>
    </div>
  );
}
