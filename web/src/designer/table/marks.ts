/**
 * What is shown on a table beside its own content, as a style sheet: dmn-js draws its cells again and again, so nothing can
 * be fastened to them, but every cell carries its id.
 */
import type { Finding } from "../../api/types";

/** A CSS string; whatever the text holds, it stays text. */
const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("<", "\\3c ").replaceAll("\n", " ")}"`;

/** `homes`: expression id → id of the cell on the screen. */
export function styleOf(findings: Finding[], homes: Map<string, string>, matched: string[]): string {
  const told = new Map<string, { text: string; error: boolean }>();
  for (const one of findings) {
    if (!one.element) continue;
    const cell = homes.get(one.element) ?? one.element;
    const before = told.get(cell);
    told.set(cell, { text: before ? `${before.text}；${one.message}` : one.message, error: one.severity === "error" || Boolean(before?.error) });
  }
  const cells = [...told].map(([cell, { text, error }]) => {
    const colour = error ? "#a8071a" : "#874d00";
    // heads carry the id of their column, cells their own
    const at = `.design-table :is([data-element-id=${quoted(cell)}], th[data-col-id=${quoted(cell)}])`;
    return `${at} { box-shadow: inset 0 0 0 2px ${colour}; }\n${at}::after { content: ${quoted(`■ ${text}`)}; display: block; padding: 2px 6px; color: ${colour}; font: 13px/1.4 inherit; white-space: normal; }`;
  });
  const rows = matched.map((rule) => `.design-table td[data-row-id=${quoted(rule)}], .design-table td[data-element-id=${quoted(rule)}] { background: #d9f2dd !important; }`);
  return [...cells, ...rows].join("\n");
}
