/** A form in a dialog: filled in, checked, sent; what the server refuses stands beside its field. */
import { App, Modal, Skeleton } from "antd";
import { useRef, useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";
import { useWrite } from "../api/queries";
import { Problem } from "../common/Problem";
import { ErrorSummary } from "./ErrorSummary";
import { FormView } from "./FormView";
import type { Values } from "./model";
import { useForm } from "./useForm";

interface Props {
  title: string;
  ok: string;
  hint?: string;
  /** A form-js schema; undefined while it is being fetched. */
  schema: Record<string, unknown> | undefined;
  values: Values;
  path: string;
  /** What is sent, from what was filled in. */
  body: (values: Values) => unknown;
  /** How it is sent; a POST unless said otherwise. */
  method?: (path: string, body: unknown) => Promise<Answer>;
  width?: number;
  /** What to show for a refusal with a way on of its own; `again` sends the same with more. Null: the plain sentence. */
  refused?: (error: ApiError, again: (more: Values) => void) => ReactNode;
  /** Query keys to ask for again. */
  renew: string[];
  close: () => void;
  /** What else to do with the server's answer. */
  done?: (answer: never) => void;
}

interface Answer {
  message: string;
}

export function FormDialog(props: Props) {
  if (!props.schema) {
    return <Modal open title={props.title} footer={null} onCancel={props.close}><Skeleton active /></Modal>;
  }
  return <Filled {...props} schema={props.schema} />;
}

function Filled({ title, ok, hint, schema, values, path, body, method, width = 640, refused, renew, close, done }: Props & { schema: Record<string, unknown> }) {
  const { message } = App.useApp();
  const client = useQueryClient();
  const form = useForm(schema, values);
  const [attempt, setAttempt] = useState(0);
  const top = useRef<HTMLDivElement>(null);
  const write = useWrite<unknown, Answer>(path, method);
  const send = (more: Values = {}) => {
    const { values: ready } = form.ready();
    if (!ready) return setAttempt((n) => n + 1);
    write.mutate({ ...(body(ready) as Values), ...more }, {
      onSuccess: (answer) => {
        for (const key of renew) void client.invalidateQueries({ queryKey: [key] });
        void message.success(answer.message, 5);
        close();
        done?.(answer as never);
      },
      onError: (error) => {
        if (error instanceof ApiError && error.fields.length > 0) {
          form.refuse(error.fields);
          setAttempt((n) => n + 1);
        } else {
          requestAnimationFrame(() => top.current?.scrollIntoView({ block: "start" }));
        }
      },
    });
  };
  const error = write.error instanceof ApiError ? write.error : null;
  const own = error && refused?.(error, send);
  const told = !own && write.error && !error?.fields.length;
  return (
    <Modal open title={title} okText={ok} okButtonProps={{ loading: write.isPending }} onOk={() => send()} onCancel={close} destroyOnHidden width={width}>
      <div className="stack form-dialog" ref={top}>
        {hint && <p className="muted">{hint}</p>}
        {own}
        {told && <Problem error={write.error!} />}
        <ErrorSummary errors={form.errors} attempt={attempt} />
        <FormView schema={form.schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} />
      </div>
    </Modal>
  );
}
