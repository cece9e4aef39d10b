import { evaluate } from "feelin";
import { describe, expect, it } from "vitest";
import { checkForm, cleaned, serverErrors } from "../src/forms/check";
import { findHidden, type Evaluate } from "../src/forms/conditions";
import type { Component, FormSchema, Values } from "../src/forms/model";

const feel = evaluate as unknown as Evaluate;
const NOTHING = { hidden: new Set<string>(), uncertain: new Set<string>() };
const form = (...components: Component[]): FormSchema => ({ components });
const errorsOf = (schema: FormSchema, values: Values) => checkForm(schema, values, findHidden(schema, values, feel));

describe("required answers", () => {
  it.each<[Component, Values, string | undefined]>([
    [{ type: "textfield", key: "a", label: "姓名" }, {}, "请填写姓名"],
    [{ type: "textfield", key: "a", label: "姓名" }, { a: "  " }, "请填写姓名"],
    [{ type: "radio", key: "a", label: "结论" }, {}, "请选择结论"],
    [{ type: "radio", key: "a", label: "属实", properties: { kind: "boolean" } }, { a: false }, undefined],
    [{ type: "number", key: "a", label: "人数" }, { a: 0 }, undefined],
    [{ type: "checkbox", key: "a", label: "已说明政策" }, { a: false }, "请勾选「已说明政策」"],
    [{ type: "filepicker", key: "a", label: "照片" }, { a: [] }, "请添加照片"],
    [{ type: "textfield", key: "a", label: "签名", properties: { kind: "signature" } }, {}, "请签名"],
  ])("%j with %j", (component, values, sentence) => {
    const schema = form({ ...component, validate: { required: true } });
    expect(checkForm(schema, values, NOTHING).a).toBe(sentence);
  });
});

describe("limits", () => {
  it.each<[Component, unknown, string | undefined]>([
    [{ type: "number", key: "a", label: "金额", properties: { kind: "money" } }, -1, "金额不能为负数"],
    [{ type: "number", key: "a", label: "金额", properties: { kind: "money" }, validate: { max: 5000 } }, 5001, "金额不能大于 5000元"],
    [{ type: "number", key: "a", label: "人数", validate: { min: "1" } }, 0, "人数不能小于 1"],
    [{ type: "textfield", key: "a", label: "电话", validate: { pattern: "[0-9]{5,20}" } }, "138x", "电话格式不正确"],
    [{ type: "textfield", key: "a", label: "电话", validate: { pattern: "[0-9]{5,20}" } }, "13800001111", undefined],
    [{ type: "textarea", key: "a", label: "依据", validate: { minLength: 5 } }, "不实", "依据至少 5 个字"],
    [{ type: "taglist", key: "a", label: "核查人员", properties: { kind: "persons", atLeast: 2 } }, ["p1"], "核查人员至少 2 人"],
  ])("%j with %j", (component, value, sentence) => {
    expect(checkForm(form(component), { a: value }, NOTHING).a).toBe(sentence);
  });
});

const dependent = form(
  { type: "radio", key: "result", label: "结论", validate: { required: true } },
  { type: "textarea", key: "why", label: "依据", validate: { required: true }, conditional: { hide: '=result != "no"' } },
  { type: "textfield", key: "who", label: "反映人", validate: { required: true }, conditional: { hide: "=why = null" } },
);

describe("conditions", () => {
  it("asks a dependent question only when it applies", () => {
    expect(Object.keys(errorsOf(dependent, { result: "yes" }))).toEqual([]);
    expect(Object.keys(errorsOf(dependent, { result: "no" }))).toEqual(["why"]);
  });

  it("counts a hidden answer as none for the questions behind it", () => {
    const { hidden } = findHidden(dependent, { result: "yes", why: "邻居反映" }, feel);
    expect([...hidden].sort()).toEqual(["who", "why"]);
  });

  it("never insists on a question whose condition needs the case", () => {
    const schema = form({ type: "textfield", key: "a", label: "姓名", validate: { required: true }, conditional: { hide: "=verification.known = true" } });
    const found = findHidden(schema, {}, feel);
    expect(found.hidden.size).toBe(0);
    expect(checkForm(schema, {}, found)).toEqual({});
  });

  it("hides all that a group holds, and knows the row of a table", () => {
    const schema = form(
      { type: "group", id: "g", conditional: { hide: "=true" }, components: [{ type: "textfield", key: "a", label: "甲" }] },
      { type: "dynamiclist", path: "rows", label: "成员", components: [
        { type: "checkbox", key: "ill", label: "患病" },
        { type: "textfield", key: "illness", label: "病种", validate: { required: true }, conditional: { hide: "=not(ill)" } },
      ] },
    );
    const values = { rows: [{ ill: true }, { ill: false }] };
    expect([...findHidden(schema, values, feel).hidden].sort()).toEqual(["#g", "a", "rows.1.illness"]);
    expect(Object.keys(errorsOf(schema, values))).toEqual(["rows.0.illness"]);
  });
});

describe("what is sent", () => {
  it("leaves hidden, empty and foreign values behind", () => {
    const values = { result: "yes", why: "旧内容", who: "", stranger: 1 };
    expect(cleaned(dependent, values, new Set(["why"]))).toEqual({ result: "yes" });
  });

  it("keeps false, zero and rows", () => {
    const schema = form({ type: "checkbox", key: "a" }, { type: "number", key: "n" }, { type: "dynamiclist", path: "t", components: [{ type: "textfield", key: "x" }] });
    expect(cleaned(schema, { a: false, n: 0, t: [{ x: "" }, { x: "一" }] }, new Set())).toEqual({ a: false, n: 0, t: [{}, { x: "一" }] });
  });

  it("finds the server's errors at the same places", () => {
    expect(serverErrors([{ path: "members[0].name", message: "不一致" }])).toEqual({ "members.0.name": "不一致" });
  });
});
