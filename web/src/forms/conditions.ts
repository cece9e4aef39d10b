/**
 * Which fields are hidden, as a preview: the server decides again. An expression that asks for something the
 * browser does not know (the case document) hides nothing and makes the field "uncertain": shown, never insisted on.
 */
import { useEffect, useMemo, useState } from "react";
import { getIn, keyOf, kindOf, pathText, places, setIn, type Component, type FormSchema, type Kind, type Path, type Values } from "./model";
import type { Value } from "../api/types";

interface Evaluation {
  value: Value;
  warnings: { type: string }[];
}
export type Evaluate = (expression: string, context: Record<string, Value>) => Evaluation;

export interface Hidden {
  /** Path texts of hidden components (groups hide all they hold). */
  hidden: Set<string>;
  uncertain: Set<string>;
}

/** Until the evaluator has arrived every condition is uncertain. */
const NOT_YET: Evaluate = () => ({ value: null, warnings: [{ type: "NO_VARIABLE_FOUND" }] });

const NONE: Hidden = { hidden: new Set(), uncertain: new Set() };

export function hasConditions(components: Component[]): boolean {
  return components.some((one) => Boolean(one.conditional?.hide) || hasConditions(one.components ?? []));
}

const LISTS: Set<Kind> = new Set(["table", "choices", "persons", "photo"]);

/** What stands for no answer, as the server has it. */
const nothing = (kind: Kind): Value => (LISTS.has(kind) ? [] : kind === "tick" ? false : null);

/** Keys of every field, absent ones as null: an unanswered field is null in FEEL, not unknown. */
function blank(components: Component[]): Values {
  const found: Values = {};
  for (const one of components) {
    const key = keyOf(one);
    const kind = kindOf(one);
    if (kind === "group") {
      if (key) found[key] = blank(one.components ?? []);
      else Object.assign(found, blank(one.components ?? []));
    } else if (key) found[key] = nothing(kind);
  }
  return found;
}

/** Where a component without a key (a group, a note) is remembered: by its id. */
export const markOf = (component: Component, base: Path): string => {
  const key = keyOf(component);
  return key ? pathText([...base, key]) : `#${component.id ?? component.label ?? component.text ?? ""}`;
};

function asExpression(text: string): string {
  return text.trim().replace(/^=/, "");
}

/** A hidden answer counts as none for the conditions of the others, so the rounds go on until nothing changes. */
export function findHidden(schema: FormSchema, values: Values, evaluate: Evaluate): Hidden {
  let found = oneRound(schema, values, evaluate);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = oneRound(schema, without(schema, values, found.hidden), evaluate);
    const settled = next.hidden.size === found.hidden.size && [...next.hidden].every((mark) => found.hidden.has(mark));
    found = next;
    if (settled) break;
  }
  return found;
}

const MOST_ROUNDS = 6;

/** The values with every hidden answer taken out. */
function without(schema: FormSchema, values: Values, hidden: Set<string>): Values {
  return places(schema.components, values)
    .filter((place) => hidden.has(pathText(place.path)))
    .reduce<Values>((kept, place) => setIn(kept, place.path, nothing(place.kind)), values);
}

function oneRound(schema: FormSchema, values: Values, evaluate: Evaluate): Hidden {
  const result: Hidden = { hidden: new Set(), uncertain: new Set() };
  const visit = (components: Component[], base: Path, context: Values, covered: boolean, unsure: boolean) => {
    for (const one of components) {
      const mark = markOf(one, base);
      if (unsure) result.uncertain.add(mark);
      const hide = covered || isHidden(one, mark, context, evaluate, result);
      if (hide) result.hidden.add(mark);
      const doubt = result.uncertain.has(mark);
      const key = keyOf(one);
      if (kindOf(one) === "group") visit(one.components ?? [], key ? [...base, key] : base, context, hide, doubt);
      if (kindOf(one) !== "table" || !key) continue;
      const rows: Value = getIn(values, [...base, key]);
      (Array.isArray(rows) ? rows : []).forEach((row: Value, index: number) => {
        visit(one.components ?? [], [...base, key, index], { ...context, ...blank(one.components ?? []), ...row }, hide, doubt);
      });
    }
  };
  visit(schema.components, [], { ...blank(schema.components), ...values }, false, false);
  return result;
}

function isHidden(one: Component, mark: string, context: Values, evaluate: Evaluate, result: Hidden): boolean {
  const expression = one.conditional?.hide;
  if (!expression) return false;
  const { value, warnings } = safely(evaluate, asExpression(expression), context);
  if (!warnings.some((warning) => warning.type === "NO_VARIABLE_FOUND")) return value === true;
  result.uncertain.add(mark);
  return false;
}

function safely(evaluate: Evaluate, expression: string, context: Values): Evaluation {
  try {
    return evaluate(expression, context);
  } catch {
    return { value: null, warnings: [{ type: "NO_VARIABLE_FOUND" }] };
  }
}

/** Loads the evaluator only for forms that need it. */
export function useHidden(schema: FormSchema, values: Values): Hidden {
  const [evaluate, setEvaluate] = useState<Evaluate | null>(null);
  const needed = useMemo(() => hasConditions(schema.components), [schema]);
  useEffect(() => {
    if (!needed) return;
    let dead = false;
    void import("feelin").then((feelin) => {
      if (!dead) setEvaluate(() => feelin.evaluate as unknown as Evaluate);
    });
    return () => {
      dead = true;
    };
  }, [needed]);
  return useMemo(
    () => (needed ? findHidden(schema, values, evaluate ?? NOT_YET) : NONE),
    [schema, values, evaluate, needed],
  );
}
