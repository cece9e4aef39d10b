/** Label, help, control and error of one field, wired together for screen readers. */
import { useContext, type ReactNode } from "react";
import type { Value } from "../api/types";
import { CONTROLS } from "./controls";
import { fieldId, labelOf, type Component, type Kind, type Path } from "./model";
import { StandIns } from "./standIns";

export interface ControlProps {
  id: string;
  component: Component;
  kind: Kind;
  value: Value;
  onChange: (value: Value) => void;
  disabled: boolean;
  /** Ids of the texts that describe the control. */
  describedBy: string | undefined;
  invalid: boolean;
}

/** Kinds made of several controls carry a legend instead of a label. */
const MANY = new Set<Kind>(["boolean", "choice", "choices", "photo", "signature", "position"]);
const WIDE = new Set<Kind>(["long", "choices", "photo", "signature", "position"]);

interface Props {
  component: Component;
  kind: Kind;
  path: Path;
  value: Value;
  error: string | undefined;
  disabled: boolean;
  /** Whether it is asked at all only the server knows: it is not called necessary. */
  uncertain?: boolean;
  onChange: (value: Value) => void;
}

export function isDropdown(component: Component, kind: Kind): boolean {
  return kind === "choice" && (component.values?.length ?? 0) > 4 && component.type === "select";
}

export function Field({ component, kind, path, value, error, disabled, uncertain = false, onChange }: Props) {
  const id = fieldId(path);
  const standIns = useContext(StandIns);
  const Control = standIns[kind] ?? CONTROLS[kind];
  if (!Control) return null;
  const label = labelOf(component);
  const describedBy = [component.description && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const grouped = MANY.has(kind) && !isDropdown(component, kind);
  const many = (component.values?.length ?? 0) > 3 || (component.values ?? []).some((one) => one.label.length > 8);
  const wide = WIDE.has(kind) || (kind === "choice" && grouped && many);
  const control = (
    <Control
      id={id} component={component} kind={kind} value={value} onChange={onChange}
      disabled={disabled} describedBy={describedBy} invalid={Boolean(error)}
    />
  );
  const head: ReactNode = (
    <>
      {label}
      {component.validate?.required && !component.readonly && kind !== "tick" && (
        <span className={uncertain ? "field-maybe" : "field-required"}>{uncertain ? "视情况填写" : "必填"}</span>
      )}
    </>
  );
  const help = component.description && <p className="field-help" id={`${id}-help`}>{component.description}</p>;
  const wrong = error && <p className="field-error" id={`${id}-error`}><span aria-hidden="true">■ </span>{error}</p>;
  const className = `field${wide ? " field-wide" : ""}${error ? " field-wrong" : ""}`;
  if (grouped) {
    return (
      <fieldset className={className} id={id} tabIndex={-1} aria-describedby={describedBy}>
        <legend className="field-label">{head}</legend>
        {help}
        {control}
        {wrong}
      </fieldset>
    );
  }
  return (
    <div className={className}>
      {kind !== "tick" && <label className="field-label" htmlFor={id}>{head}</label>}
      {help}
      {control}
      {wrong}
    </div>
  );
}
