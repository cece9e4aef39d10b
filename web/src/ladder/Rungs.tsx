/** The rungs of one case in words: what was taken, who is at it, until when; a numbered paper opens beside it. */
import { url } from "../api/client";
import { href } from "../app/router";
import { Receipts } from "../common/Receipts";
import { day, when } from "../common/time";
import type { Rung } from "./types";
import "./ladder.css";

function Line({ rung }: { rung: Rung }) {
  const state = rung.late ? "late" : rung.open ? "open" : "done";
  return (
    <li className="rung">
      <p className="rung-head">
        <span className={`rung-kind rung-${rung.kind}`}>{rung.name}{rung.count > 1 && ` ${rung.count} 次`}</span>
        {rung.case_id ? <a className="rung-number" href={href(`/cases/${rung.case_id}`)}>{rung.number ?? "查看"}</a> : rung.number && <span>{rung.number}</span>}
        <span className={`rung-state rung-state-${state}`}>{state === "late" && <span aria-hidden="true">■ </span>}{rung.state}</span>
      </p>
      {rung.text && <p>{rung.text}</p>}
      {rung.answer && <p className="asked-answer">答复：{rung.answer}</p>}
      {rung.act && <p className="asked-answer">{rung.act}</p>}
      <p className="muted">
        {when(rung.at)}{rung.by && ` · ${rung.by}`}{rung.open && rung.due_on && ` · 不迟于 ${day(rung.due_on)}`}
        {rung.paper && <> · <a href={url(`/papers/${rung.paper}.pdf`)} target="_blank" rel="noreferrer">打开文书（PDF）</a></>}
      </p>
      {rung.open && rung.receipt && <Receipts receipts={[rung.receipt]} brief />}
    </li>
  );
}

export function Rungs({ rungs }: { rungs: Rung[] }) {
  return <ul className="plain-list">{rungs.map((rung, index) => <Line key={`${rung.kind}-${rung.at}-${index}`} rung={rung} />)}</ul>;
}
