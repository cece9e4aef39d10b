/** What waits, answered by the designer: a form as staff see it, a job's results, a message. */
import { Button } from "antd";
import { useState } from "react";
import type { ErrorField, Value } from "../../api/types";
import { ErrorSummary } from "../../forms/ErrorSummary";
import { FormView } from "../../forms/FormView";
import { StandIns } from "../../forms/standIns";
import { useForm } from "../../forms/useForm";
import type { TryOpen, TryStep } from "../bench";
import { SAMPLES } from "../samples";
import { given } from "./trial";
import { WrittenRows } from "./WrittenRows";

interface Props {
  open: TryOpen;
  needs: string[];
  busy: boolean;
  onStep: (step: TryStep) => Promise<ErrorField[] | null>;
  onBegin: (start: Record<string, Value>, variables: Record<string, string>) => Promise<ErrorField[] | null>;
  onCopied: () => void;
}

export function OpenStep({ open, needs, busy, onStep, onBegin, onCopied }: Props) {
  const form = useForm(open.form, open.values);
  const [attempt, setAttempt] = useState(0);
  const [written, setWritten] = useState<Record<string, string>>({});
  const machine = open.kind === "job" || (open.kind === "message" && !open.form);
  const send = async () => {
    const { values } = form.ready();
    if (!values) return setAttempt((n) => n + 1);
    const wrong = await act(values);
    if (!wrong) return;
    form.refuse(wrong);
    setAttempt((n) => n + 1);
  };
  const act = (values: Record<string, Value>): Promise<ErrorField[] | null> => {
    if (open.kind === "start") return onBegin(values, given(written));
    if (open.kind === "message") return onStep({ kind: "message", target: open.message ?? "", key: open.correlation, data: values, written: given(written) });
    if (open.kind === "signal") return onStep({ kind: "signal", target: open.message ?? open.name, written: given(written) });
    return onStep({ kind: "complete", target: open.element, nth: open.nth, data: values, written: open.kind === "job" ? given(written) : {} });
  };
  const sample = () => {
    form.reset({ ...open.values, ...open.sample });
    onCopied();
  };
  return (
    <section className="walk-step" aria-label={`办理「${open.name}」`}>
      <h3>{open.name}</h3>
      {open.job && <p className="panel-hint">后台作业 {open.job}。试走时不执行，它带回什么由您填写。</p>}
      {open.form && (
        <StandIns value={SAMPLES}>
          <ErrorSummary errors={form.errors} attempt={attempt} />
          <FormView schema={form.schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} />
        </StandIns>
      )}
      {open.kind === "user_task" && !open.form && <p className="muted">本环节没有表单。</p>}
      {open.kind === "start" && <WrittenRows label="随事项带入的变量" expected={needs} rows={written} onChange={setWritten} />}
      {machine && <WrittenRows label="带回的结果" expected={open.results} rows={written} onChange={setWritten} />}
      <div className="walk-tools">
        {open.form && <Button disabled={busy} onClick={sample}>填入样例</Button>}
        <Button type="primary" disabled={busy} onClick={() => void send()}>{ACTS[open.kind] ?? "完成"}</Button>
        {open.kind === "job" && <Button disabled={busy} onClick={() => void onStep({ kind: "fail", target: open.element, nth: open.nth })}>失败</Button>}
      </div>
    </section>
  );
}

const ACTS: Partial<Record<TryOpen["kind"], string>> = { start: "开始", user_task: "完成这一步", job: "作业完成", message: "收到消息", signal: "收到信号" };
