/** What a grid worker's pages need without a network, asked for while there is one. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Area, LeadForm, Person } from "../api/types";
import type { Rounds, VisitChoices } from "../rounds/types";
import { kept, read } from "./kept";

export const ROUNDS_SIZE = 50;
export const FIRST_ROUNDS = { page: 1, size: ROUNDS_SIZE };

export const leadForm = { queryKey: ["lead-form"], queryFn: () => kept<LeadForm>("/leads/form"), staleTime: 300_000 };
export const visitChoices = { queryKey: ["visit-choices"], queryFn: () => kept<VisitChoices>("/visits/choices"), staleTime: 300_000 };
export const areaTree = { queryKey: ["areas", "tree"], queryFn: () => kept<Area[]>("/areas", { tree: 1 }), staleTime: 600_000 };
export const firstRounds = { queryKey: ["rounds", 1], queryFn: () => read<Rounds>("/rounds", FIRST_ROUNDS) };
/** Colleagues to choose from; their telephone numbers are not kept. */
export const colleagues = (post?: string) => ({
  queryKey: ["people", post ?? "", ""],
  queryFn: () => kept<Person[]>("/people", { post }, (people) => people.map((one) => ({ ...one, phone: null }))),
  staleTime: 300_000,
});

/** `active`: for who goes round. */
export function useProvision(active: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!active) return;
    for (const one of [leadForm, visitChoices, areaTree, colleagues()]) void client.prefetchQuery({ ...one, retry: false } as never);
    void client.prefetchQuery({ ...firstRounds, retry: false });
  }, [active, client]);
}
