/** Whether the server can be reached, as the last request found out; the browser's own opinion is only a hint. */
import { useSyncExternalStore } from "react";

let down = false;
const listeners = new Set<() => void>();

export function reached(yes: boolean): void {
  if (down === !yes) return;
  down = !yes;
  listeners.forEach((tell) => tell());
}

if (typeof window !== "undefined") window.addEventListener("offline", () => reached(false));

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** For who asks once. */
export const isDown = (): boolean => down || !navigator.onLine;

/** True after a request that got no answer, until one does. */
export const useDown = (): boolean => useSyncExternalStore(subscribe, () => down);
