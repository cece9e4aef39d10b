/** Appraisal meetings as the server tells them. */
import type { Due, Page } from "../api/types";

export type MeetingState = "draft" | "convened" | "closed" | "cancelled";
export type Convener = "village" | "town";

export interface MeetingRow {
  number: string;
  area: string;
  place_name: string;
  held_at: string;
  place: string;
  state: MeetingState;
  state_text: string;
  chair: string;
  present: number;
  invited: number;
  cases: number;
  done: number;
  postponed: number;
  open: number;
  void: number;
}

export interface MeetingPage extends Page<MeetingRow> {
  waiting: number;
  may_begin: boolean;
}

export interface Waiting {
  task: string;
  case_id: string;
  case_number: string;
  title: string;
  place: string;
  area: string;
  planned: boolean;
  due: Due;
}

export interface RollEntry {
  key: string;
  name: string;
  role: string;
  person: string | null;
  present: boolean;
}

export interface Recusal {
  key: string;
  name: string;
  why: string;
  automatic: boolean;
}

export interface MeetingItem {
  n: number;
  case_id: string;
  case_number: string;
  title: string;
  place: string;
  application_no: string;
  programme: string;
  task: string | null;
  recused: Recusal[];
  voting: number;
  residents: number;
  agree: number | null;
  against: number | null;
  abstain: number | null;
  opinion: string;
  dissent: string;
  postpone: string;
  verdict: { valid: boolean; passed: boolean; text: string } | null;
  state: "open" | "done" | "postponed" | "void";
  failure: string | null;
  done_at: string | null;
  due: Due | null;
}

export interface MeetingRule {
  key: string;
  name: string;
  value: number;
  source: string;
}

export interface MeetingLog {
  at: string;
  name: string;
  what: string;
  what_text: string;
  text: string;
  item: number | null;
}

export interface Meeting {
  number: string;
  revision: number;
  area: string;
  place_name: string;
  held_at: string;
  place: string;
  convener: Convener;
  chair: string;
  chair_name: string;
  deputy: string | null;
  deputy_name: string | null;
  recorder: string;
  roll: RollEntry[];
  roles: Record<string, string>;
  course: string;
  photos: string[];
  state: MeetingState;
  state_text: string;
  digest: string | null;
  closed_at: string | null;
  items: MeetingItem[];
  whole: boolean;
  rules: MeetingRule[];
  log: MeetingLog[];
  may_edit: boolean;
  may_hold: boolean;
}

export interface MeetingDone {
  number: string;
  revision: number;
  message: string;
  done: number;
  refused: { n: number; title: string; message: string }[];
}
