/** Why a decision table said what it said, in words. Pure. */
import type { TableSaid } from "../bench";

/** FEEL's `true` and quotation marks mean nothing to most readers. */
export const plain = (text: string): string => (text === "true" ? "是" : text === "false" ? "否" : text === "null" ? "空值" : text);

export function resultOf(said: TableSaid): string {
  const rules = said.explained.at(-1)?.rules ?? [];
  if (rules.length !== 1) return said.value === "null" ? "空值（没有结果）" : said.value;
  return rules[0].outputs.map((one) => (one.label ? `${one.label}：${plain(one.value)}` : plain(one.value))).join("；");
}

export function becauseOf(said: TableSaid): string[] {
  return said.explained.flatMap((table) => {
    const read = table.inputs.map((one) => `${one.label} = ${plain(one.value)}`).join("；");
    const rules = table.rules.map((rule) => {
      const tests = rule.tests.map((one) => `“${one.label}”为 ${plain(one.value)}，符合 ${one.test}`).join("；");
      const note = rule.note ? `（${rule.note}）` : "";
      return `第 ${rule.number} 行成立${note}：${tests || "没有条件，任何情况都成立"}。`;
    });
    return [`读到：${read || "没有条件列"}。`, ...(rules.length > 0 ? rules : ["没有一行成立。"])];
  });
}
