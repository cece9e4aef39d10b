/** The script of a trial and what it says, in words. Pure. */
import type { TryLine, TryOpen, TryStep } from "../bench";

export interface Script {
  process: string | undefined;
  start: Record<string, unknown> | null;
  variables: Record<string, string>;
  steps: TryStep[];
}

export const EMPTY: Script = { process: undefined, start: null, variables: {}, steps: [] };

const EVENTS: Record<TryLine["event"], string> = {
  activated: "进入", completed: "完成", terminated: "终止", taken: "经过", thrown: "发出", caught: "触发", incident: "出错",
};

/** One line of the record. Flows are left out: they say nothing that the steps do not. */
export function lineInWords(line: TryLine): string | null {
  if (line.event === "taken") return null;
  if (line.event === "activated" && /Gateway|Event/.test(line.type)) return null;
  const name = line.name ?? (/Gateway/.test(line.type) ? "汇合" : line.element);
  return `${EVENTS[line.event]}「${name}」${line.what ? `：${line.what}` : ""}`;
}

export const KIND_OF_OPEN: Record<TryOpen["kind"], string> = {
  start: "开始", user_task: "人工环节", job: "系统环节", timer: "定时", message: "等待消息", signal: "等待信号",
};

/** ISO 8601 duration from one instant to a later one; never negative. */
export function until(now: string, due: string): string {
  const seconds = Math.max(0, Math.ceil((new Date(due).getTime() - new Date(now).getTime()) / 1000));
  return `PT${seconds}S`;
}

/** FEEL texts that were written; empty ones say nothing. */
export const given = (written: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(written).map(([name, text]) => [name.trim(), text.trim()]).filter(([name, text]) => name && text));

export function stepInWords(step: TryStep, names: Record<string, string>): string {
  const name = names[step.target] ?? step.target;
  if (step.kind === "advance") return `时间过去 ${durationInWords(step.target)}`;
  if (step.kind === "message") return `收到消息「${step.target}」`;
  if (step.kind === "signal") return `收到信号「${step.target}」`;
  if (step.kind === "fail") return `「${name}」失败`;
  if (step.kind === "error") return `「${name}」抛出错误 ${step.code ?? ""}`;
  return `完成「${name}」`;
}

export function durationInWords(text: string): string {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!found) return text;
  const seconds = Number(found[1] ?? 0) * 86400 + Number(found[2] ?? 0) * 3600 + Number(found[3] ?? 0) * 60 + Number(found[4] ?? 0);
  const parts = [[Math.floor(seconds / 86400), "天"], [Math.floor((seconds % 86400) / 3600), "小时"], [Math.floor((seconds % 3600) / 60), "分钟"], [seconds % 60, "秒"]] as const;
  return parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}`).join(" ") || "0 秒";
}
