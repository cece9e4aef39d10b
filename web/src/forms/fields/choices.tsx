/** Choices as large native radio buttons and check boxes; a long list as a searchable drop-down. */
import { Select } from "antd";
import { useWide } from "../../app/useWide";
import type { Option, Value } from "../../api/types";
import { isDropdown, type ControlProps } from "../Field";

const YES_NO: Option[] = [
  { value: true, label: "是" },
  { value: false, label: "否" },
];

/** Options of a boolean: the form's own words, but real booleans. */
function optionsOf({ kind, component }: ControlProps): Option[] {
  const own = component.values ?? [];
  if (kind !== "boolean") return own;
  if (own.length === 0) return YES_NO;
  return own.map((option) => ({ ...option, value: option.value === true || option.value === "true" }));
}

interface ChipProps {
  type: "radio" | "checkbox";
  name: string;
  option: Option;
  checked: boolean;
  disabled: boolean;
  onPick: () => void;
}

function Chip({ type, name, option, checked, disabled, onPick }: ChipProps) {
  return (
    <label className={`chip${checked ? " chip-on" : ""}`}>
      <input type={type} name={name} checked={checked} disabled={disabled} onChange={onPick} />
      <span>{option.label}</span>
    </label>
  );
}

export function ChoiceControl(props: ControlProps) {
  const { id, component, kind, value, onChange, disabled, invalid, describedBy } = props;
  const wide = useWide();
  const options = optionsOf(props);
  if (isDropdown(component, kind)) {
    return (
      <Select
        id={id} className="field-select" options={options} value={value ?? undefined} onChange={(next: Value) => onChange(next ?? null)}
        allowClear={!component.validate?.required} disabled={disabled} status={invalid ? "error" : undefined} aria-describedby={describedBy}
        showSearch={wide ? { optionFilterProp: "label" } : false} placeholder="请选择" virtual={options.length > 60} aria-label={component.label}
      />
    );
  }
  const clearable = !component.validate?.required && value !== undefined && value !== null && !disabled;
  return (
    <div className="chips">
      {options.map((option) => (
        <Chip
          key={String(option.value)} type="radio" name={id} option={option} checked={value === option.value} disabled={disabled}
          onPick={() => onChange(option.value)}
        />
      ))}
      {clearable && <button type="button" className="chip-clear" onClick={() => onChange(null)} aria-label={`清除${component.label ?? ""}的选择`}>清除</button>}
    </div>
  );
}

export function ChoicesControl(props: ControlProps) {
  const { id, value, onChange, disabled } = props;
  const chosen: Value[] = Array.isArray(value) ? value : [];
  const options = optionsOf(props);
  const toggle = (one: Value) =>
    onChange(options.map((option) => option.value).filter((key) => (key === one ? !chosen.includes(key) : chosen.includes(key))));
  return (
    <div className="chips">
      {options.map((option) => (
        <Chip
          key={String(option.value)} type="checkbox" name={id} option={option} checked={chosen.includes(option.value)} disabled={disabled}
          onPick={() => toggle(option.value)}
        />
      ))}
    </div>
  );
}

export function TickControl({ id, component, value, onChange, disabled, describedBy, invalid }: ControlProps) {
  return (
    <label className={`tick${value === true ? " chip-on" : ""}`}>
      <input
        id={id} type="checkbox" checked={value === true} disabled={disabled} aria-describedby={describedBy} aria-invalid={invalid || undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {component.label}
        {component.validate?.required && <span className="field-required">必填</span>}
      </span>
    </label>
  );
}
