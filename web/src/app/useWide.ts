/** True from 768 px on: table and side menu instead of cards and bottom bar. */
import { useSyncExternalStore } from "react";

const query = window.matchMedia("(min-width: 768px)");

function subscribe(listener: () => void): () => void {
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

export const useWide = (): boolean => useSyncExternalStore(subscribe, () => query.matches);
