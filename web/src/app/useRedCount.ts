/** How many of my open tasks are past their limit: the only number that earns a badge. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { TaskList } from "../api/types";

export function useRedCount(): number {
  const { data } = useQuery({
    queryKey: ["tasks", "red"],
    queryFn: () => get<TaskList>("/tasks", { tab: "todo", size: 1 }),
    refetchInterval: 60_000,
  });
  return data?.counters.todo?.red ?? 0;
}
