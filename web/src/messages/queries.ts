import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../api/client";
import type { Notification, Page } from "../api/types";

export const useNotifications = () =>
  useQuery({ queryKey: ["notifications"], queryFn: () => get<Page<Notification>>("/notifications"), refetchInterval: 60_000 });

export function useMarkRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: string[]) => post("/notifications/read", { ids }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["notifications"] }),
  });
}
