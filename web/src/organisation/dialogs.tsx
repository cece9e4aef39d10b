/** What every dialog of the organisation pages shares: one write, its error in words, the lists asked for again; and small fields. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, App, DatePicker, Modal, Select } from "antd";
import dayjs from "dayjs";
import type { ReactNode } from "react";
import { ApiError, post } from "../api/client";
import type { Done } from "../api/types";
import { flattened } from "../cases/AreaFilter";
import { useAreas } from "../forms/fields/AreaControl";
import { PersonControl } from "../forms/fields/PersonControl";
import "../forms/forms.css";
import { CLEAR } from "../common/clear";

const TOUCHED = ["organisation", "corps", "kinship", "roster", "transfers", "areas", "people", "case", "cases", "tasks", "me"];

/** A write after which everything about the organisation is asked for again. */
export function useChange<Answer = Done>(path: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: unknown) => post<Answer>(path, body),
    onSuccess: () => { for (const key of TOUCHED) void client.invalidateQueries({ queryKey: [key] }); },
  });
}

export function Wrong({ error }: { error: Error | null }) {
  if (!error) return null;
  const fields = error instanceof ApiError ? error.fields.filter((one) => one.message && !error.message.includes(one.message)) : [];
  return (
    <Alert
      type="error" showIcon role="alert" className="dialog-field" title={error.message}
      description={fields.length > 0 && <ul className="plain-list">{fields.slice(0, 8).map((one, n) => <li key={n}>{one.path.startsWith("第") ? `${one.path}：` : ""}{one.message}</li>)}</ul>}
    />
  );
}

interface WriteProps {
  title: string;
  path: string;
  body: () => unknown;
  ready: boolean;
  okText: string;
  danger?: boolean;
  width?: number;
  close: () => void;
  children: ReactNode;
}

export function WriteDialog({ title, path, body, ready, okText, danger, width, close, children }: WriteProps) {
  const { message } = App.useApp();
  const write = useChange(path);
  const send = () => write.mutate(body(), { onSuccess: (done) => { void message.success(done.message, 6); close(); } });
  return (
    <Modal open title={title} okText={okText} width={width} okButtonProps={{ disabled: !ready, loading: write.isPending, danger }} onOk={send} onCancel={close} destroyOnHidden>
      <Wrong error={write.error} />
      {children}
    </Modal>
  );
}

export function Labelled({ label, children, id }: { label: string; id?: string; children: ReactNode }) {
  return (
    <div className="dialog-field">
      <label className="dialog-label" htmlFor={id}>{label}</label>
      {children}
    </div>
  );
}

export function Day({ label, value, onChange, optional, min }: { label: string; value: string | null; onChange: (day: string | null) => void; optional?: boolean; min?: string }) {
  return (
    <Labelled label={label}>
      <DatePicker
        className="field-select" aria-label={label} value={value ? dayjs(value) : null} allowClear={optional} minDate={min ? dayjs(min) : undefined}
        onChange={(next) => onChange(next ? next.format("YYYY-MM-DD") : null)}
      />
    </Labelled>
  );
}

export function Who({ label, value, onChange }: { label: string; value: string | null; onChange: (person: string | null) => void }) {
  return (
    <Labelled label={label} id={`who-${label}`}>
      <PersonControl id={`who-${label}`} kind="person" component={{ type: "select", label }} value={value} onChange={onChange} disabled={false} describedBy={undefined} invalid={false} />
    </Labelled>
  );
}

interface AreaProps {
  label: string;
  value: string | string[] | null;
  onChange: (value: string | string[] | null) => void;
  /** Tiers one may choose; others are shown for orientation only. */
  tiers: string[];
  several?: boolean;
  /** Only this unit and what lies below it. */
  within?: string;
}

export function Where({ label, value, onChange, tiers, several, within }: AreaProps) {
  const { data: areas = [], isPending } = useAreas();
  const byPath = new Map(areas.map((area) => [area.path, area]));
  const options = flattened(areas).filter((row) => !within || row.value === within || row.value.startsWith(`${within}/`)).map((row) => {
    const area = byPath.get(row.value);
    const above = area?.parent ? byPath.get(area.parent) : undefined;
    return { ...row, disabled: !area || !tiers.includes(area.tier), title: area?.tier === "village" && above ? `${above.name}${area.name}` : (area?.name ?? "") };
  });
  return (
    <Labelled label={label} id={`where-${label}`}>
      <Select
        id={`where-${label}`} aria-label={label} className="field-select" mode={several ? "multiple" : undefined} allowClear={CLEAR} loading={isPending} placeholder="输入名称查找"
        showSearch={{ optionFilterProp: "title" }} optionLabelProp="title" value={value ?? undefined} options={options} onChange={(next: string | string[] | undefined) => onChange(next ?? null)}
      />
    </Labelled>
  );
}
