import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Select, Space, Spin } from "antd";
import { useEffect, useMemo, useState } from "react";
import { get } from "../api/client";
import { useProcesses } from "../api/queries";
import type { CaseRow, Diagram, ElementState, ProcessState } from "../api/types";
import { useAddress } from "../common/useAddress";
import { useWide } from "../app/useWide";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable } from "../common/DataTable";
import { DueTag } from "../common/lights";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { DiagramView, type Mark } from "./DiagramView";

const TIERS: Record<string, string> = { village: "村（居）", town: "镇（街）", district: "区", grid: "网格" };
/** Cases named in a row of the table; the rest is one click away. */
const NAMED = 3;

const late = (row: CaseRow): number => (row.due.light === "overdue" ? 0 : 1);
const sorted = (rows: CaseRow[]): CaseRow[] => [...rows].sort((a, b) => late(a) - late(b) || (a.due.due_at ?? "9").localeCompare(b.due.due_at ?? "9"));
const nameOf = (e: ElementState): string => e.name ?? e.element;

function inWords(e: ElementState): string {
  return `${nameOf(e)}：在办 ${e.count} 件${e.overdue ? `，超期 ${e.overdue} 件` : ""}${e.incidents ? `，异常 ${e.incidents} 件` : ""}`;
}

function markOf(e: ElementState): Mark {
  const badges = [{ text: String(e.count) }];
  const overdue = e.overdue ? [{ text: `超期 ${e.overdue}`, red: true }] : [];
  const incidents = e.incidents ? [{ text: `异常 ${e.incidents}`, red: true }] : [];
  return {
    element: e.element, state: e.incidents ? "incident" : "active", overdue: e.overdue > 0, label: inWords(e),
    badges: [...(e.count ? badges : []), ...overdue, ...incidents],
  };
}

function CaseLine({ row }: { row: CaseRow }) {
  return (
    <li>
      <a href={`#/cases/${row.id}`}>{row.title}</a> <DueTag due={row.due} />
    </li>
  );
}

interface Twin {
  elements: ElementState[];
  onOpen: (e: ElementState) => void;
}

const tierOf = (e: ElementState): string => (e.tier ? e.tier.split(",").map((one) => TIERS[one] ?? one).join("、") : "系统");

function Red({ word, n }: { word: string; n: number }) {
  return n ? <span className="state-late">{word} {n}</span> : <>0</>;
}

function First({ of, onOpen }: { of: ElementState; onOpen: (e: ElementState) => void }) {
  return (
    <>
      <ul className="state-cases">{sorted(of.cases).slice(0, NAMED).map((row) => <CaseLine key={row.id} row={row} />)}</ul>
      {of.cases.length > NAMED && <Button type="link" style={{ padding: 0 }} onClick={() => onOpen(of)}>看全部 {of.count} 件</Button>}
    </>
  );
}

function Table({ elements, onOpen }: Twin) {
  return (
    <DataTable
      caption="各环节在办"
      rowKey={(e: ElementState) => e.element}
      rows={elements}
      columns={[
        { key: "name", label: "环节", render: nameOf },
        { key: "tier", label: "层级", render: tierOf },
        { key: "count", label: "在办", render: (e: ElementState) => e.count, align: "right" },
        { key: "overdue", label: "超期", render: (e: ElementState) => <Red word="超期" n={e.overdue} />, align: "right" },
        { key: "incidents", label: "异常", render: (e: ElementState) => <Red word="异常" n={e.incidents} />, align: "right" },
        { key: "cases", label: "事项", render: (e: ElementState) => <First of={e} onOpen={onOpen} /> },
      ]}
    />
  );
}

/** The table on a phone. */
function Cards({ elements, onOpen }: Twin) {
  return (
    <ul className="state-cards" aria-label="各环节在办">
      {elements.map((e) => (
        <li key={e.element}>
          <strong>{nameOf(e)}</strong>
          <p>
            {tierOf(e)} · 在办 {e.count}
            {e.overdue > 0 && <> · <Red word="超期" n={e.overdue} /></>}
            {e.incidents > 0 && <> · <Red word="异常" n={e.incidents} /></>}
          </p>
          <First of={e} onOpen={onOpen} />
        </li>
      ))}
    </ul>
  );
}

/** 流程态势: every open case on the drawing, and the same in a table. */
export function ProcessStatePage() {
  const client = useQueryClient();
  const processes = useProcesses();
  const address = useAddress();
  const area = address.get("area");
  const wide = useWide();
  const [opened, setOpened] = useState<ElementState>();
  useEffect(() => void client.invalidateQueries({ queryKey: ["processes"] }), [client]);
  const process = address.get("process") || processes.data?.[0]?.process;
  const diagram = useQuery({
    queryKey: ["diagram", process],
    queryFn: () => get<Diagram>(`/processes/${process}/diagram`),
    enabled: process !== undefined,
  });
  const state = useQuery({
    queryKey: ["state", process, area],
    queryFn: () => get<ProcessState>(`/processes/${process}/state`, { area }),
    enabled: process !== undefined,
    refetchInterval: 30_000,
  });
  const elements = useMemo(() => state.data?.elements ?? [], [state.data]);
  const marks = useMemo(() => elements.map(markOf), [elements]);
  const problem = processes.error ?? diagram.error ?? state.error;
  if (problem) return <Problem error={problem} />;
  if (!processes.data) return <Spin />;
  const open = (id: string) => setOpened(elements.find((e) => e.element === id));
  return (
    <>
      <PageHead title="流程态势" hint="所有在办事项停在哪个环节；超期的标红并写明件数">
        <Space wrap>
          <AreaFilter value={area} onChange={(path) => address.set({ area: path || undefined })} />
          <Select
            aria-label="选择流程" value={process} onChange={(key: string) => address.set({ process: key })} popupMatchSelectWidth={false} style={{ maxInlineSize: "100%" }}
            options={processes.data.map((p) => ({ value: p.process, label: `${p.name}（在办 ${p.open_cases}，超期 ${p.overdue}）` }))}
          />
        </Space>
      </PageHead>
      {diagram.data ? <DiagramView xml={diagram.data.xml} marks={marks} waiting={!state.data} onElement={open} /> : <Spin />}
      {state.data && elements.length === 0 && <Nothing title="这个流程现在没有在办事项" hint="有事项进入时会显示在图上和这张表里。" />}
      {elements.length > 0 && (wide ? <Table elements={elements} onOpen={setOpened} /> : <Cards elements={elements} onOpen={setOpened} />)}
      <Drawer open={opened !== undefined} onClose={() => setOpened(undefined)} title={opened ? inWords(opened) : ""}>
        {opened && opened.count > opened.cases.length && <p>只列出前 {opened.cases.length} 件，其余请在“救助事项”中查找。</p>}
        <ul className="state-cases">
          {sorted(opened?.cases ?? []).map((row) => (
            <li key={row.id}>
              <a href={`#/cases/${row.id}`}>{row.number}</a> {row.title} {row.place}
              <br />
              <DueTag due={row.due} />
            </li>
          ))}
        </ul>
      </Drawer>
    </>
  );
}
