/** Referrals to departments as the server tells them. */
import type { Due, Page, Receipt, TimelineItem } from "../api/types";
import type { Values } from "../forms/model";

export type ReferralState = "waiting" | "working" | "bounced" | "done" | "withdrawn";

export interface Named {
  value: string;
  label: string;
}

export interface ReferralRow {
  reference: string;
  name: string;
  programme: string;
  department: string;
  department_text: string;
  channel_text: string;
  sent_at: string;
  state: ReferralState;
  state_text: string;
  said: string | null;
  due: Due;
  place: string | null;
  case_id: string | null;
}

export interface ReferralList extends Page<ReferralRow> {
  counts: Record<ReferralState, number>;
  states: Record<ReferralState, string>;
  departments: Named[];
  /** The reader is of the town or bureau. */
  follows: boolean;
}

export interface Awaited {
  subscription: string;
  label: string;
  form: Record<string, unknown> | null;
  values: Values;
  by_proxy: boolean;
}

export interface ReferralDetail {
  referral: ReferralRow;
  letter: Named[];
  timeline: TimelineItem[];
  receipts: Receipt[];
  awaited: Awaited | null;
}
