/** Monthly reports as the server tells them. */
import type { Day, Instant, Receipt } from "../api/types";

export interface Cell {
  n: number;
  persons: number | null;
  yuan: string | null;
  by: Record<string, number>;
}

export type Figures = Record<string, Record<string, Cell>>;
export type State = "missing" | "draft" | "prepared" | "submitted" | "returned" | "received";

export interface Named {
  key: string;
  label: string;
}

export interface ReportTown {
  area: string;
  name: string;
  state: State;
  number: string | null;
  version: number | null;
  cutoff: Instant | null;
  nil: boolean;
  case_id: string | null;
  receipt: Receipt | null;
  figures: Record<string, Cell>;
}

export interface Reports {
  month: Day;
  columns: Named[];
  towns: ReportTown[];
  total: Record<string, Cell>;
  missing: number;
}

export interface Change {
  month?: string;
  area: string;
  column: string;
  was: number;
  now: number;
  yuan_was?: string | null;
  yuan_now?: string | null;
}

export interface Report {
  number: string | null;
  area: string;
  name: string;
  month: Day;
  version: number;
  state: State;
  nil: boolean;
  cutoff: Instant;
  submitted_at: Instant | null;
  digest: string | null;
  prepared_by: string | null;
  reviewed_by: string | null;
  note: string | null;
  case_id: string | null;
  columns: Named[];
  /** Columns whose list is of service points, not of cases. */
  point_columns: string[];
  /** Columns whose list is of visits. */
  visit_columns: string[];
  persons: string[];
  yuan: string[];
  /** Rows of the table by place: villages, then others figures stand at. */
  villages: Named[];
  figures: Figures;
  snapshot: { rows?: Record<string, Record<string, number>>; reserve?: Record<"begin" | "in" | "out" | "end", string> };
  /** The official order of figures and snapshot. */
  header: (Named & { kept: boolean })[];
  adjustments: Change[];
  checks: { name: string; ok: boolean; detail: string }[];
  words: { marks: Record<string, string>; places: Record<string, string> };
  versions: { number: string; version: number; state: State; cutoff: Instant; digest: string; changed: Change[] }[];
  receipts: Receipt[];
}

/** A check, test call or repair of a service point behind a figure. */
export interface PointLooked {
  point: string;
  place: string;
  kind_name: string;
  name: string;
  ok: boolean;
  finding: string | null;
  person: string;
  at: Instant;
  case_id: string | null;
}

export const STATES: Record<State, string> = { missing: "未上报", draft: "草稿", prepared: "待审签", submitted: "已上报", returned: "已退回", received: "已锁定" };

export const monthWords = (month: string): string => `${month.slice(0, 4)}年${Number(month.slice(5, 7))}月`;
