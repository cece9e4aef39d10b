/** 时限算法: why a date is what it is, each day counted or skipped, with the article. */
import { Button, Drawer } from "antd";
import { useState, type ReactNode } from "react";
import type { CountedDay, Receipt, Value } from "../api/types";
import { useWide } from "../app/useWide";
import { Light } from "./lights";
import { day, when } from "./time";
import "./receipts.css";

const UNITS: Record<string, string> = { wd: "个工作日", cd: "日", wh: "个工作小时", h: "小时", m: "个月" };
/** `第 3 日`; for a limit in hours the hours of the day that were counted. */
const counted = (one: CountedDay & { number: number | null }): string => (one.hours.length > 0 ? one.hours.join("、") : one.number ? `第 ${one.number} 日` : "不计");

function numbered(days: CountedDay[]): (CountedDay & { number: number | null })[] {
  let count = 0;
  return days.map((one) => ({ ...one, number: one.counted ? ++count : null }));
}

function DayList({ days }: { days: CountedDay[] }) {
  if (days.length === 0) return null;
  return (
    <table className="days">
      <caption className="sr-only">逐日计算</caption>
      <thead>
        <tr><th scope="col">日期</th><th scope="col">计入</th><th scope="col">说明</th></tr>
      </thead>
      <tbody>
        {numbered(days).map((one) => (
          <tr key={one.date} className={one.counted ? "day-in" : "day-out"}>
            <th scope="row">{day(one.date, { weekday: true })}</th>
            <td>{counted(one)}</td>
            <td>{one.why}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const text = (value: Value): string => (typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value) ? (value.length > 10 ? when(value) : day(value)) : String(value ?? ""));

function Pauses({ pauses }: { pauses: Record<string, Value>[] }) {
  if (pauses.length === 0) return null;
  return (
    <>
      <h3>中止计时</h3>
      <ul>
        {pauses.map((one, index) => (
          <li key={index}>{text(one.from)} 至 {one.to ? text(one.to) : "今"}：{text(one.reason) || "未注明原因"}</li>
        ))}
      </ul>
    </>
  );
}

function Corrections({ receipt }: { receipt: Receipt }) {
  if (receipt.corrections.length === 0) return null;
  return (
    <>
      <h3>更正</h3>
      <ul>
        {receipt.corrections.map((one) => (
          <li key={one.at}>{one.end ? "办理时间" : "起算"} {when(one.from)} → {when(one.to)}：{one.reason}（{one.by_name}，{when(one.at)}）</li>
        ))}
      </ul>
    </>
  );
}

function Extended({ receipt }: { receipt: Receipt }) {
  const decisions = receipt.extension?.decisions ?? [];
  if (decisions.length === 0) return null;
  return (
    <>
      <h3>延期</h3>
      <ul>
        {decisions.map((one) => (
          <li key={one.at}>延长 {one.n} {UNITS[receipt.extension?.unit ?? ""] ?? ""}：{one.reason}{one.text && `；${one.text}`}（{one.by_name}，{one.on ? `${day(one.on)} 决定，${when(one.at)} 补录` : when(one.at)}）</li>
        ))}
      </ul>
    </>
  );
}

function Calculation({ receipt }: { receipt: Receipt }) {
  return (
    <div className="calculation">
      <p className="receipt-text">{receipt.text}</p>
      <dl>
        <dt>状态</dt>
        <dd><Light light={receipt.light} words={receipt.words} /></dd>
        <dt>规定</dt>
        <dd>{receipt.rule}</dd>
        <dt>起算</dt>
        <dd>{when(receipt.start)} {receipt.start_event}{receipt.entered_at && <span className="muted">（{when(receipt.entered_at)} 录入）</span>}</dd>
        {receipt.ended_at && <><dt>办结</dt><dd>{receipt.ended_day ? day(receipt.ended_at) : when(receipt.ended_at)}{receipt.end_entered_at && <span className="muted">（{when(receipt.end_entered_at)} 录入）</span>}</dd></>}
        {receipt.opens && <><dt>最早可办</dt><dd>{receipt.days.some((one) => one.hours.length > 0) ? when(receipt.due_at) : day(receipt.opens, { weekday: true, year: true })}</dd></>}
        <dt>届满</dt>
        <dd>{receipt.days.some((one) => one.hours.length > 0) ? when(receipt.due_at) : day(receipt.due, { weekday: true, year: true })}{receipt.provisional && "（暂定，待国务院公布放假安排后重算）"}</dd>
        {receipt.citation && <><dt>依据</dt><dd>{receipt.citation}</dd></>}
      </dl>
      <Pauses pauses={receipt.pauses} />
      <Corrections receipt={receipt} />
      <Extended receipt={receipt} />
      {receipt.days.length > 0 && <h3>逐日计算</h3>}
      <DayList days={receipt.days} />
    </div>
  );
}

interface Props {
  receipts: Receipt[];
  none?: string;
  /** What may be done about a limit, beside it. */
  acts?: (receipt: Receipt) => ReactNode;
  /** The date is said beside it already: only how it is counted. */
  brief?: boolean;
}

export function Receipts({ receipts, none = "本环节没有时限。", acts, brief = false }: Props) {
  const [open, setOpen] = useState<Receipt | null>(null);
  const [shown, setShown] = useState(false);
  const wide = useWide();
  if (receipts.length === 0) return <p className="muted">{none}</p>;
  return (
    <>
      <ul className="plain-list receipts">
        {receipts.map((receipt) => (
          <li key={receipt.id}>
            {!brief && (
              <div className="row">
                <strong>{receipt.name}</strong>
                {receipt.binding && <span className="moment-kind">以此为准</span>}
              </div>
            )}
            {!brief && <Light light={receipt.light} words={receipt.words} />}
            <div className="row">
            <Button type="link" className="receipt-open" onClick={() => { setOpen(receipt); setShown(true); }} aria-label={`${receipt.name}：怎么算的`}>
              怎么算的
            </Button>
            {acts?.(receipt)}
            </div>
          </li>
        ))}
      </ul>
      <Drawer
        title={open ? `${open.name} · 时限算法` : ""} open={shown} onClose={() => setShown(false)}
        placement={wide ? "right" : "bottom"} size={wide ? 460 : "85vh"}
      >
        {open && <Calculation receipt={open} />}
      </Drawer>
    </>
  );
}
