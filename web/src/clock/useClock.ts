/** The server's idea of now. On a simulated server the host clock would date today's visit into another month. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { get } from "../api/client";
import type { ClockState } from "../api/types";

export const useClock = () => useQuery({ queryKey: ["clock"], queryFn: () => get<ClockState>("/clock"), retry: false, staleTime: 30_000 });

/** Answers the instant when asked: the simulated one where there is one. */
export function useNow(): () => string {
  const { data } = useClock();
  const simulated = data?.simulated ? data.now : null;
  return useCallback(() => simulated ?? new Date().toISOString(), [simulated]);
}
