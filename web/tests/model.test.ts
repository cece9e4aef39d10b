import { describe, expect, it } from "vitest";
import { fieldId, getIn, initialValues, kindOf, pathText, places, setIn, type FormSchema } from "../src/forms/model";

const schema: FormSchema = {
  components: [
    { type: "text", text: "说明" },
    { type: "textfield", key: "name", label: "姓名", defaultValue: "不详" },
    { type: "group", label: "家庭", components: [{ type: "dynamiclist", path: "members", label: "成员", components: [{ type: "number", key: "age", label: "年龄" }] }] },
  ],
};

describe("kind of a component", () => {
  it.each([
    [{ type: "textfield" }, "text"],
    [{ type: "number", properties: { kind: "money" } }, "money"],
    [{ type: "radio", properties: { kind: "boolean" } }, "boolean"],
    [{ type: "datetime", subtype: "datetime" }, "datetime"],
    [{ type: "datetime", subtype: "date" }, "date"],
    [{ type: "select", properties: { kind: "area" } }, "area"],
    [{ type: "taglist", properties: { kind: "persons" } }, "persons"],
    [{ type: "textfield", properties: { kind: "signature" } }, "signature"],
    [{ type: "textfield", properties: { kind: "position" } }, "position"],
    [{ type: "filepicker", properties: { kind: "photo" } }, "photo"],
    [{ type: "checkbox" }, "tick"],
    [{ type: "dynamiclist" }, "table"],
    [{ type: "separator" }, "note"],
  ])("%j is %s", (component, kind) => expect(kindOf(component)).toBe(kind));
});

describe("places of values", () => {
  it("lists every answer once per row, through groups", () => {
    const found = places(schema.components, { members: [{ age: 3 }, {}] }).map((place) => pathText(place.path));
    expect(found).toEqual(["name", "members", "members.0.age", "members.1.age"]);
  });

  it("replaces a value without touching the original", () => {
    const before = { members: [{ age: 3 }] };
    const after = setIn(before, ["members", 1, "age"], 5);
    expect(after).toEqual({ members: [{ age: 3 }, { age: 5 }] });
    expect(before).toEqual({ members: [{ age: 3 }] });
    expect(getIn(after, ["members", 1, "age"])).toBe(5);
    expect(getIn(after, ["nobody", 0, "age"])).toBeUndefined();
  });

  it("takes the server's spelling of a path for the same place", () => {
    expect(pathText("members[1].age")).toBe("members.1.age");
    expect(fieldId("members[1].age")).toBe(fieldId(["members", 1, "age"]));
  });

  it("lays defaults under what is given", () => {
    expect(initialValues(schema, {})).toEqual({ name: "不详" });
    expect(initialValues(schema, { name: "李某" })).toEqual({ name: "李某" });
  });
});
