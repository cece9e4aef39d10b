/** Filters live in the address: a reload, the back button and a sent link show the same list. */
import { useCallback } from "react";
import { href, navigate, useRoute } from "../app/router";

type Changes = Record<string, string | number | undefined>;

export interface Address {
  get: (key: string) => string;
  page: number;
  set: (changes: Changes) => void;
}

/** A change of anything but the page goes back to page 1. */
export function useAddress(): Address {
  const { path, query } = useRoute();
  const set = useCallback(
    (changes: Changes) => {
      const next: Changes = Object.fromEntries(query);
      if (!("page" in changes)) delete next.page;
      Object.assign(next, changes);
      if (Number(next.page) === 1) delete next.page;
      navigate(href(path, next), { replace: true });
    },
    [path, query],
  );
  return { get: (key) => query.get(key) ?? "", page: Math.max(1, Number(query.get("page")) || 1), set };
}
