/** Shapes of `api/schemas/homes.py` about coverage. */
import type { Day, Instant } from "../api/types";

export type State = "visited" | "zero" | "silent" | "unsynced" | "vacant" | "rest" | "open";

export interface CoverCell {
  first: Day;
  last: Day;
  state: State;
  label: string;
  silent: number;
  unsynced: number;
  visits: number;
  leads: number;
  expected: number;
  visited: number;
}

export interface CoverRow {
  area: string;
  name: string;
  tier: string;
  state: State;
  label: string;
  last_sync: Instant | null;
  overdue: number;
  cells: CoverCell[];
}

export interface Coverage {
  area: string;
  unit: "week" | "month" | "quarter";
  today: Day;
  rows: CoverRow[];
  totals: Record<string, number>;
}

export interface CoverDay {
  day: Day;
  state: State;
  label: string;
  said_by: string | null;
  done: string[];
  reason: string | null;
  note: string | null;
  said_at: Instant | null;
  answer: string | null;
}

export interface AlarmRow {
  area: string;
  place: string;
  day: Day;
  state: State;
  label: string;
  last_sync: Instant | null;
  at: Instant;
  answer: string | null;
  answered_by: string | null;
  answered_at: Instant | null;
}
