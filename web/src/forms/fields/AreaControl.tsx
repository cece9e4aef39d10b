/** Place in the district: one list per tier, from town down to grid, as far as is known. The value is the path. */
import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import type { Area } from "../../api/types";
import { areaTree } from "../../offline/provision";
import type { ControlProps } from "../Field";
import { CLEAR } from "../../common/clear";

const TIER_WORDS: Record<string, string> = { district: "区", town: "镇（街）", village: "村（居）", grid: "网格" };

const DEPTH = ["district", "town", "village", "grid"];

/** From the topmost known area down to the one with this code or path. */
export function chainTo(areas: Area[], value: string | null | undefined): Area[] {
  const byPath = new Map(areas.map((area) => [area.path, area]));
  let area = areas.find((one) => one.code === value || one.path === value);
  const chain: Area[] = [];
  while (area) {
    chain.unshift(area);
    area = area.parent ? byPath.get(area.parent) : undefined;
  }
  return chain;
}

export const useAreas = () => useQuery(areaTree);

/** Areas below `parent`; without one those whose parent is not in the list. */
export function childrenOf(areas: Area[], parent: Area | null): Area[] {
  if (parent) return areas.filter((area) => area.parent === parent.path);
  const known = new Set(areas.map((area) => area.path));
  return areas.filter((area) => !area.parent || !known.has(area.parent));
}

export function AreaControl({ id, component, value, onChange, disabled, invalid, describedBy }: ControlProps) {
  const { data: areas = [], isPending } = useAreas();
  // A place less exact than the form wants is kept here and is no answer yet.
  const [partial, setPartial] = useState<string | null>(null);
  const wanted = DEPTH.indexOf(String(component.properties?.tier ?? ""));
  const roots = childrenOf(areas, null);
  // A single root (the district, or one's own town) is not a choice.
  const start = roots.length === 1 && roots[0].children > 0 ? roots[0] : null;
  const chain = chainTo(areas, value ?? partial).filter((area) => area !== start);
  const levels: { options: Area[]; chosen: Area | undefined }[] = [];
  let parent: Area | null = start;
  for (let depth = 0; depth < 4; depth += 1) {
    const options = childrenOf(areas, parent).filter((area) => depth > 0 || area !== start);
    if (options.length === 0 || (depth > 0 && parent === null)) break;
    const chosen: Area | undefined = chain[depth];
    levels.push({ options, chosen });
    if (!chosen) break;
    parent = chosen;
  }
  const pick = (depth: number, path: string | undefined) => {
    const area = levels[depth].options.find((one) => one.path === path);
    const above = depth > 0 ? levels[depth - 1].chosen : undefined;
    const chosen = area ?? above;
    const exact = chosen !== undefined && DEPTH.indexOf(chosen.tier) >= wanted;
    setPartial(chosen?.path ?? null);
    onChange(exact ? chosen.path : null);
  };
  if (isPending) return <Select id={id} className="field-select" loading disabled placeholder="正在载入…" aria-label={component.label} />;
  return (
    <div className="area-levels">
      {levels.map(({ options, chosen }, depth) => {
        const words = TIER_WORDS[options[0].tier] ?? "区域";
        return (
          <Select
            key={depth} id={depth === 0 ? id : `${id}-${depth}`} className="field-select" disabled={disabled} aria-describedby={describedBy}
            status={invalid && !chosen ? "error" : undefined} allowClear={CLEAR} showSearch={{ optionFilterProp: "label" }} placeholder={`选择${words}`}
            aria-label={`${component.label ?? "位置"}：${words}`} value={chosen?.path}
            options={options.map((area) => ({ value: area.path, label: area.name }))} onChange={(path) => pick(depth, path)}
          />
        );
      })}
    </div>
  );
}
