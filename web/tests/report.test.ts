import { describe, expect, it } from "vitest";
import type { Component } from "../src/forms/model";
import { fitted } from "../src/forms/fields/shrink";
import { groupsOf } from "../src/forms/fields/choices";
import { split } from "../src/report/split";
import { chainTo, childrenOf } from "../src/forms/fields/AreaControl";
import type { Area } from "../src/api/types";

const field = (key: string, required = false): Component => ({ type: "textfield", key, label: key, validate: { required } });
const keys = (components: Component[]) => components.map((one) => one.key);

describe("quick report", () => {
  const components = ["source", "place_area", "place_text", "main_cause", "urgent_signs", "subject_name", "subject_phone", "occurred_at", "description", "photos", "residence_status", "anonymous"].map((key) =>
    field(key, ["source", "place_area", "place_text", "main_cause"].includes(key)),
  );

  it("shows at most eight fields, the place first", () => {
    const { first, rest } = split({ components }, { source: "01" });
    expect(first.components.length).toBe(8);
    expect(first.components[0].key).toBe("place_area");
    expect(keys(rest.components)).toContain("source");
    expect(first.components.length + rest.components.length).toBe(components.length);
  });

  it("never folds away a required field without an answer", () => {
    expect(keys(split({ components }, {}).first.components)).toContain("source");
  });

  it("opens a drop-down into chips", () => {
    const { first } = split({ components: [{ ...field("main_cause"), type: "select" }] }, {});
    expect(first.components[0].type).toBe("radio");
  });
});

it("keeps the proportions of a photo and never enlarges it", () => {
  expect(fitted(4000, 3000, 2000)).toEqual({ width: 2000, height: 1500 });
  expect(fitted(300, 200, 2000)).toEqual({ width: 300, height: 200 });
});

it("puts options under the names of their groups, in order", () => {
  const groups = groupsOf([{ value: 1, label: "甲", group: "一" }, { value: 2, label: "乙", group: "二" }, { value: 3, label: "丙", group: "一" }]);
  expect(groups.map((group) => [group.name, group.options.map((option) => option.value)])).toEqual([["一", [1, 3]], ["二", [2]]]);
});

describe("areas", () => {
  const area = (path: string, tier: string, parent: string | null): Area => ({ path, code: path.split("/").at(-1)!, name: path, tier, kind: tier, parent, children: 0 });
  const areas = [area("1/2", "town", "1"), area("1/2/3", "village", "1/2"), area("1/2/4", "village", "1/2")];

  it("starts below what the person cannot see", () => expect(childrenOf(areas, null).map((one) => one.path)).toEqual(["1/2"]));
  it("finds the way down to a village by path or code", () => {
    expect(chainTo(areas, "1/2/3").map((one) => one.path)).toEqual(["1/2", "1/2/3"]);
    expect(chainTo(areas, "4").map((one) => one.path)).toEqual(["1/2", "1/2/4"]);
    expect(chainTo(areas, null)).toEqual([]);
  });
});
