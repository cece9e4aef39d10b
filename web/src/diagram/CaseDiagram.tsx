import { useQuery } from "@tanstack/react-query";
import { Select, Spin } from "antd";
import { useMemo, useState } from "react";
import { get } from "../api/client";
import type { CaseDetail, Diagram, Token } from "../api/types";
import { DataTable } from "../common/DataTable";
import { Problem } from "../common/Problem";
import { DiagramView, type Mark } from "./DiagramView";

const WORDS = { active: "在办", done: "已过", incident: "异常" } as const;

/** Where one case stands on its drawings. */
export function CaseDiagram({ processes, tokens }: { processes: CaseDetail["processes"]; tokens: Token[] }) {
  const [chosen, setChosen] = useState(processes[0]?.process ?? "");
  const deployment = processes.find((p) => p.process === chosen)?.deployment;
  const found = useQuery({
    queryKey: ["diagram", chosen, deployment],
    queryFn: () => get<Diagram>(`/processes/${chosen}/diagram`, { deployment }),
    enabled: chosen !== "",
  });
  const own = useMemo(() => tokens.filter((t) => t.process === chosen), [tokens, chosen]);
  const marks = useMemo<Mark[]>(
    () =>
      own.map((t) => ({
        element: t.element,
        state: t.state,
        overdue: t.overdue,
        badges: t.state === "active" ? [{ text: t.overdue ? "超期" : "在办", red: t.overdue }] : t.state === "incident" ? [{ text: "异常", red: true }] : [],
      })),
    [own],
  );
  return (
    <div>
      <Select
        aria-label="选择流程"
        value={chosen}
        onChange={setChosen}
        style={{ minInlineSize: 240, marginBlockEnd: 8 }}
        options={processes.map((p) => ({ value: p.process, label: p.name }))}
      />
      {found.error ? <Problem error={found.error} /> : found.data ? <DiagramView xml={found.data.xml} marks={marks} /> : <Spin />}
      <DataTable
        caption="办理到哪里"
        rowKey={(t: Token) => t.element}
        rows={own.filter((t) => t.name && t.state !== "done")}
        columns={[
          { key: "name", label: "环节", render: (t: Token) => t.name },
          { key: "state", label: "状态", render: (t: Token) => (t.overdue ? "超期" : WORDS[t.state]) },
          { key: "holder", label: "办理人", render: (t: Token) => t.holder ?? "待认领" },
        ]}
      />
    </div>
  );
}
