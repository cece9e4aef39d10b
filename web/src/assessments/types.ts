/** Assessments as the server tells them. */
import type { Instant, Page, Value } from "../api/types";

interface Assessed {
  number: string;
  period: string;
  unit: "town" | "village" | "cadre";
  unit_name: string;
  subject: string;
  place: string;
  begins: string;
  last: string;
  score: number;
  final_score: number | null;
  grade: string | null;
  state: "computed" | "told" | "final";
  case_id: string;
}

export interface AssessmentRow extends Assessed {
  appeals: number;
}

export interface AssessmentPage extends Page<AssessmentRow> {
  periods: string[];
}

export interface Indicator {
  indicator: string;
  name: string;
  weight: number;
  share: number;
  points: number;
  formula: string;
  measured: string;
  count: number;
}

export interface Appeal {
  at: string;
  by: string;
  upheld: boolean;
  was: number;
  now: number;
  reason: string | null;
  asked: string | null;
}

export interface Merit {
  kind: "reward" | "penalty";
  text: string;
  basis: string;
  evidence: Record<string, Value>[];
  by: string | null;
  at: Instant;
}

export interface Sheet extends Assessed {
  rows: Indicator[];
  digest: string;
  intact: boolean;
  computed_at: Instant;
  appeals: Appeal[];
  merits: Merit[];
}

export interface ListItem {
  kind: string;
  label: string;
  good: boolean;
  case_id: string | null;
}
