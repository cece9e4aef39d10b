/**
 * 待上传: what was handed in without a network, sent in the order of entry, each under the key it was given at first.
 * Pure: where entries lie and how they travel comes from outside.
 */
import { ApiError } from "../api/client";
import type { Answer, Draft, Entry } from "./types";

/** Where entries and photos lie. */
export interface Shelf {
  /** A person's entries, in any order. */
  of(person: string): Promise<Entry[]>;
  put(entry: Entry): Promise<void>;
  remove(key: string): Promise<void>;
  dropPhotos(ids: string[]): Promise<void>;
}

/** How they travel. Each call may throw an `ApiError`. */
export interface Wire {
  /** Who is logged in on the server; null for nobody. */
  person(): Promise<string | null>;
  /** Send a kept photo under its own id as key → the id it has on the server; null when it is no longer on the device. */
  upload(photo: string): Promise<string | null>;
  send(entry: Entry): Promise<Answer>;
}

/** Why sending ended before the end: no network, nobody logged in, somebody else logged in. */
export type Stop = "offline" | "login" | "other";

export interface Outcome {
  sent: number;
  refused: number;
  stop: Stop | null;
}

export const LOCAL = "local:";
/** How long the answer to what was sent is shown. */
export const SENT_KEPT = 24 * 3600_000;

/** No word from our server: the request may be repeated under its key. A 500 is a word, and not asked again at once. */
export const unreachable = (error: unknown): boolean => error instanceof ApiError && (error.status === 0 || error.status >= 502);

export function entryOf(draft: Draft, key: string, person: string, known: Entry[]): Entry {
  const n = known.reduce((most, one) => Math.max(most, one.n), 0) + 1;
  return { ...draft, key, person, n, state: "waiting", tries: 0, problem: null, fields: [], answer: null, sentAt: null };
}

export const inOrder = (entries: Entry[]): Entry[] => [...entries].sort((a, b) => a.n - b.n);

/** What a device still keeps back: what waits and what was refused. */
export const keptBack = (entries: Entry[]): Entry[] => entries.filter((one) => one.state !== "sent");

/** Ids of kept photos anywhere in a value. */
export function photosIn(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith(LOCAL) ? [value.slice(LOCAL.length)] : [];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(photosIn);
}

/** The same value with kept photos replaced by those the server has. */
export function withPhotos<T>(value: T, ids: Map<string, string>): T {
  if (typeof value === "string") return (value.startsWith(LOCAL) ? (ids.get(value.slice(LOCAL.length)) ?? value) : value) as T;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((one) => withPhotos(one, ids)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withPhotos(one, ids)])) as T;
}

/** Photos first, then the entry itself. Repeated, every part has the key it had before. */
export async function deliver(entry: Entry, wire: Wire): Promise<Answer> {
  const ids = new Map<string, string>();
  for (const photo of photosIn(entry.body)) {
    const stored = await wire.upload(photo);
    if (stored === null) throw new ApiError(410, "photo_gone", "照片已不在本机，请打开表单重新添加后再提交。");
    ids.set(photo, stored);
  }
  return wire.send({ ...entry, body: withPhotos(entry.body, ids) });
}

/** What stays of an entry that arrived: that it did, nothing of what was typed. */
export const sentOf = (entry: Entry, answer: Answer, at: string): Entry => ({
  ...entry, state: "sent", title: "", body: {}, values: {}, form: { components: [] }, subject: undefined, problem: null, fields: [], sentAt: at,
  answer: { message: answer.message, case_id: answer.case_id ?? null },
});

function stopOf(error: ApiError): Stop | null {
  if (error.status === 401) return "login";
  return unreachable(error) || error.status === 429 ? "offline" : null;
}

/**
 * Send a person's waiting entries in their order (`only`: one of them, refused or not). A refusal keeps the entry with
 * its reason and goes on; no network or no session ends it, and everything stays.
 */
export async function flush(shelf: Shelf, wire: Wire, person: string, now: () => string, only?: string): Promise<Outcome> {
  const outcome: Outcome = { sent: 0, refused: 0, stop: null };
  const due = inOrder(await shelf.of(person)).filter((one) => (only ? one.key === only && one.state !== "sent" : one.state === "waiting"));
  if (due.length === 0) return outcome;
  try {
    const who = await wire.person();
    if (who !== person) return { ...outcome, stop: who === null ? "login" : "other" };
  } catch (error) {
    if (error instanceof ApiError) return { ...outcome, stop: "offline" };
    throw error;
  }
  for (const entry of due) {
    try {
      const answer = await deliver(entry, wire);
      await shelf.put(sentOf(entry, answer, now()));
      await shelf.dropPhotos(photosIn(entry.body));
      outcome.sent += 1;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const stop = stopOf(error);
      const refused = stop === null && error.status < 500;
      await shelf.put({ ...entry, state: refused ? "refused" : "waiting", tries: entry.tries + 1, problem: error.message, fields: error.fields });
      if (stop) return { ...outcome, stop };
      if (refused) outcome.refused += 1;
    }
  }
  return outcome;
}
