/** The server's idea of now. On a simulated server the host clock would date today's visit into another month. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import type { ClockState } from "../api/types";
import { read } from "../offline/kept";

interface Reading extends ClockState {
  /** By how many milliseconds the server is ahead of this device; none for a simulated clock, which stands. */
  ahead: number;
}

async function ask(): Promise<Reading> {
  const { data, since } = await read<ClockState>("/clock");
  if (data.simulated) return { ...data, ahead: 0 };
  const ahead = Date.parse(data.now) - (since ?? Date.now());
  return { ...data, ahead, now: new Date(Date.now() + ahead).toISOString() };
}

export const useClock = () => useQuery({ queryKey: ["clock"], queryFn: ask, retry: false, staleTime: 30_000 });

/** Answers the instant when asked: the simulated one where there is one, else the device's put right by the server's. */
export function useNow(): () => string {
  const { data } = useClock();
  const simulated = data?.simulated ? data.now : null;
  const ahead = data?.ahead ?? 0;
  return useCallback(() => simulated ?? new Date(Date.now() + ahead).toISOString(), [simulated, ahead]);
}
