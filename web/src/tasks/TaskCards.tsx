/** Phone list: the whole card leads to the step. */
import type { TaskRow } from "../api/types";
import { Flags } from "../common/Flags";
import { DueTag } from "../common/lights";
import { rowHref, signedWords, verbOf, workable } from "./links";

export function TaskCards({ rows, tab }: { rows: TaskRow[]; tab: string }) {
  return (
    <ul className="plain-list cards">
      {rows.map((row) => (
        <li key={row.id}>
          <a className={`card card-${row.due.light}`} href={rowHref(row, tab)}>
            <span className="card-top">
              <DueTag due={row.due} />
              <Flags urgent={row.urgent} flags={row.flags} />
            </span>
            <strong>{row.title}</strong>
            <span className="muted">{row.place}</span>
            <span className="card-bottom">
              <span>
                {row.name}
                {signedWords(row) && <span className="muted"> · {signedWords(row)}</span>}
                {!row.mine && row.holder && <span className="muted"> · 承办人 {row.holder}</span>}
              </span>
              <span className={workable(tab) ? "card-verb" : "card-verb card-verb-quiet"}>{verbOf(row, tab)}</span>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
