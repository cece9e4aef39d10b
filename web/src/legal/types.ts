/** What the pages of 日历与时限 exchange with the server (`api/schemas/legal.py`). */
import type { Day, Instant } from "../api/types";

export type LegalValue = number | string | boolean | string[] | null;

export interface LegalChange {
  id: string;
  kind: "term" | "parameter" | "calendar" | "basis";
  key: string;
  name: string;
  before: string | null;
  value: string;
  valid_from: Day;
  reason: string;
  state: "proposed" | "confirmed" | "refused" | "withdrawn";
  proposed_by: string | null;
  proposed_at: Instant;
  decided_by: string | null;
  decided_at: Instant | null;
  answer: string | null;
  revision: number;
  can: ("confirm" | "withdraw")[];
}

export interface LegalItem {
  kind: "term" | "parameter";
  key: string;
  group: string;
  name: string;
  value: LegalValue;
  words: string;
  lawful: string;
  chosen_from: Day | null;
  choice: boolean;
  direction: string | null;
  least: number | null;
  most: number | null;
  choices: { value: string; label: string }[];
  start_event: string | null;
  counting: string | null;
  pauses: string[];
  extension: string | null;
  expiry: string[];
  citation: string | null;
  confidence: string | null;
  confidence_words: string | null;
  pending: LegalChange | null;
  coming: LegalChange | null;
}

export interface LegalTable {
  on: Day;
  items: LegalItem[];
  can_propose: boolean;
}

export interface CalendarYear {
  year: number;
  area: string;
  area_name: string | null;
  notice: string;
  source: string;
  rest: { name: string; from: Day; to: Day }[];
  work: Day[];
  working_days: number;
}

export interface Calendars {
  years: CalendarYear[];
  missing: number[];
  provisional: number;
  can_load: boolean;
}

export interface ClockMove {
  case_id: string;
  number: string;
  title: string;
  place: string;
  name: string;
  old: string;
  new: string;
  was_provisional: boolean;
  provisional: boolean;
}

export interface NoticePlan {
  year: CalendarYear;
  replaces: string | null;
  moves: ClockMove[];
  total: number;
}

export interface Lateness {
  fired: number;
  waiting: number;
  text: string;
}
