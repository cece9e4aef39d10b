/** One family: what it receives, every decision about it and every report of change. */
import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Skeleton } from "antd";
import { get } from "../api/client";
import { Problem } from "../common/Problem";
import { Receipts } from "../common/Receipts";
import { day, when } from "../common/time";
import { monthly, type RecognitionDetail, type RecognitionRow } from "./types";

interface Props {
  number: string;
  close: () => void;
  change?: (row: RecognitionRow) => void;
  link: (row: RecognitionRow) => void;
}

export function RecognitionDrawer({ number, close, change, link }: Props) {
  const { data, error, isPending } = useQuery({
    queryKey: ["recognition", number], queryFn: () => get<RecognitionDetail>(`/recognitions/${encodeURIComponent(number)}`),
  });
  return (
    <Drawer open title={data ? `${data.title} · ${data.programme_name}` : "在享救助"} onClose={close} size={560}
      extra={data && change && data.state === "active" && <Button type="primary" onClick={() => change(data)}>登记变化</Button>}>
      {isPending && <Skeleton active />}
      {error && <Problem error={error} />}
      {data && <Shown one={data} link={() => link(data)} />}
    </Drawer>
  );
}

function Shown({ one, link }: { one: RecognitionDetail; link: () => void }) {
  const facts: [string, string][] = [
    ["文号", one.application_no], ["村（居）", one.place], ["认定日期", day(one.decided_on, { year: true }) + (one.decided_on_was ? `（更正，原 ${day(one.decided_on_was, { year: true })}）` : "")],
    ["发放", one.state === "ended" ? `已终止（${one.end_reason}，自 ${day(one.ended_on, { year: true })} 起）` : monthly(one.amount)],
    ["起始月", one.from_month ? `${Number(one.from_month.slice(0, 4))}年${Number(one.from_month.slice(5, 7))}月` : "不按月发放"], ["人数", `${one.persons} 人`],
    ["有效期", one.valid_to ? `至 ${day(one.valid_to, { year: true })}` : "至作出新的决定"], ["下次复核", one.review_on ? day(one.review_on, { year: true }) : "无"],
  ];
  return (
    <div className="stack">
      <dl className="facts">{facts.map(([label, text]) => <div key={label}><dt>{label}</dt><dd>{text}</dd></div>)}</dl>
      {one.receipts.length > 0 && <Receipts receipts={one.receipts} />}
      <p className="row"><a href={`#/cases/${one.case_id}`}>认定时的事项</a>{one.household ? <a href={`#/homes/${one.household}`}>户册</a> : <span className="muted">未关联户册，走访按村（居）和姓名对应</span>}{one.may_link && <Button size="small" onClick={link}>{one.household ? "改为关联另一户" : "关联户册"}</Button>}{one.open_review && <a href={`#/cases/${one.open_review}`}>正在办理的复核</a>}</p>
      <section>
        <h3>历次决定</h3>
        {one.changes.length === 0 && <p className="muted">认定以后没有变动。</p>}
        <ol className="plain-list">
          {one.changes.map((change) => (
            <li key={change.number} className="review-line">
              <strong>{change.result_name}</strong> {day(change.decided_on, { year: true })} 决定，自 {day(change.from_month, { year: true })} 起
              <div className="muted">
                {change.amount === null ? monthly(change.amount_before) + " → 不再发放" : `${monthly(change.amount_before)} → ${monthly(change.amount)}`}
                {change.persons !== change.persons_before && `，${change.persons_before} 人 → ${change.persons} 人`}
                {change.hearing_ref && `；听取意见记录 ${change.hearing_ref}`}
                {change.decision_no && `；决定 ${change.decision_no}`}
              </div>
            </li>
          ))}
        </ol>
      </section>
      <section>
        <h3>变化报告</h3>
        {one.reports.length === 0 && <p className="muted">没有收到变化报告。</p>}
        <ol className="plain-list">
          {one.reports.map((said) => (
            <li key={said.number} className="review-line">
              <strong>{said.change ?? "待核实"}</strong> {said.source}，{when(said.at)}{said.happened_on && `；发生于 ${day(said.happened_on)}`}
              <div className="muted">{said.content}</div>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
