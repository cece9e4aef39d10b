/** 移案: open cases to the version in force – tried first, moved one by one or together, and back. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Progress, Select, Skeleton } from "antd";
import { useState } from "react";
import { get, post } from "../api/client";
import { useProcesses, useWrite } from "../api/queries";
import type { Done, MovingCase, MovingPlan, MovingQuestion } from "../api/types";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { useAddress } from "../common/useAddress";
import "../forms/forms.css";
import "./moving.css";
import { CLEAR } from "../common/clear";

const STATE = { moves: "可移", mapping: "须对应", blocked: "不能移" } as const;
const SIZE = 50;

interface Answers {
  renamed: Record<string, string>;
  skipped: string[];
}

const NONE: Answers = { renamed: {}, skipped: [] };
const words = (answers: Answers) => ({ renamed: Object.entries(answers.renamed).map(([old, now]) => `${old}=${now}`), skipped: answers.skipped });

/** A list in an address is its key repeated. */
function path(bundle: string, answers: Answers, page: number): string {
  const query = new URLSearchParams({ bundle, page: String(page), size: String(SIZE) });
  const { renamed, skipped } = words(answers);
  for (const one of renamed) query.append("renamed", one);
  for (const one of skipped) query.append("skipped", one);
  return `/moving?${query}`;
}

export function MovingPage() {
  const address = useAddress();
  const { data: processes = [] } = useProcesses();
  const bundles = [...new Map(processes.map((one) => [one.bundle, one])).values()];
  const bundle = address.get("bundle");
  const [answers, setAnswers] = useState<Answers>(NONE);
  return (
    <>
      <PageHead title="移案" hint="新版本只用于新事项；需要时，把在办事项移到现行版本。先试算，再移动，可以移回" />
      <section className="panel moving-choice">
        <div className="dialog-field">
          <label className="dialog-label" htmlFor="moving-bundle">流程包</label>
          <Select
            id="moving-bundle" className="field-select" aria-label="流程包" value={bundle || undefined} placeholder="选择流程包" showSearch={{ optionFilterProp: "label" }}
            options={bundles.map((one) => ({ value: one.bundle, label: `${one.name}（现行第 ${one.version} 版）` }))}
            onChange={(next) => { setAnswers(NONE); address.set({ bundle: next }); }}
          />
        </div>
        {!bundle && <p className="muted">选择流程包后，列出仍在其他版本上的在办事项，并逐件说明能否移动。</p>}
      </section>
      {bundle && <Plan key={bundle} bundle={bundle} answers={answers} setAnswers={setAnswers} page={address.page} setPage={(page) => address.set({ page })} />}
    </>
  );
}

interface PlanProps {
  bundle: string;
  answers: Answers;
  setAnswers: (answers: Answers) => void;
  page: number;
  setPage: (page: number) => void;
}

