/** 转介收发: tabs, empty states and the word on the button. */
import { describe, expect, it } from "vitest";
import { pagesOf } from "../src/app/menu";
import type { Me } from "../src/api/types";
import { bounces, emptyWords, tabsOf, verbOf } from "../src/referrals/words";

const counts = { waiting: 2, working: 1, bounced: 0, done: 4, withdrawn: 0 };
const states = { waiting: "待接收", working: "办理中", bounced: "已退回", done: "已办结", withdrawn: "已撤销" };

describe("tabs", () => {
  it("a department has its states, who follows several has all of them first", () => {
    expect(tabsOf({ counts, states, follows: false }).map((tab) => tab.label)).toEqual(["待接收 2", "办理中 1", "已退回 0", "已办结 4", "已撤销 0"]);
    expect(tabsOf({ counts, states, follows: true })[0]).toEqual({ key: "", label: "全部 7" });
  });

  it("an empty one says what would be there", () => {
    expect(emptyWords("waiting", false, false).title).toBe("没有待接收的转介");
    expect(emptyWords("", false, true).hint).toContain("发出转介单后");
    expect(emptyWords("done", true, false).title).toContain("符合条件");
  });
});

describe("the answer", () => {
  it("the button says what it does", () => {
    expect(verbOf({}, false)).toBe("提交");
    expect(verbOf({ dept_reply: "accepted" }, false)).toBe("接收");
    expect(verbOf({ dept_reply: "bounced" }, false)).toBe("退回");
    expect(verbOf({ finished_on: "2026-10-20" }, false)).toBe("报送结果");
    expect(verbOf({ dept_reply: "accepted" }, true)).toBe("代为登记");
  });

  it("only a letter sent back is asked about again", () => {
    expect(bounces({ dept_reply: "bounced" })).toBe(true);
    expect(bounces({ dept_reply: "accepted" })).toBe(false);
  });
});

it("people of outside bodies have their own pages and no other", () => {
  const me = { id: "p", username: "jiaoyu", name: "申教育", posts: [], rights: ["refer"], stranger: true, home: "/referrals" } as Me;
  expect(pagesOf(me).map((page) => page.key)).toEqual(["tasks", "referrals", "requests", "messages"]);
});
