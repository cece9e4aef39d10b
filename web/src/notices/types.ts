/** The board of notices as the server tells it. */
import type { Page, Receipt } from "../api/types";

export type NoticeState = "to_post" | "to_remove" | "posted" | "objected" | "expired" | "removed";
export type PhotoState = "not_yet" | "missing" | "there";

export interface NoticeRow {
  number: string;
  case_id: string;
  title: string;
  place_name: string;
  programme: string;
  state: NoticeState;
  state_text: string;
  made_at: string;
  posted_on: string | null;
  ends_on: string | null;
  removed_at: string | null;
  removed_by: string | null;
  days_left: number | null;
  receipts: Receipt[];
  start: PhotoState;
  end: PhotoState;
  photos_start: string[];
  photos_end: string[];
  continuous: boolean | null;
  early: boolean;
  result: string | null;
  objections: number | null;
  unanswered: number | null;
  task: { id: string; name: string; verb: string; mine: boolean; who: string; late: boolean } | null;
  address: string | null;
}

export interface NoticePage extends Page<NoticeRow> {
  counts: Partial<Record<NoticeState, number>>;
  states: Partial<Record<NoticeState, string>>;
  coded: boolean;
}
