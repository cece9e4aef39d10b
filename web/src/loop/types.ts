/** Shapes of `api/schemas/loop.py`. */
import type { Instant } from "../api/types";
import type { PastLead } from "../homes/types";

export interface MyLead {
  number: string;
  case_id: string;
  subject: string;
  place: string;
  cause: string;
  discovered_at: Instant;
  state: string;
  conclusion: string | null;
  reason: string | null;
  closed_at: Instant | null;
  merged_into: string | null;
  told_at: Instant | null;
  told_how: string | null;
  may_tell: boolean;
}

export interface Past {
  review: string | null;
  leads: PastLead[];
}

export interface RefusedRow {
  area: string;
  place: string;
  subject: string;
  times: number;
  finders: number;
  first: Instant;
  last: Instant;
  numbers: string[];
  case_ids: string[];
  reasons: string[];
}

export interface Spread {
  n: number;
  median: number;
  p90: number;
}

export interface IndicatorRow {
  area: string;
  name: string;
  leads: number;
  window: number;
  by_visit: number;
  found: Spread | null;
  reported: Spread | null;
  helped: Spread | null;
  informants: number;
  active: number;
  homes: number;
  visited: number;
  channels: number;
  tested: number;
  due: number;
  in_time: number;
}

export interface Indicators {
  area: string;
  first: string;
  last: string;
  total: IndicatorRow;
  rows: IndicatorRow[];
}

export interface InformantRow {
  name: string;
  post: string;
  place: string;
  last: Instant | null;
}
