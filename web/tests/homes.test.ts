import { describe, expect, it } from "vitest";
import { changed, editHome, homeValues, leaveForm, memberForm, memberValues } from "../src/homes/forms";
import type { HomeChoices, HomeDetail, HomeMember } from "../src/homes/types";

const choices: HomeChoices = { relations: [{ value: "head", label: "户主（本人）" }, { value: "son", label: "子" }], sexes: [], labour: [], whys: [] };
const member = (id: string, name: string, relation: string, more: Partial<HomeMember> = {}) =>
  ({ id, name, relation, codes: { relation, sex: null, labour: null }, left_on: null, masked: false, work: "务农", note: null, birth_date: null, id_no: "", ...more }) as HomeMember;
const home = (more: Partial<HomeDetail> = {}) =>
  ({ head: "何某甲", number: "310", phone: "1", address: null, hukou_area: null, housing: null, note: "旧", account: "62****", masked: false, members: [member("a", "何某甲", "head"), member("b", "何某乙", "son")], ...more }) as HomeDetail;
const keys = (schema: { components: Record<string, unknown>[] }) => schema.components.map((one) => one.key);

describe("what a form of the register sends", () => {
  it("is only what is no longer as it was, and an emptied field is null", () => {
    const schema = editHome(home());
    expect(changed(schema, homeValues(home()), { ...homeValues(home()), phone: "2", note: undefined })).toEqual({ phone: "2", note: null });
  });

  it("never is what was shown masked", () => {
    const far = home({ masked: true, phone: "1******" });
    expect(keys(editHome(far))).not.toContain("head");
    expect(changed(editHome(far), homeValues(far), { ...homeValues(far), number: "311" })).toEqual({ number: "311" });
    const child = member("c", "何*", "son", { masked: true });
    expect(changed(memberForm(choices, child), memberValues(child), { ...memberValues(child), work: "小学" })).toEqual({ work: "小学" });
  });

  it("asks who heads the household only when the head leaves, and only among those who stay", () => {
    const [head, son] = home().members;
    expect(keys(leaveForm(choices, home(), son))).toEqual(["on", "why", "said"]);
    expect(keys(leaveForm(choices, home(), head))).toEqual(["on", "why", "said", "new_head", "ends"]);
    expect(keys(leaveForm(choices, home({ members: [head, { ...son, left_on: "2026-09-01" }] }), head))).toEqual(["on", "why", "said", "ends"]);
  });
});
