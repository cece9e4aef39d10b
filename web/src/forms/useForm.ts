/** State of one form being filled: values, hidden fields, errors, and the check before sending. */
import { useCallback, useMemo, useState } from "react";
import type { ErrorField } from "../api/types";
import { checkForm, cleaned, serverErrors, type Errors } from "./check";
import { useHidden } from "./conditions";
import { initialValues, type FormSchema, type Values } from "./model";

const EMPTY: FormSchema = { components: [] };

export interface FormState {
  schema: FormSchema;
  values: Values;
  errors: Errors;
  hidden: ReturnType<typeof useHidden>;
  /** Something was typed since the last `reset` or `settled`. */
  touched: boolean;
  change: (update: (values: Values) => Values, path: string) => void;
  /** Values fit to send, or null and the errors, which are shown. */
  ready: () => { values: Values | null; errors: Errors };
  /** Values as they are, without judgement, for a draft. */
  draft: () => Values;
  refuse: (fields: ErrorField[]) => Errors;
  reset: (values: Values) => void;
  /** A new version of the prefill arrives: what was typed stays, the rest is renewed. */
  renew: (values: Values) => void;
}

export function useForm(raw: Record<string, unknown> | null | undefined, given: Values): FormState {
  const schema = (raw as FormSchema | null | undefined) ?? EMPTY;
  const [values, setValues] = useState<Values>(() => initialValues(schema, given));
  const [errors, setErrors] = useState<Errors>({});
  const [typed, setTyped] = useState<Set<string>>(new Set());
  const hidden = useHidden(schema, values);

  const change = useCallback((update: (values: Values) => Values, path: string) => {
    setValues(update);
    setTyped((before) => new Set(before).add(path.split(".")[0]));
    // A corrected field loses its complaint at once; a changed table loses those of its rows.
    setErrors((before) => {
      const kept = Object.entries(before).filter(([key]) => key !== path && !key.startsWith(`${path}.`));
      return kept.length === Object.keys(before).length ? before : Object.fromEntries(kept);
    });
  }, []);

  return useMemo<FormState>(() => {
    const reset = (next: Values) => {
      setValues(initialValues(schema, next));
      setErrors({});
      setTyped(new Set());
    };
    return {
      schema,
      values,
      errors,
      hidden,
      touched: typed.size > 0,
      change,
      ready: () => {
        const found = checkForm(schema, values, hidden);
        setErrors(found);
        return { values: Object.keys(found).length ? null : cleaned(schema, values, hidden.hidden), errors: found };
      },
      draft: () => cleaned(schema, values, new Set()),
      refuse: (fields) => {
        const found = serverErrors(fields);
        setErrors(found);
        return found;
      },
      reset,
      renew: (next) => {
        const kept = Object.fromEntries(Object.entries(values).filter(([key]) => typed.has(key)));
        setValues({ ...initialValues(schema, next), ...kept });
        setErrors({});
      },
    };
  }, [schema, values, errors, hidden, typed, change]);
}
