/** Area as a filter: one searchable list of all areas I may see, indented by tier. */
import { Select } from "antd";
import { childrenOf, useAreas } from "../forms/fields/AreaControl";
import type { Area } from "../api/types";

interface Row {
  value: string;
  label: string;
}

/** Depth-first, each name preceded by as many wide spaces as it lies deep. */
export function flattened(areas: Area[], parent: Area | null = null, depth = 0): Row[] {
  return childrenOf(areas, parent).flatMap((area) => [
    { value: area.path, label: "\u3000".repeat(depth) + area.name },
    ...flattened(areas, area, depth + 1),
  ]);
}

export function AreaFilter({ value, onChange }: { value: string; onChange: (path: string) => void }) {
  const { data: areas = [] } = useAreas();
  return (
    <Select
      aria-label="辖区" value={value} onChange={onChange} showSearch={{ optionFilterProp: "label" }} popupMatchSelectWidth={false}
      options={[{ value: "", label: "全部辖区" }, ...flattened(areas)]}
    />
  );
}
