/** Where a row leads: to the step when it can be worked on, else to the case. */
import type { TaskRow } from "../api/types";
import { href } from "../app/router";

export const workable = (tab: string): boolean => tab === "todo" || tab === "claimable" || tab === "mine";

export function rowHref(row: TaskRow, tab: string): string {
  return workable(tab) ? href(`/tasks/${row.id}`) : href(`/cases/${row.case_id}`);
}

export const verbOf = (row: TaskRow, tab: string): string => (workable(tab) ? row.verb || `办理${row.name}` : "查看进展");

/** For lists, where a mark already says that two must act: how far they are. */
export function signedWords(row: TaskRow): string | null {
  return row.together > 1 && row.acted > 0 ? `已有 ${row.acted} 人签，尚需 ${row.together - row.acted} 人` : null;
}

/** 「2 人共同办理，已有 1 人签」, or nothing for a step of one. */
export function togetherWords(row: TaskRow): string | null {
  if (row.together <= 1) return null;
  return row.acted > 0 ? `${row.together} 人共同办理，已有 ${row.acted} 人签` : `须 ${row.together} 人共同办理`;
}
