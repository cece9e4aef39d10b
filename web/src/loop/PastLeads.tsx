/** Earlier leads with their fate: what was refused is said with its reason, for it is found again too often. */
import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { get } from "../api/client";
import { href } from "../app/router";
import { when } from "../common/time";
import type { PastLead } from "../homes/types";
import type { Past } from "./types";
import "../homes/homes.css";

export function PastLeads({ rows }: { rows: PastLead[] }) {
  return (
    <ul className="plain-list home-leads">
      {rows.map((one) => (
        <li key={one.number}>
          <a href={href(`/cases/${one.case_id}`)}><strong>{one.cause}</strong></a>
          <span className="muted num">{when(one.discovered_at)} · {one.number}</span>
          {one.refused ? <span className="refused">■ {one.conclusion}</span> : <span>{one.conclusion ?? "办理中"}</span>}
          {one.reason && <span>理由：{one.reason}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Beside a lead's step or page; nothing when nothing was before. */
export function Before({ number }: { number: string }) {
  const { data } = useQuery({ queryKey: ["past", number], queryFn: ({ signal }) => get<Past>(`/leads/${number}/past`, {}, signal), retry: false });
  if (!data || (data.leads.length === 0 && !data.review)) return null;
  return (
    <section className="panel" aria-label="以前的线索">
      <h2>以前的线索</h2>
      {data.review && <Alert type="warning" showIcon title={`${data.review}，须由上级复核。`} />}
      <PastLeads rows={data.leads} />
    </section>
  );
}
