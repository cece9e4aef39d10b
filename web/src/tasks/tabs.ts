/** The five lists of a person and what each says when it is empty. */
import type { Me } from "../api/types";

export interface Tab {
  key: string;
  label: string;
  empty: { title: string; hint: string };
}

export const TABS: Tab[] = [
  { key: "todo", label: "待办", empty: { title: "现在没有要办的事项", hint: "辖区内有新线索、转来的环节或时限将到的事项时，会出现在这里。" } },
  { key: "claimable", label: "待认领", empty: { title: "没有待认领的事项", hint: "分派到您的岗位、尚未有人承办的环节会出现在这里，认领后由您办理。" } },
  { key: "mine", label: "办理中", empty: { title: "您手上没有正在办理的事项", hint: "认领或转给您本人的事项会出现在这里。" } },
  { key: "done", label: "我的已办", empty: { title: "还没有办过的事项", hint: "您办结的环节会留在这里，可随时查看后续进展。" } },
  { key: "started", label: "我上报的", empty: { title: "您还没有上报过线索", hint: "上报的每条线索办到哪一步、结果如何，都会在这里反馈。" } },
];

export function emptyWords(tab: string, filtered: boolean): { title: string; hint: string } {
  if (filtered) return { title: "没有符合条件的事项", hint: "可换个姓名或编号再查，或清除筛选条件。" };
  return (TABS.find((one) => one.key === tab) ?? TABS[0]).empty;
}

/** People of the grid and the village think in days, offices in piles. */
export function titleOf(me: Me): string {
  return me.posts.some((held) => held.tier === "grid" || held.tier === "village") ? "今日任务" : "我的待办";
}
