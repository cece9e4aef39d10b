/** 时限算法: why a date is what it is, each day counted or skipped, with the article. */
import { Button, Drawer } from "antd";
import { useState } from "react";
import type { CountedDay, Receipt, Value } from "../api/types";
import { useWide } from "../app/useWide";
import { day, when } from "./time";
import "./receipts.css";

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
            <td>{one.number ? `第 ${one.number} 日` : "不计"}</td>
            <td>{one.why ?? ""}</td>
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

function Calculation({ receipt }: { receipt: Receipt }) {
  return (
    <div className="calculation">
      <p className="receipt-text">{receipt.text}</p>
      <dl>
        <dt>起算</dt>
        <dd>{when(receipt.start)} {receipt.start_event}</dd>
        <dt>{receipt.kind === "min" ? "最早可办" : "届满"}</dt>
        <dd>{day(receipt.due, { weekday: true, year: true })}{receipt.provisional && "（暂定，待国务院公布放假安排后重算）"}</dd>
        {receipt.citation && <><dt>依据</dt><dd>{receipt.citation}</dd></>}
      </dl>
      <Pauses pauses={receipt.pauses} />
      {receipt.extension && (
        <>
          <h3>延期</h3>
          <p>{Object.values(receipt.extension).map(text).filter(Boolean).join(" · ")}</p>
        </>
      )}
      {receipt.days.length > 0 && <h3>逐日计算</h3>}
      <DayList days={receipt.days} />
    </div>
  );
}

export function Receipts({ receipts, none = "本环节没有时限。" }: { receipts: Receipt[]; none?: string }) {
  const [open, setOpen] = useState<Receipt | null>(null);
  const [shown, setShown] = useState(false);
  const wide = useWide();
  if (receipts.length === 0) return <p className="muted">{none}</p>;
  return (
    <>
      <ul className="plain-list receipts">
        {receipts.map((receipt) => (
          <li key={`${receipt.term}/${receipt.start}`}>
            <div className="row">
              <strong>{receipt.name}</strong>
              {receipt.binding && <span className="moment-kind">以此为准</span>}
              {receipt.provisional && <span className="moment-kind">暂定</span>}
            </div>
            <div>{receipt.kind === "min" ? "不早于 " : "不迟于 "}<strong>{day(receipt.due, { weekday: true })}</strong></div>
            <Button type="link" className="receipt-open" onClick={() => { setOpen(receipt); setShown(true); }} aria-label={`${receipt.name}：怎么算的`}>
              怎么算的
            </Button>
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
