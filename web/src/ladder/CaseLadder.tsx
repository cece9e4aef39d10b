/** 督促记录 on the page of a case; nothing is shown while nobody had to be reminded. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { Rungs } from "./Rungs";
import type { Rung } from "./types";

export function CaseLadder({ id }: { id: string }) {
  const { data = [] } = useQuery({ queryKey: ["case", id, "ladder"], queryFn: ({ signal }) => get<Rung[]>(`/cases/${id}/ladder`, undefined, signal) });
  if (data.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="case-ladder">
      <h2 id="case-ladder">督促阶梯</h2>
      <Rungs rungs={data} />
    </section>
  );
}
