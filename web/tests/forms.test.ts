/** Every form of the repository can be shown: known kinds, labels, conditions the preview can read. */
import { evaluate } from "feelin";
import { describe, expect, it } from "vitest";
import { checkForm } from "../src/forms/check";
import { findHidden, type Evaluate } from "../src/forms/conditions";
import { CONTROLS } from "../src/forms/controls";
import { initialValues, keyOf, kindOf, labelOf, type Component, type FormSchema } from "../src/forms/model";

const files = import.meta.glob<string>("../../processes/**/*.form", { query: "?raw", import: "default", eager: true });
const SHOWN_ONLY = new Set(["text", "separator", "spacer"]);

function all(components: Component[]): Component[] {
  return components.flatMap((one) => [one, ...all(one.components ?? [])]);
}

it("finds the forms", () => expect(Object.keys(files).length).toBeGreaterThan(20));

describe.each(Object.entries(files))("%s", (_, text) => {
  const schema = JSON.parse(text) as FormSchema;
  const components = all(schema.components).filter((one) => !SHOWN_ONLY.has(one.type));

  it("has a control and a label for every question", () => {
    const unknown = components.filter((one) => !["table", "group"].includes(kindOf(one)) && !CONTROLS[kindOf(one)]);
    expect(unknown).toEqual([]);
    expect(components.filter((one) => keyOf(one) && kindOf(one) !== "group" && labelOf(one) === keyOf(one))).toEqual([]);
  });

  it("has conditions the preview can parse", () => {
    const conditions = components.flatMap((one) => one.conditional?.hide ?? []);
    for (const text of conditions) expect(() => evaluate(text.replace(/^=/, ""), {})).not.toThrow();
  });

  it("can be checked empty without falling over", () => {
    const values = initialValues(schema, {});
    const hidden = findHidden(schema, values, evaluate as unknown as Evaluate);
    expect(Object.values(checkForm(schema, values, hidden)).every((sentence) => sentence.length > 0)).toBe(true);
  });
});
