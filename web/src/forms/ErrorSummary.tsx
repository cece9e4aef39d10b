/** All that is wrong at the top of the form; each line leads to its field, and the first one takes the focus. */
import { useEffect, useRef } from "react";
import type { Errors } from "./check";
import { fieldId } from "./model";

/** Moves the focus to the control of a field; a group of choices hands it to its first choice. */
export function focusField(path: string): void {
  const field = document.getElementById(fieldId(path));
  if (!field) return;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  field.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  const inner = field.matches("input, textarea, select") ? field : field.querySelector<HTMLElement>("input:not(.sr-only), textarea, button, canvas");
  (inner ?? field).focus({ preventScroll: true });
}

export function ErrorSummary({ errors, attempt }: { errors: Errors; attempt: number }) {
  const entries = Object.entries(errors);
  const first = useRef<string | undefined>(undefined);
  first.current = entries[0]?.[0];
  useEffect(() => {
    if (attempt > 0 && first.current) focusField(first.current);
  }, [attempt]);
  if (entries.length === 0 || attempt === 0) return null;
  return (
    <section className="error-summary" role="alert" aria-label="填写有误">
      <h2>还有 {entries.length} 处需要修改</h2>
      <ul>
        {entries.map(([path, sentence]) => (
          <li key={path}>
            <button type="button" onClick={() => focusField(path)}>{sentence}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}
