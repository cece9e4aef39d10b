/** 放假安排: the years that are known; a notice is pasted or uploaded, tried, then loaded. */
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Input, Skeleton, Upload } from "antd";
import { useState } from "react";
import { get, post } from "../api/client";
import { useWrite } from "../api/queries";
import type { Done } from "../api/types";
import { href } from "../app/router";
import { Problem } from "../common/Problem";
import { day } from "../common/time";
import type { Calendars, CalendarYear, NoticePlan } from "./types";

export function CalendarTab() {
  const { data, error, isPending, refetch } = useQuery({ queryKey: ["calendars"], queryFn: ({ signal }) => get<Calendars>("/calendars", undefined, signal) });
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (isPending) return <div className="panel"><Skeleton active /></div>;
  return (
    <div className="stack">
      {data.missing.length > 0 && (
        <Alert
          type="warning" showIcon title={`${data.missing.join("、")} 年的放假安排尚未装入`}
          description={`${data.provisional} 项在办时限算到这一年，暂按周末和法定节日计算，各处标为“未定”。国务院办公厅公布后请在这里装入。`}
        />
      )}
      {data.can_load && <Load done={() => void refetch()} />}
      <ul className="plain-list stack">{data.years.map((one) => <li key={`${one.year}${one.area}`} className="panel"><Year year={one} /></li>)}</ul>
    </div>
  );
}

function Year({ year }: { year: CalendarYear }) {
  return (
    <>
      <h2>{year.year} 年{year.area && ` · ${year.area_name ?? year.area}`}</h2>
      <p className="muted">{year.notice} · {year.source}{!year.area && ` · 全年 ${year.working_days} 个工作日`}</p>
      <dl className="legal-more">
        {year.rest.map((one) => <div key={one.from}><dt>{one.name}</dt><dd>{day(one.from)}{one.to !== one.from && ` 至 ${day(one.to)}`}</dd></div>)}
        {year.work.length > 0 && <div><dt>调休上班</dt><dd>{year.work.map((one) => day(one, { weekday: true })).join("、")}</dd></div>}
      </dl>
    </>
  );
}

function Load({ done }: { done: () => void }) {
  const { message } = App.useApp();
  const [text, setText] = useState("");
  const [plan, setPlan] = useState<NoticePlan | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [trying, setTrying] = useState(false);
  const write = useWrite<unknown, Done>("/calendars");
  const edit = (next: string) => { setText(next); setPlan(null); setError(null); };
  const check = async () => {
    setTrying(true);
    setError(null);
    try {
      setPlan(await post<NoticePlan>("/calendars/check", { text }));
    } catch (failure) {
      setPlan(null);
      setError(failure as Error);
    }
    setTrying(false);
  };
  const load = () =>
    write.mutate({ text, reason: "" }, { onSuccess: (answer) => { void message.success(answer.message, 5); edit(""); done(); }, onError: (failure) => setError(failure) });
  return (
    <section className="panel" aria-labelledby="load-notice">
      <h2 id="load-notice">装入放假安排</h2>
      <p className="muted">把国务院办公厅的通知全文粘贴在这里，或选择日历文件（.toml）。先试算，看哪些在办时限会变，再装入。</p>
      <Input.TextArea aria-label="通知全文" value={text} onChange={(event) => edit(event.target.value)} autoSize={{ minRows: 4, maxRows: 12 }} maxLength={50_000} placeholder="国务院办公厅关于20××年部分节假日安排的通知……一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。" />
      <div className="row legal-load">
        <Upload accept=".toml,.txt" showUploadList={false} beforeUpload={(file) => { void file.text().then(edit); return false; }}>
          <Button>选择文件</Button>
        </Upload>
        <Button type="primary" ghost disabled={text.trim().length < 10} loading={trying} onClick={() => void check()}>试算</Button>
        {plan && <Button type="primary" loading={write.isPending} onClick={load}>装入 {plan.year.year} 年安排{plan.total > 0 && `，重算 ${plan.total} 项`}</Button>}
      </div>
      {error && <Alert type="error" showIcon role="alert" title={error.message} />}
      {plan && <Plan plan={plan} />}
    </section>
  );
}

function Plan({ plan }: { plan: NoticePlan }) {
  return (
    <div className="legal-plan" role="status">
      <h3>读到的安排</h3>
      {plan.replaces && <Alert type="warning" showIcon title={`将替换已装入的：${plan.replaces}`} />}
      <Year year={plan.year} />
      <h3>{plan.total ? `${plan.total} 项在办时限会变` : "没有在办时限会变"}</h3>
      <ul className="plain-list">
        {plan.moves.map((one) => (
          <li key={`${one.case_id}${one.name}`} className="legal-move">
            <a href={href(`/cases/${one.case_id}`, { tab: "terms" })}>{one.title}</a>
            <span className="muted"><span className="num">{one.number}</span> · {one.place}</span>
            <span>{one.name}：{one.old === one.new ? `${one.new}，由暂定转为确定` : <>{one.old} → <strong>{one.new}</strong></>}{one.provisional && "（仍暂定）"}</span>
          </li>
        ))}
      </ul>
      {plan.total > plan.moves.length && <p className="muted">只列出最早到期的 {plan.moves.length} 项。</p>}
    </div>
  );
}
