/** Shapes of `api/schemas/homes.py` about households and visits. */
import type { Day, Instant, Receipt } from "../api/types";

export interface Coded {
  value: string;
  label: string;
}

export interface HomeRow {
  id: string;
  number: string | null;
  head: string;
  place: string;
  area: string;
  address: string | null;
  phone: string;
  size: number;
  focus: Coded[];
  programmes: Coded[];
  last_visit_at: Instant | null;
  next_due: Day | null;
  overdue: boolean;
  ended_on: Day | null;
}

export interface HomeMember {
  id: string;
  name: string;
  relation: string | null;
  id_no: string;
  sex: string | null;
  age: number | null;
  minor: boolean;
  health: string | null;
  disability: string | null;
  illness: string | null;
  labour: string | null;
  work: string | null;
  note: string | null;
  left_on: Day | null;
  left_why: string | null;
  masked: boolean;
  birth_date: Day | null;
  codes: { relation: string | null; sex: string | null; labour: string | null };
}

/** A line of 变更记录: which fields or which reason, never what they hold. */
export interface HomeChange {
  at: Instant;
  who: string;
  kind: string;
  member: string | null;
  what: string;
  visit: string | null;
}

export interface HomeChoices {
  relations: Coded[];
  sexes: Coded[];
  labour: Coded[];
  whys: Coded[];
}

export interface HomeDone {
  message: string;
  household: string;
  warnings: string[];
}

export interface ListEntry {
  category: string;
  label: string;
  source: string;
  since: Day;
  ended_on: Day | null;
}

export interface VisitRow {
  id: string;
  kind: string;
  kind_label: string;
  at: Instant;
  minutes: number | null;
  household: string | null;
  head: string;
  place: string;
  met: string;
  method: string | null;
  visitors: string[];
  members_met: string[];
  needs: string[];
  policy_explained: boolean;
  note: string | null;
  change: string | null;
  reason: string | null;
  next_due: Day | null;
  lead_no: string | null;
  case_id: string | null;
}

export interface PastLead {
  number: string;
  case_id: string;
  discovered_at: Instant;
  closed_at: Instant | null;
  cause: string;
  conclusion: string | null;
  refused: boolean;
  reason: string | null;
}

export interface HomeCase {
  id: string;
  number: string;
  name: string;
  status: string;
  opened_at: Instant;
}

export interface Reveal {
  at: Instant;
  until: Instant | null; // of a reveal; null: read for a step of the case
  who: string;
  reason: string;
  household: string | null;
  case_id: string | null;
  number: string | null; // of the case
  head: string;
  place: string;
}

export interface HomeDetail extends HomeRow {
  hukou_area: string | null;
  housing: string | null;
  account: string;
  note: string | null;
  ended_why: string | null;
  members: HomeMember[];
  lists: ListEntry[];
  visits: VisitRow[];
  leads: PastLead[];
  cases: HomeCase[];
  receipt: Receipt | null;
  revealed_until: Instant | null;
  may_keep: boolean;
  reveals: Reveal[];
  revision: number;
  masked: boolean;
  changes: HomeChange[];
  /** What it receives by the processes; `by_name`: only village and name say that it is this household. */
  held: { application_no: string; programme_name: string; amount: number | null; by_name: boolean }[];
}

export interface ImportFinding {
  row: number;
  level: "error" | "warning" | "choice";
  column: string;
  message: string;
  /** Of a choice: what it is told by, what there is to choose, what was chosen. */
  key: string | null;
  choices: Coded[] | null;
  chosen: string | null;
}

export interface ImportPreview {
  id: string;
  name: string;
  rows: number;
  households: number;
  new: number;
  known: number;
  restored: number;
  skipped: number;
  errors: number;
  warnings: number;
  undecided: number;
  findings: ImportFinding[];
}
