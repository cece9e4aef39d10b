import { useQuery } from "@tanstack/react-query";
import { Drawer, Select, Spin } from "antd";
import { useMemo, useState } from "react";
import { get } from "../api/client";
import { useProcesses } from "../api/queries";
import type { CaseRow, Diagram, ElementState, ProcessState } from "../api/types";
import { DataTable } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { DiagramView, type Mark } from "./DiagramView";

const TIERS: Record<string, string> = { village: "村（居）", town: "镇（街）", district: "区", grid: "网格" };

/** 流程态势: every open case on the drawing, and the same in a table. */
export function ProcessStatePage() {
  const processes = useProcesses();
  const [picked, setPicked] = useState<string>();
  const [opened, setOpened] = useState<ElementState>();
  const process = picked ?? processes.data?.[0]?.process;
  const diagram = useQuery({
    queryKey: ["diagram", process],
    queryFn: () => get<Diagram>(`/processes/${process}/diagram`),
    enabled: process !== undefined,
  });
  const state = useQuery({
    queryKey: ["state", process],
    queryFn: () => get<ProcessState>(`/processes/${process}/state`),
    enabled: process !== undefined,
    refetchInterval: 30_000,
  });
  const elements = useMemo(() => state.data?.elements ?? [], [state.data]);
  const marks = useMemo<Mark[]>(
    () =>
      elements.map((e) => ({
        element: e.element,
        state: e.incidents ? "incident" : "active",
        overdue: e.overdue > 0,
        text: `${e.count} 件${e.overdue ? `，${e.overdue} 超期` : ""}${e.incidents ? `，${e.incidents} 异常` : ""}`,
      })),
    [elements],
  );
  const problem = processes.error ?? diagram.error ?? state.error;
  if (problem) return <Problem error={problem} />;
  if (!processes.data) return <Spin />;
  return (
    <>
      <PageHead title="流程态势" hint="所有在办事项停在哪个环节；超期的标红并写明件数">
        <Select
          aria-label="选择流程"
          value={process}
          onChange={setPicked}
          style={{ minInlineSize: 260 }}
          options={processes.data.map((p) => ({ value: p.process, label: `${p.name}（在办 ${p.open_cases}，超期 ${p.overdue}）` }))}
        />
      </PageHead>
      {diagram.data && <DiagramView xml={diagram.data.xml} marks={marks} onElement={(id) => setOpened(elements.find((e) => e.element === id))} />}
      {elements.length === 0 ? (
        <Nothing title="这个流程现在没有在办事项" hint="有事项进入时会显示在图上和这张表里。" />
      ) : (
        <DataTable
          caption="各环节在办"
          rowKey={(e: ElementState) => e.element}
          rows={elements}
          columns={[
            { key: "name", label: "环节", render: (e: ElementState) => <a onClick={() => setOpened(e)}>{e.name}</a> },
            { key: "tier", label: "层级", render: (e: ElementState) => TIERS[e.tier ?? ""] ?? "系统" },
            { key: "count", label: "在办", render: (e: ElementState) => e.count },
            { key: "overdue", label: "超期", render: (e: ElementState) => e.overdue },
            { key: "incidents", label: "异常", render: (e: ElementState) => e.incidents },
          ]}
        />
      )}
      <Drawer open={opened !== undefined} onClose={() => setOpened(undefined)} title={opened?.name ?? ""}>
        {opened?.cases.map((row: CaseRow) => (
          <p key={row.id}>
            <a href={`#/cases/${row.id}`}>{row.number}</a> {row.title} {row.place} · {row.due.text}
          </p>
        ))}
      </Drawer>
    </>
  );
}
