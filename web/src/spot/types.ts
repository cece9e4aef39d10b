/** Spot checks as the server tells them. */
import type { Instant, Receipt } from "../api/types";

export interface SpotRow {
  number: string;
  quarter: string;
  digest: string;
  frozen_at: Instant;
  drawn: boolean;
  case_id: string;
}

export interface SpotItem {
  /** As it was drawn: tickets are reckoned from it. */
  id: string;
  /** What people know it by. */
  ref: string;
  ticket: string;
  town: string;
  town_name: string;
  stratum: string;
  name: string;
  place: string;
  result: string;
  replaced: string | null;
  in_hardship: boolean | null;
  note: string | null;
  lead_no: string | null;
  lead_case: string | null;
}

export interface SpotCheck {
  number: string;
  quarter: string;
  case_id: string | null;
  frame_size: number;
  digest: string;
  frozen_at: Instant;
  seeded: boolean;
  seed: string | null;
  salt: string | null;
  seed_source: string | null;
  seeded_by: string[];
  sealed: boolean;
  opened: boolean;
  strata: { town_name: string; stratum: string; rule: string; population: number; drawn: number }[];
  items: SpotItem[];
  towns: { area: string; name: string; case_id: string | null; status: string; receipts: Receipt[] }[];
  rates: { town_name: string; kind: "missed" | "wrong"; looked_at: number; errors: number; low: number; high: number }[];
}

export const quarterWords = (quarter: string): string => `${quarter.slice(0, 4)}年第${quarter.slice(-1)}季度`;
