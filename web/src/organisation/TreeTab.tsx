/** One unit at a time: its line of superiors, the units below, the posts held there. Another day shows the tree as it was then. */
import { useQuery } from "@tanstack/react-query";
import { Alert, DatePicker, Skeleton } from "antd";
import dayjs from "dayjs";
import { get } from "../api/client";
import { href } from "../app/router";
import { DataTable, type Column } from "../common/DataTable";
import { Problem } from "../common/Problem";
import { SearchBox } from "../common/SearchBox";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import type { OrganisationTree, Unit } from "./types";
import { UnitPanel } from "./UnitPanel";

export const useTree = (on?: string) =>
  useQuery({ queryKey: ["organisation", "tree", on ?? ""], queryFn: ({ signal }) => get<OrganisationTree>("/organisation", { on }, signal), staleTime: 60_000 });

function lineOf(units: Unit[], area: string): Unit[] {
  const byPath = new Map(units.map((unit) => [unit.path, unit]));
  const line: Unit[] = [];
  for (let at = byPath.get(area); at; at = at.parent ? byPath.get(at.parent) : undefined) line.unshift(at);
  return line;
}

/** What is vacant in a unit and below. */
export function vacantBelow(units: Unit[], path: string): number {
  return units.filter((unit) => unit.path === path || unit.path.startsWith(`${path}/`)).reduce((n, unit) => n + unit.vacancies.length, 0);
}

export function TreeTab() {
  const address = useAddress();
  const on = address.get("on");
  const { data, error, refetch } = useTree(on || undefined);
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (!data) return <div className="panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  const chosen = address.get("area") || data.units[0]?.path || "";
  const line = lineOf(data.units, chosen);
  const here = line.at(-1);
  const q = address.get("q");
  const below = q ? data.units.filter((unit) => unit.name.includes(q)) : data.units.filter((unit) => unit.parent === chosen);
  return (
    <div className="stack">
      <div className="filters" role="search" aria-label="查找单位">
        <SearchBox label="按名称查找村（居）、镇（街）" value={q} onChange={(next) => address.set({ q: next || undefined })} />
        <DatePicker value={on ? dayjs(on) : null} placeholder="查看某日的区划" aria-label="查看某日的区划" onChange={(next) => address.set({ on: next?.format("YYYY-MM-DD") })} />
      </div>
      {on && <Alert type="info" showIcon title={`显示 ${day(on, { year: true })} 的区划和当时的名称；人员和空岗按今天。`} />}
      <nav className="crumbs" aria-label="所在位置">
        {line.map((unit, n) => (
          <span key={unit.path}>{n > 0 && " › "}{n < line.length - 1 ? <a href={href("/organisation", { area: unit.path, on })}>{unit.name}</a> : <strong>{unit.name}</strong>}</span>
        ))}
      </nav>
      {!here && <Alert type="warning" showIcon title="这一天没有这个单位" description="可能已经撤并，或当时尚未设立。" />}
      {here && !q && !on && <UnitPanel key={chosen} area={chosen} mayChange={data.may_change} />}
      {below.length > 0 && (
        <DataTable
          caption={q ? `名称含“${q}”的单位` : `${here?.name ?? ""}下辖单位`} rows={below} rowKey={(unit) => unit.path}
          columns={columns(data.units, on)}
        />
      )}
    </div>
  );
}

function columns(units: Unit[], on: string): Column<Unit>[] {
  const names = new Map(units.map((unit) => [unit.path, unit.name]));
  return [
    { key: "name", label: "单位", render: (unit) => <a href={href("/organisation", { area: unit.path, on })}>{unit.tier === "village" ? `${names.get(unit.parent ?? "") ?? ""} ` : ""}{unit.name}</a> },
    { key: "kind", label: "类别", render: (unit) => unit.kind_text },
    { key: "liaison", label: "联络员", render: (unit) => (unit.tier === "village" ? (unit.liaison ?? <span className="vacant">空缺</span>) : "—") },
    { key: "people", label: "任职人数", align: "right", render: (unit) => unit.people },
    { key: "vacant", label: "空岗", render: (unit) => <Empty unit={unit} below={vacantBelow(units, unit.path)} /> },
    { key: "since", label: "设立", render: (unit) => <span className="nowrap">{day(unit.valid_from, { year: true })}</span> },
  ];
}

function Empty({ unit, below }: { unit: Unit; below: number }) {
  if (unit.vacancies.length > 0) return <span className="vacant">{unit.vacancies.join("、")}{below > unit.vacancies.length ? `；下辖 ${below - unit.vacancies.length} 处` : ""}</span>;
  return below > 0 ? <span className="vacant nowrap">下辖 {below} 处</span> : <span className="muted">无</span>;
}
