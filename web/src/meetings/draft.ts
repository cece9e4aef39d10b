/** A meeting while it is being written: what is typed, who may vote on each case, whether totals add up. No screen in here. */
import { uuid } from "../api/client";
import type { Convener, Meeting, MeetingItem, Recusal, RollEntry } from "./types";

export interface ItemDraft {
  n: number;
  /** By hand only; relatives on the register are the server's to say. */
  recused: { key: string; why: string }[];
  agree: number | null;
  against: number | null;
  abstain: number | null;
  opinion: string;
  dissent: string;
  postpone: string;
}

export interface Draft {
  held_at: string;
  place: string;
  convener: Convener;
  chair: string;
  deputy: string | null;
  recorder: string;
  roll: RollEntry[];
  course: string;
  photos: string[];
  items: ItemDraft[];
}

export const VOTES = ["agree", "against", "abstain"] as const;
export type Vote = (typeof VOTES)[number];
export const VOTE_WORDS: Record<Vote, string> = { agree: "同意", against: "不同意", abstain: "弃权" };

function itemDraft(item: MeetingItem): ItemDraft {
  const { n, agree, against, abstain, opinion, dissent, postpone } = item;
  return { n, agree, against, abstain, opinion, dissent, postpone, recused: item.recused.filter((one) => !one.automatic).map(({ key, why }) => ({ key, why })) };
}

export function draftOf(meeting: Meeting): Draft {
  const { held_at, place, convener, chair, deputy, recorder, roll, course, photos } = meeting;
  return { held_at, place, convener, chair, deputy, recorder, roll, course, photos, items: meeting.items.map(itemDraft) };
}

/** Whoever came with the agenda since (or left it) is followed; what was typed stays. */
export function withAgenda(draft: Draft, meeting: Meeting): Draft {
  const typed = new Map(draft.items.map((one) => [one.n, one]));
  return { ...draft, items: meeting.items.map((item) => typed.get(item.n) ?? itemDraft(item)) };
}

export interface Count {
  /** Present minus withdrawn: who votes. */
  voting: number;
  residents: number;
  recused: number;
}

/** Who votes on a case: those who came, less the relatives the server named and those who withdraw by hand. */
export function count(roll: RollEntry[], automatic: Recusal[], byHand: { key: string }[]): Count {
  const out = new Set([...automatic, ...byHand].map((one) => one.key));
  const came = roll.filter((one) => one.present);
  const voting = came.filter((one) => !out.has(one.key));
  return { voting: voting.length, residents: voting.filter((one) => one.role === "resident").length, recused: came.length - voting.length };
}

export interface Check {
  state: "empty" | "right" | "wrong" | "postponed";
  words: string;
}

/** Whether 同意 + 不同意 + 弃权 = 实到 − 回避, as one types. */
export function check(item: ItemDraft, voting: number): Check {
  if (item.postpone.trim()) return { state: "postponed", words: "延期评议" };
  const given = VOTES.map((vote) => item[vote]).filter((one): one is number => one !== null);
  if (given.length === 0) return { state: "empty", words: `应投 ${voting}` };
  const off = voting - given.reduce((sum, one) => sum + one, 0);
  if (off !== 0) return { state: "wrong", words: off > 0 ? `少 ${off} 票` : `多 ${-off} 票` };
  if (given.length < VOTES.length) return { state: "wrong", words: "没有的填 0" };
  return { state: "right", words: "合计相符" };
}

/** A line of names as people paste them: by line, comma, semicolon, blank or 顿号. */
export function namesIn(text: string): string[] {
  return [...new Set(text.split(/[\s、，,；;]+/u).map((one) => one.trim()).filter(Boolean))];
}

export const participant = (name: string, role: string, person: string | null = null): RollEntry => ({ key: uuid().slice(0, 12), name, role, person, present: true });
