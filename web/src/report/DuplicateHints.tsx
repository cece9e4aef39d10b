/** 疑似重复: what is already known about this person or place, while it is being typed. It advises, never blocks. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { get } from "../api/client";
import type { Duplicate } from "../api/types";
import { href } from "../app/router";
import { when } from "../common/time";
import { PastLeads } from "../loop/PastLeads";
import { useDown } from "../offline/connection";
import type { Past } from "../loop/types";

interface Clues {
  name?: string | null;
  area?: string | null;
  phone?: string | null;
}

function useSettled(clues: Clues): Clues {
  const [settled, setSettled] = useState(clues);
  const key = `${clues.name}|${clues.area}|${clues.phone}`;
  useEffect(() => {
    const timer = setTimeout(() => setSettled(clues), 500);
    return () => clearTimeout(timer);
    // The key stands for the three clues.
  }, [key]);
  return settled;
}

export function DuplicateHints(clues: Clues) {
  const { name, area, phone } = useSettled(clues);
  const down = useDown();
  const enough = (name ?? "").trim().length >= 2 || (phone ?? "").trim().length >= 7;
  const { data = [] } = useQuery({
    queryKey: ["duplicates", name, area, phone],
    queryFn: ({ signal }) => get<Duplicate[]>("/leads/duplicates", { name, area, phone }, signal),
    enabled: enough && !down,
    retry: false,
  });
  const { data: past } = useQuery({
    queryKey: ["past", name, area],
    queryFn: ({ signal }) => get<Past>("/leads/past", { name, area }, signal),
    enabled: (name ?? "").trim().length >= 2 && Boolean(area) && !down,
    retry: false,
  });
  const earlier = past?.leads ?? [];
  return (
    <div role="status">
      {earlier.length > 0 && (
        <section className="duplicates" aria-label="以前的线索">
          <h2>此人以前上报过</h2>
          <PastLeads rows={earlier.slice(0, 3)} />
          <p className="muted">如情况有变化，请写明变化后照常上报；反复发现的会提请上级复核。</p>
        </section>
      )}
      {enough && data.length > 0 && (
        <section className="duplicates" aria-label="疑似重复线索">
          <h2>可能已经上报过</h2>
          <ul className="plain-list">
            {data.slice(0, 3).map((one) => (
              <li key={one.case_id}>
                <a href={href(`/cases/${one.case_id}`)} target="_blank" rel="noreferrer"><strong>{one.title}</strong> · {one.place}</a>
                <span className="muted">{one.reported_at && `${when(one.reported_at)} 上报 · `}{one.state} · {one.why}</span>
              </li>
            ))}
          </ul>
          <p className="muted">如是同一件事，可不再上报；如情况有变化，请照常上报，镇（街）会合并处理。</p>
        </section>
      )}
    </div>
  );
}
