/** The department's answer: filled in, checked, asked again before a letter goes back, sent; who was second is told and sees what is now. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { ApiError } from "../api/client";
import { useWrite } from "../api/queries";
import type { Done } from "../api/types";
import { Problem } from "../common/Problem";
import { ErrorSummary } from "../forms/ErrorSummary";
import { FormView } from "../forms/FormView";
import type { Values } from "../forms/model";
import { useForm } from "../forms/useForm";
import type { Awaited } from "./types";
import { bounces, verbOf } from "./words";

interface Props {
  reference: string;
  awaited: Awaited;
  reload: () => void;
}

export function Answer({ reference, awaited, reload }: Props) {
  const { message, modal } = App.useApp();
  const client = useQueryClient();
  const form = useForm(awaited.form, awaited.values);
  const [attempt, setAttempt] = useState(0);
  const write = useWrite<unknown, Done>(`/referrals/${reference}`);
  const renew = () => {
    void client.invalidateQueries({ queryKey: ["referrals"] });
    reload();
  };
  const send = (values: Values) =>
    write.mutate({ subscription: awaited.subscription, values }, {
      onSuccess: (answer) => { void message.success(answer.message, 5); renew(); },
      onError: (error) => {
        if (!(error instanceof ApiError)) return;
        if (error.fields.length > 0) {
          form.refuse(error.fields);
          setAttempt((n) => n + 1);
        } else if (error.isConflict) {
          void message.warning(error.message, 8);
          renew();
        }
      },
    });
  const submit = () => {
    const { values } = form.ready();
    if (!values) return setAttempt((n) => n + 1);
    if (!bounces(values)) return send(values);
    void modal.confirm({
      title: "退回这份转介单？",
      content: `退回后由区民政局改送其他部门，不能收回。退回理由：${String(values.bounce_reason ?? "")}`,
      okText: "确认退回", okButtonProps: { danger: true }, cancelText: "再看看", onOk: () => send(values),
    });
  };
  const told = write.error && !(write.error instanceof ApiError && write.error.fields.length > 0);
  return (
    <div className="stack">
      {told && <Problem error={write.error!} />}
      <ErrorSummary errors={form.errors} attempt={attempt} />
      {awaited.form ? <FormView schema={form.schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} /> : <p>确认答复？</p>}
      <div><Button type="primary" size="large" danger={bounces(form.values)} loading={write.isPending} onClick={submit}>{verbOf(form.values, awaited.by_proxy)}</Button></div>
    </div>
  );
}
