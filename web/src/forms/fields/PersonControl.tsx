/** Staff picker: search by name, place or post; the post is shown, for two people may share a name. */
import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useDeferredValue, useState } from "react";
import { get } from "../../api/client";
import type { Person } from "../../api/types";
import { colleagues } from "../../offline/provision";
import type { ControlProps } from "../Field";
import { CLEAR } from "../../common/clear";

export function personLabel(person: Person): string {
  const held = person.posts[0];
  return held ? `${person.name}（${held.area_name} ${held.label}）` : person.name;
}

/** A form that says who may be named offers those alone. */
export function PersonControl(props: ControlProps) {
  return props.component.values ? <Named {...props} /> : <Sought {...props} />;
}

function Named({ id, component, kind, value, onChange, disabled, invalid, describedBy }: ControlProps) {
  const chosen: string[] = Array.isArray(value) ? value : value ? [value] : [];
  return (
    <Select
      id={id} className="field-select" mode={kind === "persons" ? "multiple" : undefined} disabled={disabled}
      status={invalid ? "error" : undefined} aria-describedby={describedBy} allowClear={CLEAR} aria-label={component.label}
      showSearch={{ optionFilterProp: "label" }} options={component.values?.map((one) => ({ value: one.value, label: one.label }))}
      value={kind === "persons" ? chosen : (value ?? undefined)} placeholder="从列表中选择"
      notFoundContent="没有可以指定的工作人员" onChange={(next) => onChange(next ?? null)}
    />
  );
}

function Sought({ id, component, kind, value, onChange, disabled, invalid, describedBy }: ControlProps) {
  const [text, setText] = useState("");
  const query = useDeferredValue(text.trim());
  const post = component.properties?.post as string | undefined;
  const base = useQuery(colleagues(post));
  const found = useQuery({
    queryKey: ["people", post ?? "", query],
    queryFn: ({ signal }) => get<Person[]>("/people", { post, q: query }, signal),
    enabled: query !== "",
    placeholderData: (before) => before,
  });
  const people = query ? [...(found.data ?? []), ...(base.data ?? []).filter((one) => one.name.includes(query))] : (base.data ?? []);
  const unique = [...new Map(people.map((one) => [one.id, one])).values()];
  const chosen: string[] = Array.isArray(value) ? value : value ? [value] : [];
  const kept = (base.data ?? []).filter((one) => chosen.includes(one.id) && !unique.some((two) => two.id === one.id));
  return (
    <Select
      id={id} className="field-select" mode={kind === "persons" ? "multiple" : undefined} disabled={disabled}
      status={invalid ? "error" : undefined} aria-describedby={describedBy} allowClear={CLEAR} aria-label={component.label}
      showSearch={{ filterOption: false, onSearch: setText, searchValue: text }}
      options={[...unique, ...kept].map((one) => ({ value: one.id, label: personLabel(one) }))}
      value={kind === "persons" ? chosen : (value ?? undefined)} loading={found.isFetching}
      placeholder="输入姓名查找" notFoundContent={found.isFetching ? "正在查找…" : "没有找到这位工作人员"}
      onOpenChange={(open) => { if (!open) setText(""); }}
      onChange={(next) => { setText(""); onChange(next ?? null); }}
    />
  );
}
