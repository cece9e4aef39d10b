/** Where a form is only tried: people, papers and records are stood in for, so that nobody's data is touched. */
import { Button, Input } from "antd";
import type { ComponentType } from "react";
import type { ControlProps } from "../forms/Field";
import type { Kind } from "../forms/model";

const id = "f".repeat(32);

function Many({ value, onChange, disabled, id: field, describedBy }: ControlProps) {
  const count = Array.isArray(value) ? value.length : 0;
  return (
    <div id={field} tabIndex={-1} aria-describedby={describedBy} className="design-sample">
      <span>{count > 0 ? `样张 ${count} 份` : "还没有"}</span>
      <Button size="small" disabled={disabled} onClick={() => onChange([...(Array.isArray(value) ? value : []), id.slice(0, 31) + String(count % 10)])}>放一份样张</Button>
      {count > 0 && <Button size="small" disabled={disabled} onClick={() => onChange([])}>清空</Button>}
    </div>
  );
}

function Person({ value, onChange, disabled, id: field, describedBy, kind }: ControlProps) {
  const several = kind === "persons";
  const text = Array.isArray(value) ? value.join("、") : (value ?? "");
  const write = (typed: string) => onChange(several ? typed.split(/[、,，\s]+/).filter(Boolean) : typed || null);
  return <Input id={field} aria-describedby={describedBy} disabled={disabled} defaultValue={text} key={text ? "filled" : "empty"} placeholder={several ? "试走用的代号，如 甲、乙" : "试走用的代号"} onBlur={(event) => write(event.target.value)} />;
}

function Position({ value, onChange, disabled, id: field, describedBy }: ControlProps) {
  return (
    <div id={field} tabIndex={-1} aria-describedby={describedBy} className="design-sample">
      <span>{value ? "样例位置" : "还没有"}</span>
      <Button size="small" disabled={disabled} onClick={() => onChange({ latitude: 39.1, longitude: 117.7, accuracy: 10 })}>用样例位置</Button>
    </div>
  );
}

export const SAMPLES: Partial<Record<Kind, ComponentType<ControlProps>>> = {
  photo: Many, person: Person, persons: Person, reference: Person, position: Position,
};
