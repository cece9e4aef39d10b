/** The form of a visit asks what follows from what was said, and no more; figures say when there is nothing to divide by. */
import { evaluate } from "feelin";
import { expect, it } from "vitest";
import { checkForm } from "../src/forms/check";
import { findHidden, type Evaluate } from "../src/forms/conditions";
import { CONTROLS } from "../src/forms/controls";
import { initialValues, keyOf, kindOf, type Component } from "../src/forms/model";
import type { HomeDetail } from "../src/homes/types";
import { hours, share } from "../src/loop/IndicatorTables";
import { visitForm } from "../src/rounds/visitForm";

const one = (value: string) => [{ value, label: value }];
const CHOICES = {
  kinds: [{ value: "focus", label: "重点户走访" }, { value: "patrol", label: "日常巡查" }], methods: one("on_site"), met: [{ value: "self", label: "本人" }, { value: "none", label: "无人在场" }],
  needs: one("medical"), causes: one("11"), urgent_signs: one("x"), categories: [],
};
const HOME = { members: [{ name: "甲", left_on: null }, { name: "乙", left_on: null }] } as unknown as HomeDetail;

function asked(home: HomeDetail | null, given: Record<string, unknown>): string[] {
  const schema = visitForm(CHOICES, home);
  const values = initialValues(schema, given);
  const hidden = findHidden(schema, values, evaluate as unknown as Evaluate).hidden;
  return schema.components.map((component) => keyOf(component)).filter((key): key is string => key !== null && !hidden.has(key));
}

it("has a control for every question", () => {
  const all = (list: Component[]): Component[] => list.flatMap((component) => [component, ...all(component.components ?? [])]);
  const kinds = all(visitForm(CHOICES, HOME).components).map(kindOf);
  expect(kinds.filter((kind) => kind !== "group" && !CONTROLS[kind])).toEqual([]);
});

it("asks for the cause only when there is a need", () => {
  expect(asked(HOME, { needs: [], met: "self" })).not.toContain("cause");
  expect(asked(HOME, { met: "self" })).not.toContain("cause");
  expect(asked(HOME, { needs: ["medical"], met: "self" })).toContain("cause");
});

it("asks why nobody was met, and then not whom", () => {
  expect(asked(HOME, { met: "none" })).toContain("reason");
  expect(asked(HOME, { met: "none" })).not.toContain("members_met");
  expect(asked(HOME, { met: "self" })).toContain("members_met");
});

it("asks for the place only where there is no household", () => {
  expect(asked(HOME, {})).not.toContain("area");
  expect(asked(null, {})).toContain("area");
  expect(asked(null, {})).not.toContain("change");
});

it("lets nothing go that must be known", () => {
  const schema = visitForm(CHOICES, HOME);
  const values = initialValues(schema, { kind: "focus", needs: ["medical"], met: "self" });
  const errors = checkForm(schema, values, findHidden(schema, values, evaluate as unknown as Evaluate));
  expect(Object.keys(errors).sort()).toEqual(["cause", "ended_at", "policy_explained", "started_at"]);
});

it("says hours, then days, and that nothing can be divided", () => {
  expect([hours(3.46), hours(47), hours(60)]).toEqual(["3.5 小时", "47 小时", "2.5 天"]);
  expect([share(1, 4), share(0, 0)]).toEqual(["25%（1/4）", "没有数据"]);
});
