/** 疑似重复: what is already known about this person or place, while it is being typed. It advises, never blocks. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { get } from "../api/client";
import type { Duplicate } from "../api/types";
import { href } from "../app/router";
import { when } from "../common/time";

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
  const enough = (name ?? "").trim().length >= 2 || (phone ?? "").trim().length >= 7;
  const { data = [] } = useQuery({
    queryKey: ["duplicates", name, area, phone],
    queryFn: ({ signal }) => get<Duplicate[]>("/leads/duplicates", { name, area, phone }, signal),
    enabled: enough,
    retry: false,
  });
  return (
    <div role="status">
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
