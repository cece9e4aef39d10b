import { describe, expect, it } from "vitest";
import { feel, misfits, recuse, recused, routing, whoInWords, type Vocabulary } from "../src/designer/words";

const word = (value: string, label: string) => ({ value, label, hint: "" });
const words: Vocabulary = {
  tiers: [word("village", "村（居）"), word("town", "镇（街）"), word("district", "区")],
  posts: [
    { ...word("officer", "民政干部"), tiers: ["town"] },
    { ...word("office", "公共（民政）服务办"), tiers: ["town"] },
    { ...word("bureau", "区局"), tiers: ["district"] },
  ],
  forms: [], terms: [], stages: [], jobs: [], decisions: [], processes: [], functions: [],
};

describe("who does a task", () => {
  it("is what the task says over what its lane says, each for itself", () => {
    expect(routing({}, { tier: "town", posts: "officer" })).toEqual({ tier: "town", posts: "officer", ownTier: false, ownPosts: false });
    expect(routing({ posts: "office" }, { tier: "town", posts: "officer" })).toMatchObject({ tier: "town", posts: "office", ownPosts: true, ownTier: false });
    expect(routing({ tier: "district" }, { tier: "town", posts: "officer" })).toMatchObject({ tier: "district", posts: "officer", ownTier: true });
  });
  it("is said in words", () => {
    expect(whoInWords(words, "town", "officer,office")).toBe("镇（街） · 民政干部或公共（民政）服务办");
    expect(whoInWords(words, "town", undefined)).toBe("镇（街） · 该层级任何人");
    expect(whoInWords(words, undefined, "officer")).toContain("无人可办");
    expect(whoInWords(words, "=t", "=p")).toBe("层级按 =t · 岗位按 =p");
  });
  it("names posts nobody holds at the tier", () => {
    expect(misfits(words, "district", "officer,bureau")).toEqual(["民政干部"]);
    expect(misfits(words, "town", "officer")).toEqual([]);
    expect(misfits(words, "=t", "officer")).toEqual([]);
  });
});

describe("recusal", () => {
  it("reads and writes the actors of elements", () => {
    expect(recused('=actors("a", "b")')).toEqual(["a", "b"]);
    expect(recuse(["a", "b"])).toBe('=actors("a", "b")');
    expect(recused(recuse(["a"]))).toEqual(["a"]);
    expect(recused(undefined)).toEqual([]);
    expect(recuse([])).toBeUndefined();
  });
  it("leaves another expression as it is", () => {
    expect(recused("=investigators")).toBeNull();
    expect(recused('=if x then actors("a") else []')).toBeNull();
  });
});

it("FEEL in a drawing begins with an equals sign, nothing is nothing", () => {
  expect(feel("a > 1")).toBe("=a > 1");
  expect(feel(" =a ")).toBe("=a");
  expect(feel("  ")).toBeUndefined();
});
