/** First check in the browser, so that a person does not wait for the server to hear that a field is empty. */
import type { ErrorField, Value } from "../api/types";
import type { Hidden } from "./conditions";
import { getIn, isEmpty, labelOf, pathText, places, type Component, type FormSchema, type Kind, type Place, type Values } from "./model";

export type Errors = Record<string, string>;

/** What the server accepts when the form says nothing. */
const LONGEST: Partial<Record<Kind, number>> = { text: 200, long: 5000 };

const CHOOSING: Set<Kind> = new Set(["choice", "choices", "boolean", "date", "datetime", "person", "persons", "area", "reference"]);

function missing(kind: Kind, label: string): string {
  if (kind === "photo") return `请添加${label}`;
  if (kind === "signature") return `请签名`;
  if (kind === "table") return `请至少添加一行${label}`;
  if (kind === "tick") return `请勾选「${label}」`;
  if (kind === "position") return `请获取${label}`;
  return `请${CHOOSING.has(kind) ? "选择" : "填写"}${label}`;
}

/** The sentence for one field, or null. */
export function checkField({ component, kind }: Place, value: Value, insist: boolean): string | null {
  const rules = component.validate ?? {};
  const label = labelOf(component);
  if (isEmpty(value) || (kind === "tick" && value !== true)) return rules.required && insist ? missing(kind, label) : null;
  if (kind === "number" || kind === "money") {
    if (typeof value !== "number" || !Number.isFinite(value)) return `${label}应为数字`;
    const unit = kind === "money" ? "元" : "";
    if (kind === "money" && value < 0) return `${label}不能为负数`;
    if (rules.min !== undefined && value < Number(rules.min)) return `${label}不能小于 ${rules.min}${unit}`;
    if (rules.max !== undefined && value > Number(rules.max)) return `${label}不能大于 ${rules.max}${unit}`;
  }
  if ((kind === "text" || kind === "long") && typeof value === "string") {
    if (value.trim() === "") return rules.required && insist ? missing(kind, label) : null;
    if (rules.minLength && value.length < rules.minLength) return `${label}至少 ${rules.minLength} 个字`;
    const most = rules.maxLength ?? LONGEST[kind] ?? Infinity;
    if (value.length > most) return `${label}最多 ${most} 个字，现有 ${value.length} 个`;
    if (rules.pattern && !matches(rules.pattern, value)) return `${label}格式不正确`;
  }
  if (Array.isArray(value)) return countWrong(component, kind, value.length);
  return null;
}

/** `properties.atLeast` and `atMost` count rows, people or choices. */
function countWrong(component: Component, kind: Kind, count: number): string | null {
  const unit = kind === "table" ? "行" : kind === "persons" ? "人" : "项";
  const { atLeast, atMost } = component.properties ?? {};
  if (atLeast !== undefined && count < Number(atLeast)) return `${labelOf(component)}至少 ${atLeast} ${unit}`;
  if (atMost !== undefined && count > Number(atMost)) return `${labelOf(component)}最多 ${atMost} ${unit}`;
  return null;
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return true; // an expression only the server can read
  }
}

function covered(path: string, marks: Set<string>): boolean {
  return [...marks].some((mark) => path === mark || path.startsWith(`${mark}.`));
}

/** Errors by path text, in the reading order of the form. */
export function checkForm(schema: FormSchema, values: Values, { hidden, uncertain }: Hidden): Errors {
  const errors: Errors = {};
  for (const place of places(schema.components, values)) {
    const path = pathText(place.path);
    if (covered(path, hidden)) continue;
    const sentence = checkField(place, getIn(values, place.path), !covered(path, uncertain));
    if (sentence) errors[path] = sentence;
  }
  return errors;
}

export function serverErrors(fields: ErrorField[]): Errors {
  return Object.fromEntries(fields.map((field) => [pathText(field.path.replace(/^values\./, "")), field.message]));
}

/** Values to send: hidden fields and empty strings stay behind. */
export function cleaned(schema: FormSchema, values: Values, hidden: Set<string>): Values {
  const strip = (value: Value, base: string): Value => {
    if (Array.isArray(value)) return value.map((one, index) => strip(one, `${base}.${index}`));
    if (value && typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value)
          .filter(([key, inner]) => inner !== undefined && inner !== "" && !covered(base ? `${base}.${key}` : key, hidden))
          .map(([key, inner]) => [key, strip(inner, base ? `${base}.${key}` : key)]),
      );
    }
    return value;
  };
  const known = new Set(schema.components.length ? places(schema.components, values).map((place) => String(place.path[0])) : []);
  const own = Object.fromEntries(Object.entries(values).filter(([key]) => known.has(key)));
  return strip(own, "");
}
