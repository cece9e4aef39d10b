/** Filling and submitting one step: drafts, the check, two-person signing, and what to do when another was faster. */
import { App } from "antd";
import { useState, type ReactNode } from "react";
import { ApiError, put } from "../api/client";
import { useWrite } from "../api/queries";
import type { Done, ErrorField, TaskDetail } from "../api/types";
import { navigate } from "../app/router";
import { ErrorSummary } from "../forms/ErrorSummary";
import { FormView } from "../forms/FormView";
import { isFound, pathText } from "../forms/model";
import { useDraft } from "../forms/useDraft";
import { useForm } from "../forms/useForm";
import { ActionBar } from "./ActionBar";
import { Conflict } from "./Conflict";

interface Props {
  detail: TaskDetail;
  reload: () => Promise<TaskDetail | undefined>;
  /** What the step is about, above its form. */
  about?: ReactNode;
}

/** A task is filled by who holds it; until then its form is shown but not open. */
export const mayFill = (detail: TaskDetail): boolean => detail.actions.some((action) => action.key === "complete" && action.enabled);

export function TaskForm({ detail, reload, about }: Props) {
  const { task } = detail;
  const { message } = App.useApp();
  const form = useForm(detail.form, detail.values);
  const [attempt, setAttempt] = useState(0);
  const [conflict, setConflict] = useState<ApiError | null>(null);
  const open = mayFill(detail);
  const path = `/tasks/${task.id}`;
  const complete = useWrite<unknown, Done>(`${path}/complete`);
  const draft = useDraft({
    values: form.values,
    touched: form.touched,
    enabled: open && !conflict,
    collect: form.draft,
    save: (values) => put(`${path}/draft`, { revision: task.revision, values }),
    onConflict: setConflict,
  });

  const leave = (done: Done) => {
    draft.settle();
    void message.success(done.message || "已办结");
    if (done.next_task_id && done.next_task_id !== task.id) navigate(`/tasks/${done.next_task_id}`, { force: true });
    else navigate("/tasks", { force: true });
  };
  const submit = () => {
    const { values } = form.ready();
    if (!values) return setAttempt((n) => n + 1);
    setAttempt(0);
    draft.settle();
    complete.mutate(
      { revision: task.revision, values },
      {
        onSuccess: leave,
        onError: (error) => {
          if (!(error instanceof ApiError && error.isConflict)) draft.resume();
          if (error instanceof ApiError && error.fields.length > 0) {
            void refuse(error.fields);
          } else if (error instanceof ApiError && (error.isConflict || error.status === 404)) {
            setConflict(error);
          } else {
            void message.error(error.message, 6);
          }
        },
      },
    );
  };
  /** The state of the case is fetched again; what this person typed is laid over it. */
  const refresh = async () => {
    const fresh = await reload();
    if (fresh) form.renew(fresh.values);
    return fresh;
  };
  /** Where the case has moved on since the page was opened, it shows what is so now beside what was wrong. */
  const refuse = async (fields: ErrorField[]) => {
    if (fields.some((field) => isFound(form.schema, pathText(field.path)))) await refresh();
    form.refuse(fields);
    setAttempt((n) => n + 1);
  };
  const takeOver = async () => {
    if (!(await refresh())) return;
    setConflict(null);
    void message.info("已载入最新情况，您填写的内容仍保留，请核对后再提交。", 6);
  };

  return (
    <>
      <section className="task-middle panel" aria-label={task.name}>
        {detail.instructions && <p className="task-note">{detail.instructions}</p>}
        {conflict && <Conflict error={conflict} caseId={task.case_id} onReload={() => void takeOver()} />}
        {about}
        <ErrorSummary errors={form.errors} attempt={attempt} />
        {detail.form ? (
          <FormView schema={form.schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} disabled={!open} />
        ) : (
          <p>本环节不需要填写内容，确认后即可提交。</p>
        )}
      </section>
      <ActionBar
        detail={detail} draft={draft.state} busy={complete.isPending} blocked={conflict !== null}
        onComplete={submit} onChanged={() => void refresh()} beforeLeaving={draft.settle}
      />
    </>
  );
}
