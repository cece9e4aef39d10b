import { describe, expect, it } from "vitest";
import type { Due, TaskRow } from "../src/api/types";
import { dueWords, LIGHTS } from "../src/common/lights";
import { day, shanghai, toInstant, toWall, when } from "../src/common/time";
import { emptyWords, TABS } from "../src/tasks/tabs";
import { signedWords, togetherWords } from "../src/tasks/links";
import { whereWords } from "../src/cases/status";
import { silence } from "../src/overview/OverviewPage";

const due = (light: Due["light"], text = ""): Due => ({ light, text, due_at: null, due: null, term: null, term_name: null, provisional: false });

describe("lights", () => {
  it("always has words, with or without the server's sentence", () => {
    expect(dueWords(due("overdue", "已超 3 个工作日"))).toBe("已超 3 个工作日");
    expect(dueWords(due("none"))).toBe("无时限");
  });

  it("gives every light a shape of its own, readable without colour", () => {
    const shapes = Object.values(LIGHTS).map((light) => light.shape);
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});

describe("Shanghai time", () => {
  it("does not depend on the machine's zone", () => {
    expect(when("2026-10-15T08:30:00Z", new Date("2026-10-16T00:00:00Z"))).toBe("10月15日 16:30");
    expect(when("2026-10-15T16:30:00+08:00", new Date("2026-10-16T00:00:00Z"))).toBe("10月15日 16:30");
  });

  it("names another year, by the Shanghai calendar", () => {
    const now = new Date("2026-10-16T00:00:00Z");
    expect(when("2025-12-31T16:30:00Z", now)).toBe("1月1日 00:30");
    expect(when("2025-12-31T15:30:00Z", now)).toBe("2025年12月31日 23:30");
  });

  it("keeps a date a date, with its weekday", () => {
    expect(day("2026-09-30", { weekday: true, year: true })).toBe("2026年9月30日（周三）");
    expect(day(null)).toBe("");
  });

  it("goes through a picker unchanged", () => {
    const instant = "2026-09-28T09:05:00+08:00";
    expect(toInstant(toWall(instant)!)).toBe(instant);
    expect(toInstant(toWall("2026-09-28T01:05:00Z")!)).toBe(instant);
    expect(shanghai("nonsense")).toBeNull();
  });
});

describe("words of rows", () => {
  const row = { together: 2, acted: 1 } as TaskRow;
  it("says how far two signers are", () => {
    expect(signedWords(row)).toBe("已有 1 人签，尚需 1 人");
    expect(togetherWords({ ...row, acted: 0 })).toBe("须 2 人共同办理");
    expect(togetherWords({ ...row, together: 1 })).toBeNull();
  });

  it("tells a filtered list from an empty one", () => {
    const titles = TABS.map((tab) => emptyWords(tab.key, false).title);
    expect(new Set(titles).size).toBe(TABS.length);
    expect(emptyWords("todo", true).title).toBe("没有符合条件的事项");
  });

  it("shows where a case stands", () => {
    const base = { stage: "核查", current: ["实地核查"], status: "active" } as never as Parameters<typeof whereWords>[0];
    expect(whereWords(base)).toBe("核查 · 实地核查");
    expect(whereWords({ ...base, status: "completed" })).toBe("已办结");
  });
});

describe("the cross that empties a field", () => {
  it("has a Chinese name everywhere", () => {
    const sources = import.meta.glob("../src/**/*.tsx", { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    expect(Object.keys(sources).length).toBeGreaterThan(50);
    const bare = Object.entries(sources).filter(([, text]) => /\ballowClear(\s|\/|>|=\{true\})/.test(text)).map(([path]) => path);
    expect(bare).toEqual([]);
  });
});

describe("a town's silence", () => {
  const cell = (last: string | null, days: number | null) => ({ area: "1/2", name: "某镇", tier: "town", open: 0, overdue: 0, soon: 0, done_30d: 0, leads_30d: 0, last_report: last, silent_days: days });
  it("is not said of a town that has no villages", () => {
    expect(silence(cell(null, null), true)).toBe("没有村（居）");
    expect(silence(cell(null, null), false)).toBe("从未上报");
    expect(silence(cell("2026-09-01T08:00:00+08:00", 12), true)).toBe("12 天未上报");
  });
});
