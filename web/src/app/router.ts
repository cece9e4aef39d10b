/** Hash router: `#/tasks/42?tab=mine` → path, parts, query. Addresses can be bookmarked and sent to a colleague. */
import { useMemo, useSyncExternalStore } from "react";

export interface Route {
  path: string;
  parts: string[];
  query: URLSearchParams;
}

/** Asked before the address changes; false keeps the page (unsaved work). */
type Guard = () => boolean;
let guard: Guard | null = null;
let current = window.location.hash;
let guarding = false;

export function parse(hash: string): Route {
  const [path, query = ""] = hash.replace(/^#/, "").split("?");
  return { path: path || "/", parts: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

export function href(path: string, query: Record<string, string | number | undefined> = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== "") params.set(key, String(value));
  const text = params.toString();
  return `#${path}${text ? `?${text}` : ""}`;
}

export function navigate(path: string, options: { replace?: boolean; force?: boolean } = {}): void {
  if (options.force) guard = null;
  const hash = path.startsWith("#") ? path : `#${path}`;
  if (options.replace) {
    window.history.replaceState(null, "", hash);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    window.location.hash = hash;
  }
}

/** Hold the page while `check` answers false. Returns the release. */
export function hold(check: Guard): () => void {
  guard = check;
  return () => {
    if (guard === check) guard = null;
  };
}

function subscribe(listener: () => void): () => void {
  const changed = () => {
    if (guarding) return;
    if (guard && window.location.hash !== current && !guard()) {
      guarding = true;
      window.history.pushState(null, "", current);
      guarding = false;
      return;
    }
    current = window.location.hash;
    listener();
  };
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => current || "#/");
  return useMemo(() => parse(hash), [hash]);
}
