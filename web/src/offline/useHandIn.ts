/** Handing in from a form: sent, or kept on the device when there is no network. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createContext } from "react";
import { handIn, type Handed } from "./queue";
import type { Answer, Draft } from "./types";

/** Whose photos a form may keep on the device; null where they must be sent at once. */
export const KeepsPhotos = createContext<string | null>(null);

/** What a page may show of a lead, a visit or a day. */
const TOUCHED = ["tasks", "case", "cases", "notifications", "overview", "register", "rounds", "coverage", "mine", "past"];

/** `instead`: the refused entry that this one replaces. */
export function useHandIn<A extends Answer>(instead?: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (draft: Draft) => handIn(draft, instead) as Promise<Handed<A>>,
    onSuccess: (handed) => { if ("answer" in handed) for (const key of TOUCHED) void client.invalidateQueries({ queryKey: [key] }); },
  });
}
