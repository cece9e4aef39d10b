/** The queue of whoever is logged in, as pages see it: what waits, and the ways to keep, send and delete. */
import { useRef, useSyncExternalStore } from "react";
import { uuid } from "../api/client";
import { deliver, entryOf, flush, inOrder, keptBack, photosIn, unreachable, type Outcome } from "./outbox";
import { shelf, tidy } from "./shelf";
import type { Answer, Draft, Entry } from "./types";
import { wire } from "./wire";

interface Queue {
  person: string;
  /** In the order of entry, those that arrived lately included. */
  entries: Entry[];
  busy: boolean;
  /** The device has been read. */
  ready: boolean;
}

const NOBODY: Queue = { person: "", entries: [], busy: false, ready: false };
let queue = NOBODY;
const listeners = new Set<() => void>();
/** Other windows of the same person show the same queue. */
const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel("xunzhen-outbox") : null;

function show(next: Queue): void {
  queue = next;
  listeners.forEach((tell) => tell());
}

async function refresh(): Promise<void> {
  const { person } = queue;
  if (!person) return;
  const entries = inOrder(await shelf.of(person));
  if (queue.person === person) show({ ...queue, entries });
}

async function changed(): Promise<void> {
  await refresh();
  channel?.postMessage("changed");
}

channel?.addEventListener("message", () => void refresh());

/** The queue of this person; a browser that keeps nothing has an empty one. */
export async function openQueue(person: string): Promise<void> {
  if (queue.person !== person) show({ ...NOBODY, person });
  await tidy(person).then(refresh).catch(() => undefined);
  show({ ...queue, ready: true });
}

export type Handed<A extends Answer = Answer> = { answer: A } | { entry: Entry };

/**
 * Hand in: sent at once if the server answers, else kept on the device under the same key. `instead`: the refused entry
 * this one replaces. Throws the server's refusal, or in words that the device cannot keep it.
 */
export async function handIn(draft: Draft, instead?: string): Promise<Handed> {
  const entry = entryOf(draft, uuid(), queue.person, queue.entries);
  try {
    const answer = await deliver(entry, wire);
    await shelf.dropPhotos(photosIn(entry.body)).catch(() => undefined);
    if (instead) await discard(instead);
    return { answer };
  } catch (error) {
    if (!unreachable(error)) throw error;
    await shelf.put(entry).catch(() => {
      throw new Error("网络不通，本机也存不下。请不要离开本页，有网络后再提交。");
    });
    if (instead) await shelf.remove(instead);
    void navigator.storage?.persist?.();
    await changed();
    return { entry };
  }
}

/** Send what waits (`only`: one entry, a refused one too). One at a time, over all windows where the browser can tell. */
export async function sendAll(now: () => string, only?: string): Promise<Outcome | null> {
  const { person } = queue;
  if (!person || queue.busy) return null;
  show({ ...queue, busy: true });
  try {
    const work = () => flush(shelf, wire, person, now, only);
    return await (navigator.locks ? navigator.locks.request("xunzhen-outbox", work) : work());
  } finally {
    show({ ...queue, busy: false });
    await changed();
  }
}

/** Delete an entry and its photos; what has reached the server stays there. */
export async function discard(key: string): Promise<void> {
  const entry = queue.entries.find((one) => one.key === key);
  await shelf.remove(key);
  if (entry) await shelf.dropPhotos(photosIn(entry.body));
  await changed();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useQueue = (): Queue => useSyncExternalStore(subscribe, () => queue);

/** How many entries this device keeps back: what waits and what was refused. */
export const useWaiting = (): number => keptBack(useQueue().entries).length;

/** The refused entry a page was opened to take up again, as it was then; null for none, undefined until the device is read. */
export function useTakenUp(key: string): Entry | null | undefined {
  const { entries, ready } = useQueue();
  const taken = useRef<{ key: string; entry: Entry | null } | null>(null);
  if (!key) return null;
  if (ready && taken.current?.key !== key) {
    taken.current = { key, entry: entries.find((one) => one.key === key && one.state === "refused") ?? null };
  }
  return taken.current?.key === key ? taken.current.entry : undefined;
}
