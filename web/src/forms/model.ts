/**
 * The subset of form-js JSON (schemaVersion 19) that staff forms use. `kind` is what a person sees; it follows
 * from the component type and its properties. The server checks the same subset and is the authority.
 */
import type { Option, Value } from "../api/types";

/** An option of a code list; long lists come in named groups. */
export interface Choice extends Option {
  group?: string;
}

export interface Component {
  id?: string;
  type: string;
  key?: string;
  path?: string;
  label?: string;
  dateLabel?: string;
  dateTimeLabel?: string;
  description?: string;
  text?: string;
  subtype?: string;
  values?: Choice[];
  valuesExpression?: string;
  defaultValue?: Value;
  disabled?: boolean;
  readonly?: boolean;
  /** Of a table: may rows be added and taken away? */
  allowAddRemove?: boolean;
  decimalDigits?: number;
  /** Of a text in a narrow column: what is longer than the column goes on in the next line. */
  wraps?: boolean;
  multiple?: boolean;
  accept?: string;
  validate?: { required?: boolean; min?: number | string; max?: number | string; minLength?: number; maxLength?: number; pattern?: string };
  conditional?: { hide?: string };
  properties?: Record<string, Value>;
  components?: Component[];
}

export interface FormSchema {
  id?: string;
  components: Component[];
  properties?: Record<string, Value>;
}

/** Does this input only carry what the system itself goes by, as the id of a row? It goes along and is shown to nobody. */
export const isCarried = (component: Component): boolean => component.properties?.carried === true;

/** Is the answer there the form's own, found out when the step is opened? What is wrong with it is mended by looking anew, not by typing. */
export const isFound = (schema: FormSchema, path: string): boolean =>
  schema.components.some((component) => keyOf(component) === path && component.readonly === true && component.properties?.prefill !== undefined);

export type Kind =
  | "text" | "long" | "number" | "money" | "date" | "datetime" | "boolean" | "tick" | "choice" | "choices"
  | "person" | "persons" | "photo" | "signature" | "reference" | "position" | "area" | "table" | "group" | "note";

const BY_TYPE: Record<string, Kind> = {
  textfield: "text", textarea: "long", number: "number", checkbox: "tick", radio: "choice", select: "choice",
  checklist: "choices", taglist: "choices", group: "group", dynamiclist: "table", filepicker: "photo", text: "note",
};

const KINDS = new Set<string>([
  "money", "boolean", "person", "persons", "photo", "signature", "reference", "position", "area",
]);

export function kindOf(component: Component): Kind {
  const own = component.properties?.kind;
  if (typeof own === "string" && KINDS.has(own)) return own as Kind;
  if (component.key === "place_area") return "area";
  if (component.type === "datetime") return component.subtype === "datetime" ? "datetime" : "date";
  return BY_TYPE[component.type] ?? "note";
}

/** The key under which the value lies; null for groups without a path and for notes. */
export function keyOf(component: Component): string | null {
  return component.key || component.path || null;
}

export function labelOf(component: Component): string {
  return component.label || component.dateTimeLabel || component.dateLabel || keyOf(component) || "";
}

export type Path = (string | number)[];
export type Values = Record<string, Value>;

export function getIn(values: Value, path: Path): Value {
  return path.reduce<Value>((value, step) => (value === null || value === undefined ? undefined : value[step]), values);
}

/** A copy of `values` with the value at `path` replaced; missing levels are made. */
export function setIn(values: Value, path: Path, value: Value): Value {
  if (path.length === 0) return value;
  const [step, ...rest] = path;
  if (typeof step === "number") {
    const list = Array.isArray(values) ? [...values] : [];
    list[step] = setIn(list[step], rest, value);
    return list;
  }
  return { ...(values ?? {}), [step]: setIn(values?.[step], rest, value) };
}

/** `members[0].name` and `members.0.name` are the same place; this spelling is the key of an error. */
export function pathText(path: Path | string): string {
  const text = Array.isArray(path) ? path.join(".") : path;
  return text.replace(/\[(\d+)\]/g, ".$1").replace(/^\./, "");
}

/** Element id of the control at `path`, for labels and for moving the focus to an error. */
export const fieldId = (path: Path | string): string => `field-${pathText(path).replaceAll(".", "-")}`;

export interface Place {
  component: Component;
  kind: Kind;
  path: Path;
  /** The values that surround the component, innermost row of a table first. */
  scope: Value[];
}

/** Every component that holds a value, in reading order, once per row inside tables. */
export function places(components: Component[], values: Values, base: Path = [], scope: Value[] = [values]): Place[] {
  return components.flatMap((component): Place[] => {
    const kind = kindOf(component);
    const key = keyOf(component);
    if (kind === "note") return [];
    if (kind === "group") {
      const inner = key ? [...base, key] : base;
      return places(component.components ?? [], values, inner, scope);
    }
    if (!key) return [];
    const path = [...base, key];
    if (kind !== "table") return [{ component, kind, path, scope }];
    const rows: Value = getIn(values, path);
    const inside = (Array.isArray(rows) ? rows : []).flatMap((row: Value, index: number) =>
      places(component.components ?? [], values, [...path, index], [row, ...scope]),
    );
    return [{ component, kind, path, scope }, ...inside];
  });
}

export const isEmpty = (value: Value): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** Draft or prefill over the form's own defaults. */
export function initialValues(schema: FormSchema, given: Values): Values {
  let values: Values = { ...given };
  for (const { component, path } of places(schema.components, values)) {
    if (component.defaultValue !== undefined && getIn(values, path) === undefined) values = setIn(values, path, component.defaultValue);
  }
  return values;
}
