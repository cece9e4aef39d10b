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
  until: Instant;
  who: string;
  reason: string;
  household: string;
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
}

export interface ImportFinding {
  row: number;
  level: "error" | "warning";
  column: string;
  message: string;
}

export interface ImportPreview {
  id: string;
  name: string;
  rows: number;
  households: number;
  new: number;
  known: number;
  errors: number;
  warnings: number;
  findings: ImportFinding[];
}
