/** Words for the state of a case. */
import type { CaseRow } from "../api/types";

export const STATUS: Record<CaseRow["status"], string> = { active: "办理中", completed: "已办结", cancelled: "已终止", incident: "运行异常" };

/** 「核查 · 实地核查」: the stage and the open steps, or the state when nothing is open. */
export function whereWords(row: CaseRow): string {
  if (row.status === "completed" || row.status === "cancelled") return STATUS[row.status];
  const steps = row.current.join("、");
  return [row.stage, steps].filter(Boolean).join(" · ") || STATUS[row.status];
}
