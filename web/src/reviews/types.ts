/** What families receive, as the server tells it. */
import type { Receipt } from "../api/types";

export interface RecognitionRow {
  application_no: string;
  /** Of the register; none: known by village and name only. */
  household: string | null;
  programme: string;
  programme_name: string;
  title: string;
  place: string;
  amount: number | null;
  persons: number;
  from_month: string | null;
  valid_to: string | null;
  review_on: string | null;
  review_due: boolean;
  state: "active" | "ended";
  ended_on: string | null;
  end_reason: string | null;
  open_review: string | null;
  /** May the reader say which household of the register it is? */
  may_link: boolean;
}

/** A household a recognition may be linked to; `fits`: somebody of that name lives there. */
export interface HomeOffered {
  id: string;
  head: string;
  number: string | null;
  place: string;
  address: string | null;
  members: string[];
  fits: boolean;
}

export interface RecognitionChange {
  number: number;
  result: string;
  result_name: string;
  decided_on: string;
  from_month: string;
  amount_before: number | null;
  amount: number | null;
  persons_before: number;
  persons: number;
  hearing_ref: string | null;
  decision_no: string | null;
}

export interface ChangeReported {
  number: string;
  source: string;
  change: string | null;
  happened_on: string | null;
  content: string;
  at: string;
}

export interface RecognitionDetail extends RecognitionRow {
  decided_on: string;
  /** As it was entered, where it was put right since. */
  decided_on_was: string | null;
  case_id: string;
  /** How the end of validity and the next review were counted. */
  receipts: Receipt[];
  changes: RecognitionChange[];
  reports: ChangeReported[];
}

/** 「1,800.00 元/月」; a status without payment says so. */
export const monthly = (amount: number | null): string =>
  amount === null ? "不按月发放" : `${amount.toLocaleString("zh-CN", { minimumFractionDigits: 2 })} 元/月`;
