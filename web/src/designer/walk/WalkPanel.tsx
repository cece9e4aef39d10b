/** 试走: the draft as it is on the screen, run by the real engine in memory. One step at a time; nothing is stored. */
import { Alert, App, Button, Empty, Select, Spin } from "antd";
import dayjs from "dayjs";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, post } from "../../api/client";
import type { ErrorField, Value } from "../../api/types";
import type { TryOpen, TryPlayed, TryStep } from "../bench";
import type { Desk } from "../useDraft";
import { whoInWords, type Vocabulary, type Word } from "../words";
import { OpenStep } from "./OpenStep";
import { EMPTY, KIND_OF_OPEN, lineInWords, stepInWords, until, type Script } from "./trial";
import { marksOf, type Marks } from "./useMarks";

interface Props {
  id: string;
  desk: Desk;
  words: Vocabulary | undefined;
  onMarks: (marks: Marks) => void;
  onShow: (element: string) => void;
}

const keyOf = (one: TryOpen): string => `${one.case}/${one.element}/${one.kind}/${one.nth}`;
const FORWARD = [{ label: "1 小时", value: "PT1H" }, { label: "1 天", value: "P1D" }, { label: "7 天", value: "P7D" }, { label: "30 天", value: "P30D" }];

export function WalkPanel({ id, desk, words, onMarks, onShow }: Props) {
  const { message } = App.useApp();
  const [processes, setProcesses] = useState<Word[]>();
  const [script, setScript] = useState<Script>(EMPTY);
  const [played, setPlayed] = useState<TryPlayed>();
  const [busy, setBusy] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const [problem, setProblem] = useState("");
  const [names, setNames] = useState<Record<string, string>>({});
  const body = useRef(desk.body);
  body.current = desk.body;
  const revision = desk.draft?.revision;

  const fail = useCallback((error: unknown): ErrorField[] => {
    setProblem((error as Error).message);
    return error instanceof ApiError ? error.fields : [];
  }, []);
  /** Play the whole script; what cannot be played is not kept. Returns the fields that are wrong, null when it went. */
  const play = useCallback(async (next: Script): Promise<ErrorField[] | null> => {
    if (!next.process) return null;
    setBusy(true);
    setProblem("");
    try {
      const found = await post<TryPlayed>(`/drafts/${id}/try`, { revision, ...(await body.current()), ...next });
      setPlayed(found);
      setScript(next);
      setNames((known) => ({ ...known, ...Object.fromEntries(found.open.map((one) => [one.element, one.name])) }));
      const list = found.start ? [found.start] : found.open;
      setChosen((now) => (list.some((one) => keyOf(one) === now) ? now : list.filter((one) => one.kind !== "timer").map(keyOf)[0]));
      return null;
    } catch (error) {
      return fail(error);
    } finally {
      setBusy(false);
    }
  }, [id, revision, fail]);
  const begin = useCallback(async (process: string) => {
    setPlayed(undefined);
    await play({ ...EMPTY, process });
  }, [play]);
  useEffect(() => {
    body.current()
      .then((now) => post<Word[]>(`/drafts/${id}/try/processes`, { revision, ...now }))
      .then((found) => {
        setProcesses(found);
        if (found[0]) return begin(found[0].value);
      })
      .catch(fail);
    // once, when 试走 begins
    // eslint-disable-next-line
  }, []);
  // The drawing, a table or a form was changed: the same steps again, on what is on the screen now.
  useEffect(() => {
    if (desk.checked > 0) void play(script);
    // eslint-disable-next-line
  }, [desk.checked]);
  useEffect(() => onMarks(marksOf(played)), [played, onMarks]);

  const step = async (made: TryStep): Promise<ErrorField[] | null> => play({ ...script, steps: [...script.steps, made] });
  const begun = async (start: Record<string, Value>, variables: Record<string, string>) => play({ ...script, start, variables, steps: [] });
  const back = () => void play(script.steps.length > 0 ? { ...script, steps: script.steps.slice(0, -1) } : { ...script, start: null });
  const list = played?.start ? [played.start] : (played?.open ?? []);
  const here = list.find((one) => keyOf(one) === chosen);
  const show = (one: TryOpen) => {
    setChosen(keyOf(one));
    onShow(one.element);
  };
  const ended = played && list.length === 0;
  return (
    <aside className="design-panel walk" aria-label="试走">
      <h2>试走</h2>
      <p className="panel-hint">用真实引擎在内存里走这份草稿，不保存，不影响任何事项。</p>
      {processes && processes.length > 1 && (
        <Select aria-label="试走的流程" value={script.process} onChange={(process: string) => void begin(process)} style={{ inlineSize: "100%" }} options={processes.map((one) => ({ value: one.value, label: one.label }))} />
      )}
      {processes?.length === 0 && <Empty description="草稿里没有流程可以试走" />}
      {problem && <Alert type="error" showIcon title={problem} />}
      {!played && busy && <Spin description="正在开始…" />}
      {played && (
        <>
          <p className="walk-state" role="status">
            <strong>{STATES[played.status]}</strong> · {dayjs(played.now).format("M月D日 HH:mm")}
          </p>
          {played.problems.map((one, at) => <Alert key={at} type="error" showIcon title={one.message} action={<Button size="small" onClick={() => onShow(one.path)}>看图</Button>} />)}
          <div className="walk-tools">
            <Button size="small" disabled={busy || (script.steps.length === 0 && !script.start)} onClick={back}>退回一步</Button>
            <Button size="small" disabled={busy} onClick={() => script.process && void begin(script.process)}>重新开始</Button>
            {!played.start && !ended && FORWARD.map((one) => (
              <Button key={one.value} size="small" disabled={busy} onClick={() => void step({ kind: "advance", target: one.value })}>过 {one.label}</Button>
            ))}
          </div>
          {list.length > 0 && (
            <ul className="walk-open" aria-label="等待办理">
              {list.map((one) => (
                <li key={keyOf(one)}>
                  <button type="button" aria-pressed={keyOf(one) === chosen} onClick={() => show(one)}>
                    <strong>{one.name}</strong>
                    <span>
                      {KIND_OF_OPEN[one.kind]}{one.process !== script.process && ` · ${one.process_name}`}
                      {one.kind === "user_task" && words && ` · ${whoInWords(words, one.tier ?? undefined, one.posts.join(","))}`}
                      {one.due && ` · ${dayjs(one.due).format("M月D日 HH:mm")}`}
                    </span>
                  </button>
                  {one.kind === "timer" && one.due && (
                    <Button size="small" disabled={busy} onClick={() => void step({ kind: "advance", target: until(played.now, one.due ?? played.now) })}>时间走到这里</Button>
                  )}
                </li>
              ))}
            </ul>
          )}
          {ended && played.status === "completed" && <Alert type="success" showIcon title="流程走完了。" />}
          {here && here.kind !== "timer" && (
            <OpenStep key={`${keyOf(here)}/${script.steps.length}`} open={here} needs={played.needs} busy={busy} onStep={step} onBegin={begun} onCopied={() => message.success("已填入样例")} />
          )}
          <Trail played={played} script={script} names={names} />
        </>
      )}
    </aside>
  );
}

const STATES: Record<TryPlayed["status"], string> = { start: "尚未开始", waiting: "办理中", completed: "已办结", incident: "走不下去", refused: "不能执行" };

function Trail({ played, script, names }: { played: TryPlayed; script: Script; names: Record<string, string> }) {
  const lines = played.trace.flatMap((line) => lineInWords(line) ?? []);
  return (
    <>
      <details className="walk-record">
        <summary>走过的路（{lines.length}）</summary>
        <ol tabIndex={0} aria-label="走过的路">{lines.map((text, at) => <li key={at}>{text}</li>)}</ol>
      </details>
      <details className="walk-record">
        <summary>我做的步骤（{script.steps.length}）</summary>
        <ol>{script.steps.map((one, at) => <li key={at}>{stepInWords(one, names)}</li>)}</ol>
      </details>
      <details className="walk-record">
        <summary>事项里的变量（{Object.keys(played.data).length}）</summary>
        <dl tabIndex={0} aria-label="事项里的变量">{Object.entries(played.data).map(([name, text]) => <div key={name}><dt><code>{name}</code></dt><dd>{text}</dd></div>)}</dl>
      </details>
    </>
  );
}
