/** Choices as large native radio buttons and check boxes; a long list as a searchable drop-down. */
import { Select, type SelectProps } from "antd";
import { useWide } from "../../app/useWide";
import type { Value } from "../../api/types";
import { isDropdown, type ControlProps } from "../Field";
import type { Choice } from "../model";
import { CLEAR } from "../../common/clear";

const YES_NO: Choice[] = [
  { value: true, label: "是" },
  { value: false, label: "否" },
];

/** Options of a boolean: the form's own words, but real booleans. */
function optionsOf({ kind, component }: ControlProps): Choice[] {
  const own = component.values ?? [];
  if (kind !== "boolean") return own;
  if (own.length === 0) return YES_NO;
  return own.map((option) => ({ ...option, value: option.value === true || option.value === "true" }));
}

interface Group {
  name: string;
  options: Choice[];
}

/** Options under their group names, in the order of the list; one nameless group when there are none. */
export function groupsOf(options: Choice[]): Group[] {
  const groups: Group[] = [];
  for (const option of options) {
    const name = option.group ?? "";
    const last = groups.find((group) => group.name === name);
    if (last) last.options.push(option);
    else groups.push({ name, options: [option] });
  }
  return groups;
}

interface ChipProps {
  type: "radio" | "checkbox";
  name: string;
  option: Choice;
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

interface ChipsProps {
  type: "radio" | "checkbox";
  props: ControlProps;
  isOn: (value: Value) => boolean;
  onPick: (value: Value) => void;
}

function Chips({ type, props, isOn, onPick }: ChipsProps) {
  return groupsOf(optionsOf(props)).map((group) => (
    <div key={group.name} className="chip-group">
      {group.name && <p className="chip-group-name">{group.name}</p>}
      <div className="chips">
        {group.options.map((option) => (
          <Chip
            key={String(option.value)} type={type} name={props.id} option={option} checked={isOn(option.value)} disabled={props.disabled}
            onPick={() => onPick(option.value)}
          />
        ))}
      </div>
    </div>
  ));
}

function Dropdown({ id, component, value, onChange, disabled, invalid, describedBy }: ControlProps) {
  const wide = useWide();
  const options = component.values ?? [];
  const entries: SelectProps["options"] = groupsOf(options).flatMap<object>((group) => (group.name ? [{ label: group.name, title: group.name, options: group.options }] : group.options));
  return (
    <Select
      id={id} className="field-select" options={entries} value={value ?? undefined} onChange={(next: Value) => onChange(next ?? null)}
      allowClear={component.validate?.required ? false : CLEAR} disabled={disabled} status={invalid ? "error" : undefined} aria-describedby={describedBy}
      showSearch={wide ? { optionFilterProp: "label" } : false} placeholder="请选择" virtual={options.length > 60} aria-label={component.label}
    />
  );
}

export function ChoiceControl(props: ControlProps) {
  const { component, kind, value, onChange, disabled } = props;
  if (isDropdown(component, kind)) return <Dropdown {...props} />;
  const clearable = !component.validate?.required && value !== undefined && value !== null && !disabled;
  return (
    <>
      <Chips type="radio" props={props} isOn={(one) => one === value} onPick={onChange} />
      {clearable && <button type="button" className="chip-clear" onClick={() => onChange(null)}>清除选择</button>}
    </>
  );
}

export function ChoicesControl(props: ControlProps) {
  const { value, onChange } = props;
  const chosen: Value[] = Array.isArray(value) ? value : [];
  const toggle = (one: Value) =>
    onChange((props.component.values ?? []).map((option) => option.value).filter((key) => (key === one ? !chosen.includes(key) : chosen.includes(key))));
  return <Chips type="checkbox" props={props} isOn={(one) => chosen.includes(one)} onPick={toggle} />;
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
        {component.validate?.required && !component.readonly && <span className="field-required">必填</span>}
      </span>
    </label>
  );
}
