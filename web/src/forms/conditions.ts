/**
 * Which fields are hidden, as a preview: the server decides again. An expression that asks for something the
 * browser does not know (the case document) hides nothing and makes the field "uncertain": shown, never insisted on.
 */
import { useEffect, useMemo, useState } from "react";
import { getIn, keyOf, kindOf, pathText, type Component, type FormSchema, type Path, type Values } from "./model";
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

const NONE: Hidden = { hidden: new Set(), uncertain: new Set() };

export function hasConditions(components: Component[]): boolean {
  return components.some((one) => Boolean(one.conditional?.hide) || hasConditions(one.components ?? []));
}

/** Keys of every field, absent ones as null: an unanswered field is null in FEEL, not unknown. */
function blank(components: Component[]): Values {
  const found: Values = {};
  for (const one of components) {
    const key = keyOf(one);
    const kind = kindOf(one);
    if (kind === "group") {
      if (key) found[key] = blank(one.components ?? []);
      else Object.assign(found, blank(one.components ?? []));
    } else if (key) found[key] = kind === "table" ? [] : null;
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

export function findHidden(schema: FormSchema, values: Values, evaluate: Evaluate): Hidden {
  const result: Hidden = { hidden: new Set(), uncertain: new Set() };
  const visit = (components: Component[], base: Path, context: Values, covered: boolean) => {
    for (const one of components) {
      const mark = markOf(one, base);
      let hide = covered;
      const expression = one.conditional?.hide;
      if (!hide && expression) {
        const { value, warnings } = safely(evaluate, asExpression(expression), context);
        if (warnings.some((warning) => warning.type === "NO_VARIABLE_FOUND")) result.uncertain.add(mark);
        hide = value === true && !result.uncertain.has(mark);
      }
      if (hide) result.hidden.add(mark);
      const key = keyOf(one);
      if (kindOf(one) === "group") visit(one.components ?? [], key ? [...base, key] : base, context, hide);
      if (kindOf(one) === "table" && key) {
        const rows: Value = getIn(values, [...base, key]);
        (Array.isArray(rows) ? rows : []).forEach((row: Value, index: number) => {
          const inner = { ...context, ...blank(one.components ?? []), ...row, this: row, parent: context, i: index + 1 };
          visit(one.components ?? [], [...base, key, index], inner, hide);
        });
      }
    }
  };
  visit(schema.components, [], { ...blank(schema.components), ...values }, false);
  return result;
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
  return useMemo(() => (evaluate ? findHidden(schema, values, evaluate) : NONE), [schema, values, evaluate]);
}
