/** Small pieces that lists and pages of households share. */
import type { ReactNode } from "react";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { day, when } from "../common/time";
import type { Coded, HomeRow, VisitRow } from "./types";

export function Tags({ items, kind }: { items: Coded[]; kind: "focus" | "aid" }) {
  if (items.length === 0) return null;
  return <>{items.map((one) => <span key={one.value} className={`home-tag home-tag-${kind}`}>{one.label}</span>)}</>;
}

/** When the next visit is due: shape and words, never colour alone. */
export function NextVisit({ row }: { row: Pick<HomeRow, "next_due" | "overdue" | "ended_on"> }) {
  if (row.ended_on) return <span className="muted">已于 {day(row.ended_on)} 迁出或注销</span>;
  if (!row.next_due) return <span className="muted">随季度排查</span>;
  return row.overdue
    ? <span className="light light-overdue"><span className="light-shape" aria-hidden="true">■</span>应于 {day(row.next_due)} 前走访，已超期</span>
    : <span className="light light-normal"><span className="light-shape" aria-hidden="true">○</span>{day(row.next_due)} 前走访</span>;
}

/** `waiting`: households whose visit is still on this device. */
export function HomeCards({ rows, visit = false, waiting }: { rows: HomeRow[]; visit?: boolean; waiting?: Set<string | undefined> }) {
  return (
    <ul className="plain-list cards">
      {rows.map((row) => (
        <li key={row.id} className={`card ${row.overdue ? "card-overdue" : "card-normal"}`}>
          <span className="card-top"><NextVisit row={row} /></span>
          <a href={href(`/homes/${row.id}`)}><strong>{row.head}</strong> <span className="muted">{row.size} 人</span></a>
          <span className="home-tags"><Tags items={row.focus} kind="focus" /><Tags items={row.programmes} kind="aid" /></span>
          <span className="muted">{row.place}{row.address && ` · ${row.address}`}</span>
          <span className="card-bottom">
            <span className="muted">{row.last_visit_at ? `上次走访 ${when(row.last_visit_at)}` : "还没有走访过"}</span>
            {waiting?.has(row.id) && <a className="entry-waiting-tag" href={href("/outbox")}>⇧ 走访待上传</a>}
            {visit && <a className="card-verb" href={href("/rounds/visit", { household: row.id })}>入户</a>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Line({ label, text }: { label: string; text: string | null | undefined }) {
  return text ? <span><span className="muted">{label} </span>{text}</span> : null;
}

/** `after`: what stands under a visit that reported a change. */
export function Visits({ rows, household = false, after }: { rows: VisitRow[]; household?: boolean; after?: (row: VisitRow) => ReactNode }) {
  if (rows.length === 0) return <Nothing title="还没有走访记录" hint="入户登记、季度排查、核查、调查和回访都会列在这里。" />;
  return (
    <ul className="plain-list visits">
      {rows.map((row) => (
        <li key={row.id}>
          <span className="row">
            <strong>{row.kind_label}</strong>
            <span className="num">{when(row.at)}</span>
            {row.minutes !== null && <span className="muted">{row.minutes} 分钟</span>}
            {household && (row.household ? <a href={href(`/homes/${row.household}`)}>{row.head}</a> : <span>{row.head}</span>)}
            {household && <span className="muted">{row.place}</span>}
          </span>
          <span className="visit-facts">
            <Line label="走访人" text={row.visitors.join("、")} />
            <Line label="方式" text={row.method} />
            <Line label="见到" text={[row.met, row.members_met.join("、")].filter(Boolean).join("：")} />
            <Line label="未见到原因" text={row.reason} />
            <Line label="所需帮助" text={row.needs.join("、")} />
            <Line label="政策" text={row.policy_explained ? "已讲解" : null} />
            <Line label="情况" text={row.note} />
            <Line label="变化" text={row.change} />
            <Line label="约定下次" text={row.next_due && day(row.next_due)} />
            {row.lead_no && <span><span className="muted">线索 </span><span className="num">{row.lead_no}</span></span>}
            {row.case_id && <a href={href(`/cases/${row.case_id}`)}>查看事项</a>}
          </span>
          {row.change && after?.(row)}
        </li>
      ))}
    </ul>
  );
}
