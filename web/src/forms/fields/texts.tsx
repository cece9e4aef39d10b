import { Input, InputNumber } from "antd";
import { useState } from "react";
import type { ControlProps } from "../Field";

const aria = ({ describedBy, invalid, component }: ControlProps) => ({
  "aria-describedby": describedBy,
  "aria-invalid": invalid || undefined,
  "aria-required": component.validate?.required || undefined,
});

/** The phone's number pad for what is made of digits. */
function keyboard(key: string | undefined): "tel" | "text" {
  return key && /phone|tel|mobile/.test(key) ? "tel" : "text";
}

/** What is longer does not fit one line of a form: it goes on in the next, so that people can read and compare all of it. */
const LONG = 24;

export function TextControl(props: ControlProps) {
  const { id, component, value, onChange, disabled, invalid } = props;
  const [came] = useState(value);
  if (component.wraps || String(came ?? "").length > LONG || (disabled && String(value ?? "").length > LONG)) {
    return (
      <Input.TextArea
        id={id} {...aria(props)} status={invalid ? "error" : undefined} disabled={disabled} inputMode={keyboard(component.key)} autoSize={{ minRows: 1, maxRows: 8 }}
        autoComplete="off" maxLength={component.validate?.maxLength} value={value ?? ""} onChange={(event) => onChange(event.target.value.replace(/\n/g, " "))}
      />
    );
  }
  return (
    <Input
      id={id} {...aria(props)} status={invalid ? "error" : undefined} disabled={disabled} inputMode={keyboard(component.key)}
      autoComplete="off" maxLength={component.validate?.maxLength} value={value ?? ""} onChange={(event) => onChange(event.target.value)}
    />
  );
}

export function LongControl(props: ControlProps) {
  const { id, component, value, onChange, disabled, invalid } = props;
  return (
    <Input.TextArea
      id={id} {...aria(props)} status={invalid ? "error" : undefined} disabled={disabled} autoSize={{ minRows: 3, maxRows: 12 }}
      maxLength={component.validate?.maxLength} showCount={Boolean(component.validate?.maxLength)}
      value={value ?? ""} onChange={(event) => onChange(event.target.value)}
    />
  );
}

const UNIT: Record<string, string> = { money: "元" };

export function NumberControl(props: ControlProps) {
  const { id, component, kind, value, onChange, disabled, invalid } = props;
  const unit = UNIT[kind] ?? (component.properties?.unit as string | undefined);
  return (
    <InputNumber
      id={id} {...aria(props)} className="field-number" status={invalid ? "error" : undefined} disabled={disabled}
      controls={false} inputMode="decimal" suffix={unit} precision={kind === "money" ? 2 : component.decimalDigits}
      value={typeof value === "number" ? value : value ? Number(value) : null} onChange={(next) => onChange(next ?? null)}
    />
  );
}
