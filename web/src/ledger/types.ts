/** Ledgers and their exports as the server tells them. */
import type { Instant, Value } from "../api/types";

export interface LedgerName {
  key: string;
  name: string;
  hint: string;
  dated: string | null;
}

export type LedgerRow = Record<string, Value>;

export interface Ledger extends LedgerName {
  columns: { key: string; label: string }[];
  items: LedgerRow[];
  total: number;
  page: number;
  size: number;
}

export interface ExportRow {
  id: string;
  book: string;
  name: string;
  unmasked: boolean;
  purpose: string;
  state: "asked" | "ready" | "refused" | "expired";
  asked_by: string;
  asked_at: Instant;
  answered_by: string | null;
  answered_at: Instant | null;
  rows: number | null;
  digest: string | null;
  expires_at: Instant | null;
  revision: number;
  mine: boolean;
  to_answer: boolean;
}

export const EXPORT_STATES: Record<ExportRow["state"], string> = { asked: "待审批", ready: "可下载", refused: "未同意", expired: "已过期" };
