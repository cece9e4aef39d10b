import words from "bpmn-js-i18n-zh/lib/bpmn-js/index.js";

const dictionary = words as unknown as Record<string, string>;

/** bpmn-js asks here for every word it shows. */
function translate(template: string, values: Record<string, string> = {}): string {
  const found = dictionary[template] ?? template;
  return found.replace(/{([^}]+)}/g, (_, key: string) => values[key] ?? `{${key}}`);
}

export const zh = { translate: ["value", translate] };
