/** Totals are checked while they are typed: who votes on a case, and whether the ballot adds up. */
import { expect, test } from "vitest";
import { check, count, draftOf, namesIn, withAgenda, type ItemDraft } from "../src/meetings/draft";
import type { Meeting, MeetingItem, RollEntry } from "../src/meetings/types";

const person = (key: string, role: string, present = true): RollEntry => ({ key, name: key, role, person: null, present });
const ROLL = [person("t", "town"), person("a", "resident"), person("b", "resident"), person("c", "resident", false)];
const blank: ItemDraft = { n: 1, recused: [], agree: null, against: null, abstain: null, opinion: "", dissent: "", postpone: "" };

test("relatives named by the server and withdrawals by hand are each left out once", () => {
  const kin = [{ key: "a", name: "a", why: "舅甥", automatic: true }];
  expect(count(ROLL, [], [])).toEqual({ voting: 3, residents: 2, recused: 0 });
  expect(count(ROLL, kin, [{ key: "a" }, { key: "t" }])).toEqual({ voting: 1, residents: 1, recused: 2 });
  expect(count(ROLL, [], [{ key: "c" }]).recused).toBe(0);
});

test("a ballot says what is missing, too much, or right", () => {
  expect(check(blank, 3)).toEqual({ state: "empty", words: "应投 3" });
  expect(check({ ...blank, agree: 2 }, 3).words).toBe("少 1 票");
  expect(check({ ...blank, agree: 3, against: 1, abstain: 0 }, 3).words).toBe("多 1 票");
  expect(check({ ...blank, agree: 3 }, 3).words).toBe("没有的填 0");
  expect(check({ ...blank, agree: 2, against: 0, abstain: 1 }, 3).state).toBe("right");
  expect(check({ ...blank, agree: 2, postpone: "住院" }, 3).state).toBe("postponed");
});

test("names are taken as people paste them", () => {
  expect(namesIn("钱某丁、孙某戊\n李某己 ，周某庚；钱某丁")).toEqual(["钱某丁", "孙某戊", "李某己", "周某庚"]);
});

test("what was typed stays when the agenda changes, and relatives are not sent back as if withdrawn by hand", () => {
  const item = { ...blank, recused: [{ key: "a", name: "a", why: "舅甥", automatic: true }, { key: "b", name: "b", why: "债务", automatic: false }] } as unknown as MeetingItem;
  const meeting = { held_at: "", place: "", convener: "village", chair: "p", deputy: null, recorder: "", roll: ROLL, course: "", photos: [], items: [item] } as unknown as Meeting;
  const draft = draftOf(meeting);
  expect(draft.items[0].recused).toEqual([{ key: "b", why: "债务" }]);
  const typed = { ...draft, items: [{ ...draft.items[0], agree: 2 }] };
  const longer = { ...meeting, items: [item, { ...item, n: 2 }] };
  expect(withAgenda(typed, longer).items.map((one) => [one.n, one.agree])).toEqual([[1, 2], [2, null]]);
});
