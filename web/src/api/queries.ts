/** Reads shared by several pages. The first element of a key names the thing, so that writes can invalidate it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "./client";
import type { CaseDetail, ProcessRow, TaskDetail } from "./types";

export const useTask = (id: string) =>
  useQuery({ queryKey: ["task", id], queryFn: () => get<TaskDetail>(`/tasks/${id}`), staleTime: 0, refetchOnWindowFocus: false });

export const useCase = (id: string | undefined) =>
  useQuery({ queryKey: ["case", id], queryFn: () => get<CaseDetail>(`/cases/${id}`), enabled: Boolean(id) });

export const useProcesses = (enabled = true) =>
  useQuery({ queryKey: ["processes"], queryFn: () => get<ProcessRow[]>("/processes"), staleTime: 300_000, enabled });

/** A write on a task or a case: afterwards every list and the case are asked for again. */
export function useWrite<Body, Answer>(path: string, method: (path: string, body: Body) => Promise<Answer> = post) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Body) => method(path, body),
    onSuccess: () => {
      for (const key of ["tasks", "case", "cases", "notifications", "overview", "requests", "task"]) void client.invalidateQueries({ queryKey: [key] });
    },
  });
}