function Plan({ bundle, answers, setAnswers, page, setPage }: PlanProps) {
  const { message, modal } = App.useApp();
  const [done, setDone] = useState<{ at: number; of: number; failed: string[] } | null>(null);
  const [moved, setMoved] = useState<MovingCase[]>([]);
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    queryKey: ["moving", bundle, answers, page],
    queryFn: ({ signal }) => get<MovingPlan>(path(bundle, answers, page), undefined, signal),
    placeholderData: keepPreviousData,
  });
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (isPending) return <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>;
  const able = data.items.filter((one) => one.state === "moves");
  const questions = [...new Map(data.items.flatMap((one) => one.questions).map((one) => [`${one.what}:${one.place}`, one])).values()];

  const go = async (cases: MovingCase[]) => {
    const failed: string[] = [];
    for (const [at, one] of cases.entries()) {
      setDone({ at, of: cases.length, failed });
      try {
        await post<Done>("/moving", { bundle, version: data.version, case_id: one.case_id, ...words(answers) });
        setMoved((before) => [one, ...before]);
      } catch (failure) {
        failed.push(failure instanceof Error ? failure.message : one.number);
      }
    }
    setDone(null);
    if (failed.length) void message.error(`${failed.length} 件没有移动：${failed[0]}`, 8);
    else void message.success(`已移动 ${cases.length} 件`);
    void refetch();
  };
  const all = () =>
    modal.confirm({
      title: `把这 ${able.length} 件移到第 ${data.version} 版？`, okText: "移动",
      content: "待办、时限和办理记录都保留；每件都记入办理过程，可以移回。", onOk: () => void go(able),
    });

  return (
    <div className="stack">
      {questions.length > 0 && <Questions questions={questions} answers={answers} setAnswers={setAnswers} />}
      {data.total === 0 && <Nothing title="没有在其他版本上的在办事项" hint={`在办事项都已按第 ${data.version} 版办理。`} />}
      {data.items.length > 0 && (
        <section className="panel" aria-label="试算结果" aria-busy={isPlaceholderData}>
          <div className="moving-head">
            <h2>试算：移到第 {data.version} 版</h2>
            <p className="muted" role="status">共 {data.total} 件，本页可移 {able.length} 件</p>
            <Button type="primary" disabled={able.length === 0 || done !== null} onClick={all}>移动本页可移的 {able.length} 件</Button>
          </div>
          {done && <Progress percent={Math.round((100 * done.at) / done.of)} format={() => `${done.at}/${done.of}`} aria-label="移动进度" />}
          <ul className="plain-list">
            {data.items.map((one) => (
              <li key={one.case_id} className="moving-case">
                <span className={`moving-state moving-${one.state}`}>{STATE[one.state]}</span>
                <div>
                  <p><a href={href(`/cases/${one.case_id}`)}><strong>{one.title}</strong></a> <span className="muted"><span className="num">{one.number}</span> · {one.place}</span></p>
                  {one.reason && <p>{one.reason}</p>}
                  {one.notes.length > 0 && <p className="muted">{one.notes.join("；")}</p>}
                </div>
                <Button disabled={one.state !== "moves" || done !== null} onClick={() => void go([one])} aria-label={`移动 ${one.number}`}>移动</Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {moved.length > 0 && <Moved cases={moved} back={(one) => { setMoved((before) => before.filter((two) => two !== one)); void refetch(); }} />}
      <Pager total={data.total} page={page} size={SIZE} onChange={setPage} />
    </div>
  );
}

function Questions({ questions, answers, setAnswers }: { questions: MovingQuestion[]; answers: Answers; setAnswers: (answers: Answers) => void }) {
  const skip = (value: string, on: boolean) => setAnswers({ ...answers, skipped: on ? [...answers.skipped, value] : answers.skipped.filter((one) => one !== value) });
  const rename = (place: string, value: string | undefined) => {
    const renamed = { ...answers.renamed };
    if (value) renamed[place] = value;
    else delete renamed[place];
    setAnswers({ ...answers, renamed });
  };
  return (
    <section className="panel" aria-label="须由设计者说明的对应关系">
      <h2>须说明的对应关系</h2>
      <Alert type="info" showIcon title="说明以后自动重新试算；在办的环节不会变成另一个环节。" className="dialog-field" />
      {questions.map((one) =>
        one.what === "renamed" ? (
          <div key={one.place} className="dialog-field">
            <label className="dialog-label" htmlFor={`map-${one.place}`}>旧版本的「{one.name}」在新版本中是</label>
            <Select
              id={`map-${one.place}`} className="field-select" aria-label={`${one.name}对应`} allowClear={CLEAR} placeholder="选择新版本的环节" value={answers.renamed[one.place]}
              options={one.choices} onChange={(value?: string) => rename(one.place, value)}
            />
          </div>
        ) : (
          <fieldset key={one.place} className="moving-skips">
            <legend>新版本在「{one.name}」之前增加了环节，在办事项</legend>
            {one.choices.map((choice) => (
              <Checkbox key={choice.value} checked={answers.skipped.includes(choice.value)} onChange={(event) => skip(choice.value, event.target.checked)}>不补办「{choice.label}」</Checkbox>
            ))}
          </fieldset>
        ),
      )}
      {(answers.skipped.length > 0 || Object.keys(answers.renamed).length > 0) && <Button onClick={() => setAnswers(NONE)}>清除对应关系</Button>}
    </section>
  );
}

function Moved({ cases, back }: { cases: MovingCase[]; back: (one: MovingCase) => void }) {
  return (
    <section className="panel" aria-label="刚移动的事项">
      <h2>刚移动的 {cases.length} 件</h2>
      <ul className="plain-list">{cases.map((one) => <Back key={one.case_id} one={one} done={() => back(one)} />)}</ul>
    </section>
  );
}

function Back({ one, done }: { one: MovingCase; done: () => void }) {
  const { message } = App.useApp();
  const undo = useWrite<unknown, Done>("/moving/undo");
  const go = () => undo.mutate({ case_id: one.case_id }, { onSuccess: (answer) => { void message.success(answer.message); done(); }, onError: (error) => void message.error(error.message, 6) });
  return (
    <li className="moving-case">
      <span className="moving-state moving-moves">已移</span>
      <p><a href={href(`/cases/${one.case_id}`)}>{one.title}</a> <span className="muted num">{one.number}</span></p>
      <Button loading={undo.isPending} onClick={go} aria-label={`移回 ${one.number}`}>移回</Button>
    </li>
  );
}
