/** 试算: values for what the table reads, the result, and why – the rules that held stand out in the table. */
import { Alert, Button, Spin } from "antd";
import { useEffect, useRef, useState } from "react";
import { ApiError, post } from "../../api/client";
import type { Value } from "../../api/types";
import { ErrorSummary } from "../../forms/ErrorSummary";
import { FormView } from "../../forms/FormView";
import { StandIns } from "../../forms/standIns";
import { useForm } from "../../forms/useForm";
import type { TableSaid, TableView } from "../bench";
import { SAMPLES } from "../samples";
import type { Desk } from "../useDraft";
import { becauseOf, resultOf } from "./words";

interface Props {
  id: string;
  desk: Desk;
  decision: string | undefined;
  onSaid: (said: TableSaid | undefined) => void;
}

export function TryTable({ id, desk, decision, onSaid }: Props) {
  const [tables, setTables] = useState<TableView[]>();
  const [problem, setProblem] = useState("");
  const body = useRef(desk.body);
  body.current = desk.body;
  const revision = desk.draft?.revision;
  useEffect(() => {
    let late = false;
    void body.current()
      .then((now) => post<TableView[]>(`/drafts/${id}/tables`, { revision, ...now }))
      .then((found) => {
        if (late) return;
        setTables(found);
        setProblem("");
      })
      .catch((error: Error) => !late && setProblem(error.message));
    return () => {
      late = true;
    };
  }, [id, revision, desk.checked]);
  const table = tables?.find((one) => one.decision === decision);
  return (
    <aside className="design-panel" aria-label="试算">
      <h2>试算</h2>
      {problem && <Alert type="error" showIcon title={problem} />}
      {table?.problem && <Alert type="warning" showIcon title={`现在不能试算：${table.problem}`} />}
      {!tables && !problem && <Spin />}
      {table && !table.problem && (
        <Asking
          key={`${table.decision}/${table.questions.map((one) => one.name).join()}`} table={table} checked={desk.checked}
          ask={async (values) => post<TableSaid>(`/drafts/${id}/decide`, { revision, ...(await body.current()), decision: table.decision, values })} onSaid={onSaid}
        />
      )}
    </aside>
  );
}

interface AskingProps {
  table: TableView;
  checked: number;
  ask: (values: Record<string, Value>) => Promise<TableSaid>;
  onSaid: (said: TableSaid | undefined) => void;
}

function Asking({ table, checked, ask, onSaid }: AskingProps) {
  const form = useForm(table.form, {});
  const [attempt, setAttempt] = useState(0);
  const [said, setSaid] = useState<TableSaid>();
  const [problem, setProblem] = useState("");
  const tell = (found: TableSaid | undefined) => {
    setSaid(found);
    onSaid(found);
  };
  useEffect(() => () => onSaid(undefined), [onSaid]);
  const go = async () => {
    setProblem("");
    const { values } = form.ready();
    if (!values) return setAttempt((n) => n + 1);
    try {
      tell(await ask(values));
    } catch (error) {
      tell(undefined);
      if (error instanceof ApiError && error.fields.length > 0) {
        form.refuse(error.fields);
        setAttempt((n) => n + 1);
      } else setProblem((error as Error).message);
    }
  };
  // The table was changed: the same question again.
  useEffect(() => {
    if (said) void go();
    // eslint-disable-next-line
  }, [checked]);
  return (
    <>
      <p className="panel-hint">{table.questions.length === 0 ? "这张表不读取任何变量。" : "填写表里读取的变量，看哪几行成立。用的是草稿，不影响任何事项。"}</p>
      <StandIns value={SAMPLES}>
        <ErrorSummary errors={form.errors} attempt={attempt} />
        <FormView schema={form.schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} />
      </StandIns>
      <div className="walk-tools"><Button type="primary" onClick={() => void go()}>试算</Button></div>
      {problem && <Alert type="error" showIcon title={problem} />}
      {said && (
        <section aria-label="试算结果" className="try-said" role="status">
          <h3>结果</h3>
          <p className="try-value">{resultOf(said)}</p>
          <ul>{becauseOf(said).map((text, at) => <li key={at}>{text}</li>)}</ul>
          {said.errors.map((one, at) => <Alert key={at} type="warning" showIcon title={one.message} />)}
        </section>
      )}
    </>
  );
}
