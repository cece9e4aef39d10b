/** 反复上报未采纳: found again and again, never taken up – where an office may be deaf. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { href } from "../app/router";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { Problem } from "../common/Problem";
import { when } from "../common/time";
import type { RefusedRow } from "./types";

const COLUMNS: Column<RefusedRow>[] = [
  { key: "subject", label: "对象", render: (row) => <><strong>{row.subject}</strong><div className="muted">{row.place}</div></> },
  { key: "times", label: "发现次数", align: "right", render: (row) => row.times },
  { key: "finders", label: "发现人数", align: "right", render: (row) => row.finders },
  { key: "span", label: "首次与最近", render: (row) => <>{when(row.first)}<div>{when(row.last)}</div></> },
  { key: "reasons", label: "未采纳理由", render: (row) => row.reasons.join("；") },
  { key: "leads", label: "线索", render: (row) => row.numbers.map((one, index) => <div key={one}><a className="num" href={href(`/cases/${row.case_ids[index]}`)}>{one}</a></div>) },
];

export function RefusedAgain({ area }: { area: string }) {
  const { data, error } = useQuery({ queryKey: ["refused", area], queryFn: ({ signal }) => get<RefusedRow[]>("/leads/refused-again", { area }, signal) });
  if (error) return <Problem error={error} />;
  if (!data) return null;
  return (
    <section aria-labelledby="refused-again">
      <h2 id="refused-again" className="overview-late">反复上报未采纳</h2>
      {data.length > 0
        ? <DataTable caption="反复上报未采纳" columns={COLUMNS} rows={data} rowKey={(row) => `${row.area}${row.subject}${row.last}`} />
        : <Nothing title="没有反复上报而未采纳的" hint="同一人 12 个月内至少两次被发现、没有一次采纳的会列在这里。" />}
    </section>
  );
}
