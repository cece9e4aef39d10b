/** The form editor's model: nothing is lost, every kind can be edited, moving keeps everything. */
import { describe, expect, it } from "vitest";
import { asKind, CHOICES, find, fresh, get, insert, ITEM_KINDS, keyOf, kindOf, mayMove, move, parse, put, read, remove, rename, SHAPES, walk, write, type Sheet } from "../src/designer/sheet/model";
import { beyond, settingsOf } from "../src/designer/sheet/settings";

const files = import.meta.glob<string>("../../processes/**/*.form", { query: "?raw", import: "default", eager: true });

it("finds the forms", () => expect(Object.keys(files).length).toBeGreaterThan(150));

describe.each(Object.entries(files))("%s", (_, text) => {
  const sheet = parse(text) as Sheet;
  const all = walk(sheet.components);

  it("comes back unchanged", () => {
    expect(parse(write(sheet))).toEqual(JSON.parse(text));
  });

  it("has only kinds the editor knows", () => {
    expect(all.filter(({ item }) => kindOf(item) === null)).toEqual([]);
  });

  it("comes back unchanged when every setting is written as it was read", () => {
    let made = sheet;
    for (const { at } of all) {
      const item = get(made, at)!;
      const kind = kindOf(item)!;
      let next = asKind(item, kind);
      if (item.label !== undefined) next = rename(next, item.label);
      for (const { path } of settingsOf(kind)) next = put(next, path, read(next, path));
      made = insert(remove(made, at), at, next);
    }
    expect(JSON.parse(write(made))).toEqual(JSON.parse(text));
  });

  it("has a control for everything it says", () => {
    expect(all.flatMap(({ item }) => beyond(item, kindOf(item)!))).toEqual([]);
  });
});

const SHEET = parse(JSON.stringify({
  type: "default", id: "f", properties: { title: "表" },
  components: [
    { type: "textfield", key: "a", label: "甲" },
    { type: "group", label: "组", components: [{ type: "number", key: "b", label: "乙" }, { type: "checkbox", key: "c", label: "丙" }] },
    { type: "dynamiclist", path: "rows", label: "明细", components: [{ type: "textfield", key: "a", label: "名" }] },
    { type: "textfield", key: "d", label: "丁" },
  ],
})) as Sheet;
const order = (sheet: Sheet) => walk(sheet.components).map(({ item }) => keyOf(item) || item.label);

describe("moving", () => {
  it("puts an item before another", () => {
    expect(order(move(SHEET, [3], [0]).sheet)).toEqual(["d", "a", "组", "b", "c", "rows", "a"]);
    expect(move(SHEET, [0], [2])).toMatchObject({ at: [1] });
    expect(order(move(SHEET, [0], [2]).sheet)).toEqual(["组", "b", "c", "a", "rows", "a", "d"]);
  });
  it("goes into a group and out of it", () => {
    const into = move(SHEET, [0], [1, 2]);
    expect(into.at).toEqual([0, 2]);
    expect(order(into.sheet)).toEqual(["组", "b", "c", "a", "rows", "a", "d"]);
    expect(order(move(SHEET, [1, 0], [4]).sheet)).toEqual(["a", "组", "c", "rows", "a", "d", "b"]);
  });
  it("goes neither into itself nor as a group into a table", () => {
    expect(mayMove(SHEET, [1], [1, 0])).toBe(false);
    expect(mayMove(SHEET, [1], [2, 0])).toBe(false);
    expect(move(SHEET, [1], [2, 0]).sheet).toBe(SHEET);
  });
  it("finds the question, not a column of a table with the same key", () => {
    expect(find(SHEET, "a")).toEqual([0]);
    expect(find(SHEET, "b")).toEqual([1, 0]);
    expect(find(SHEET, "nowhere")).toBeUndefined();
  });
});

describe("kinds", () => {
  it.each(ITEM_KINDS)("%s can be made, and is what it says", (kind) => {
    const item = fresh(SHEET, kind);
    expect(kindOf(item)).toBe(kind);
    expect(item.type).toBe(SHAPES[kind].type);
    if (CHOICES.includes(kind)) expect(item.values).toHaveLength(2);
  });
  it("gives new fields keys nobody has", () => {
    const one = insert(SHEET, [0], fresh(SHEET, "text"));
    expect(keyOf(fresh(one, "text"))).not.toBe(keyOf(one.components[0]));
  });
  it("keeps label, key, help, condition and rules when the kind changes, and drops what only the old one had", () => {
    const old = { type: "number", key: "n", label: "数", description: "帮", conditional: { hide: "=x" }, decimalDigits: 2, validate: { required: true, min: 0 }, properties: { kind: "money", prefill: "=1" } };
    expect(asKind(old, "text")).toEqual({ type: "textfield", key: "n", label: "数", description: "帮", conditional: { hide: "=x" }, validate: { required: true }, properties: { prefill: "=1" } });
  });
  it("keeps the options among choices", () => {
    const old = { type: "select", key: "n", label: "数", valuesExpression: "=codes.x" };
    expect(asKind(old, "checklist")).toEqual({ type: "checklist", key: "n", label: "数", valuesExpression: "=codes.x" });
  });
  it("does not know foreign components", () => expect(kindOf({ type: "html", content: "<script></script>" })).toBeNull());
});

it("takes an attribute away with what is empty then", () => {
  expect(put({ type: "x", validate: { required: true } }, "validate.required", undefined)).toEqual({ type: "x" });
  expect(put({ type: "x" }, "validate.min", 3)).toEqual({ type: "x", validate: { min: 3 } });
});

it("does not open what is no form", () => {
  expect(parse("{")).toBeNull();
  expect(parse("[]")).toBeNull();
  expect(parse('{"components": {}}')).toBeNull();
});
