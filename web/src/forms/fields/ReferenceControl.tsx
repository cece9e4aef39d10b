/** Link to a record the system holds; households can be searched, other references are typed. */
import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { useDeferredValue, useState } from "react";
import { get } from "../../api/client";
import type { ControlProps } from "../Field";
import { CLEAR } from "../../common/clear";

interface Household {
  id: string;
  title: string;
  place: string;
  size: number;
}

export function ReferenceControl(props: ControlProps) {
  const { id, component, value, onChange, disabled, invalid, describedBy } = props;
  if (component.properties?.of === "household") return <HouseholdControl {...props} />;
  return (
    <Input
      id={id} value={value ?? ""} disabled={disabled} status={invalid ? "error" : undefined} aria-describedby={describedBy}
      autoComplete="off" placeholder="填写编号" onChange={(event) => onChange(event.target.value)}
    />
  );
}

function HouseholdControl({ id, component, value, onChange, disabled, invalid, describedBy }: ControlProps) {
  const [text, setText] = useState("");
  const query = useDeferredValue(text.trim());
  const { data = [], isFetching } = useQuery({
    queryKey: ["households", query],
    queryFn: ({ signal }) => get<Household[]>("/households", { q: query }, signal),
    placeholderData: (before) => before,
  });
  return (
    <Select
      id={id} className="field-select" disabled={disabled} status={invalid ? "error" : undefined} aria-describedby={describedBy} allowClear={CLEAR}
      aria-label={component.label} showSearch={{ filterOption: false, onSearch: setText, searchValue: text }} value={value ?? undefined} loading={isFetching}
      placeholder="输入户主姓名或村组查找" notFoundContent={isFetching ? "正在查找…" : "没有找到这户家庭"}
      options={data.map((one) => ({ value: one.id, label: `${one.title}（${one.size} 人）· ${one.place}` }))}
      onOpenChange={(open) => { if (!open) setText(""); }}
      onChange={(next) => { setText(""); onChange(next ?? null); }}
    />
  );
}
