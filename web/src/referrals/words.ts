/** Tabs of 转介收发, what an empty one says, and what is asked again before it is sent. */
import type { Values } from "../forms/model";
import type { ReferralList, ReferralState } from "./types";

export const MARKS: Record<ReferralState, string> = { waiting: "△", working: "○", bounced: "↩", done: "✓", withdrawn: "–" };

export interface Tab {
  key: ReferralState | "";
  label: string;
}

/** The states in the order of the work, each with its number; who follows several departments also has all of them, first. */
export function tabsOf(list: Pick<ReferralList, "counts" | "states" | "follows">): Tab[] {
  const states = Object.entries(list.states).map(([key, label]) => ({ key: key as ReferralState, label: `${label} ${list.counts[key as ReferralState] ?? 0}` }));
  const all = Object.values(list.counts).reduce((sum, one) => sum + one, 0);
  return list.follows ? [{ key: "", label: `全部 ${all}` }, ...states] : states;
}

const EMPTY: Record<ReferralState, string> = {
  waiting: "没有待接收的转介",
  working: "没有正在办理的转介",
  bounced: "没有退回的转介",
  done: "还没有办结的转介",
  withdrawn: "没有撤销的转介",
};

export function emptyWords(tab: ReferralState | "", filtered: boolean, follows: boolean): { title: string; hint: string } {
  if (filtered) return { title: "没有符合条件的转介", hint: "可换一个状态或放宽条件。" };
  const hint = follows ? "区民政局发出转介单后自动列在这里。" : "区民政局转介给本单位的事项会列在这里，并有消息提醒。";
  return { title: tab ? EMPTY[tab] : "还没有转介", hint };
}

/** A letter sent back cannot be called back, so that is asked again. */
export const bounces = (values: Values): boolean => values.dept_reply === "bounced";

/** The button says what pressing it does. */
export function verbOf(values: Values, byProxy: boolean): string {
  if (byProxy) return "代为登记";
  if (values.dept_reply === "accepted") return "接收";
  if (bounces(values)) return "退回";
  return "finished_on" in values ? "报送结果" : "提交";
}
