/** The quick report shows at most eight fields: what must be known, then what helps most. */
import type { Value } from "../api/types";
import { isEmpty, keyOf, kindOf, type Component, type FormSchema, type Values } from "../forms/model";

const FIRST = ["place_area", "place_text", "main_cause", "urgent_signs", "subject_name", "subject_phone", "description", "photos"];
const MOST = 8;

/** Chips instead of a drop-down: one touch instead of two. */
function opened(component: Component): Component {
  return component.type === "select" && kindOf(component) === "choice" ? { ...component, type: "radio" } : component;
}

/** A required field that is already answered (the channel, from the person's post) does not need to be looked at. */
function needed(component: Component, values: Values): boolean {
  const key = keyOf(component);
  const value: Value = key ? (values[key] ?? component.defaultValue) : undefined;
  return Boolean(component.validate?.required) && isEmpty(value);
}

export function split(raw: Record<string, unknown>, values: Values): { first: FormSchema; rest: FormSchema; whole: FormSchema } {
  const schema = raw as unknown as FormSchema;
  const rank = (component: Component) => {
    const at = FIRST.indexOf(keyOf(component) ?? "");
    return at < 0 ? FIRST.length : at;
  };
  const must = schema.components.filter((one) => needed(one, values));
  const may = schema.components.filter((one) => !must.includes(one) && rank(one) < FIRST.length);
  may.sort((a, b) => rank(a) - rank(b));
  const chosen = new Set([...must, ...may.slice(0, Math.max(0, MOST - must.length))]);
  const first = schema.components.filter((one) => chosen.has(one)).sort((a, b) => rank(a) - rank(b)).map(opened);
  const rest = schema.components.filter((one) => !chosen.has(one));
  return { first: { ...schema, components: first }, rest: { ...schema, components: rest }, whole: { ...schema, components: [...first, ...rest] } };
}
