/** The urging ladder and numbered papers as the server tells them. */
import type { Instant, Page, Receipt, Value } from "../api/types";

export type RungKind = "reminder" | "urge" | "notice" | "order" | "circular";

export interface Rung {
  kind: RungKind;
  name: string;
  at: Instant;
  state: string;
  open: boolean;
  late: boolean;
  number: string | null;
  text: string | null;
  by: string | null;
  answer: string | null;
  due_on: string | null;
  receipt: Receipt | null;
  case_id: string | null;
  paper: string | null;
  count: number;
  act: string | null; // what it was sent for had been done in time, and was entered afterwards
}

export interface LadderRow {
  case_id: string;
  number: string;
  title: string;
  place: string;
  process_name: string;
  status: string;
  top: RungKind | null;
  rungs: Rung[];
}

export interface LadderPage extends Page<LadderRow> {
  counts: Record<string, number>;
}

export interface PaperRow {
  id: string;
  number: string;
  kind: string;
  title: string;
  place: string;
  made_at: Instant;
  case_id: string;
  digest: string;
  intact: boolean;
  corrections: Record<string, Value>[];
}
