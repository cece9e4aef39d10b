/** What waits on a device to be sent. */
import type { Day, ErrorField, Instant } from "../api/types";
import type { FormSchema, Values } from "../forms/model";

/** A lead, a visit, a village's word of the day. */
export type EntryKind = "lead" | "visit" | "day";

export const KIND_WORDS: Record<EntryKind, string> = { lead: "上报线索", visit: "入户登记", day: "今日无新情况" };

/** What somebody hands in: where to, what is sent, and how it is shown again. */
export interface Draft {
  kind: EntryKind;
  /** Path under /api. */
  path: string;
  /** JSON to be sent; photos kept on the device stand in it as `local:…`. */
  body: Record<string, unknown>;
  /** When it was entered. */
  at: Instant;
  /** Whom or which place it is about, for the list. */
  title: string;
  /** The form and what was typed, to look at and to open again. */
  form: FormSchema;
  values: Values;
  /** Address of the page that takes it up again; `entry` is added to its query. */
  page: string;
  /** Household or village it is about, and its day: lists mark it as waiting. */
  subject?: { household?: string; area?: string; day?: Day };
}

/**
 * `waiting`: will be sent; `refused`: the server's answer was no, a person must look; `sent`: arrived – nothing of
 * what was typed is kept then, only the answer, for a day.
 */
export type EntryState = "waiting" | "refused" | "sent";

export interface Entry extends Draft {
  /** The idempotency key: sent as often as need be, done once. */
  key: string;
  /** Whose it is. Nobody else sees or sends it. */
  person: string;
  /** Order of entry. */
  n: number;
  state: EntryState;
  tries: number;
  /** The last answer that was not yes. */
  problem: string | null;
  fields: ErrorField[];
  answer: Answer | null;
  sentAt: Instant | null;
}

export interface Answer {
  message: string;
  case_id?: string | null;
}

/** A photo or paper kept until its entry is sent. */
export interface KeptPhoto {
  id: string;
  person: string;
  name: string;
  type: string;
  content: Blob;
  at: Instant;
}
