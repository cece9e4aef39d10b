/** The meeting on the screen: what the server has, what is typed, saved a moment after the typing stops. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, get, post, put } from "../api/client";
import { useDraft } from "../forms/useDraft";
import { draftOf, withAgenda, type Draft } from "./draft";
import type { Meeting, MeetingDone } from "./types";

export function useMeeting(number: string) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["meeting", number], queryFn: ({ signal }) => get<Meeting>(`/meetings/${number}`, {}, signal) });
  const meeting = query.data;
  const [draft, setDraft] = useState<Draft | null>(null);
  const [touched, setTouched] = useState(false);
  const [conflict, setConflict] = useState<string | null>(null);
  /** The revision what is typed rests on: only our own writes move it on. */
  const base = useRef(0);

  useEffect(() => {
    if (!meeting) return;
    if (!touched || !draft) {
      base.current = meeting.revision;
      setDraft(draftOf(meeting));
    } else if (meeting.revision === base.current) {
      setDraft((typed) => typed && withAgenda(typed, meeting));
    }
    // Another's change while something is typed here is told when it is saved.
  }, [meeting]); // eslint-disable-line

  const change = useCallback((update: (draft: Draft) => Draft) => {
    setTouched(true);
    setDraft((typed) => typed && update(typed));
  }, []);
  const renew = useCallback(async () => {
    await client.invalidateQueries({ queryKey: ["meeting", number] });
    void client.invalidateQueries({ queryKey: ["meetings"] });
  }, [client, number]);
  const save = useCallback(async (typed: Draft) => {
    const done = await put<MeetingDone>(`/meetings/${number}`, { ...typed, revision: base.current });
    base.current = done.revision;
    await renew();
  }, [number, renew]);
  const saving = useDraft({
    values: (draft ?? {}) as never, touched, enabled: Boolean(draft && meeting?.may_edit && !conflict), collect: () => draft as never,
    save: (values) => save(values as unknown as Draft), onConflict: (error) => setConflict(error.message),
  });
  /** A step of the meeting, on what is saved. Raises what the server refuses. */
  const step = useCallback(async (path: string, body: Record<string, unknown> = {}): Promise<MeetingDone> => {
    await saving.flush();
    const done = await post<MeetingDone>(`/meetings/${number}/${path}`, { ...body, revision: base.current });
    base.current = done.revision;
    await renew();
    for (const key of ["tasks", "case", "cases"]) void client.invalidateQueries({ queryKey: [key] });
    return done;
  }, [saving, number, renew, client]);
  const discard = useCallback(() => {
    setTouched(false);
    setConflict(null);
    setDraft(null);
    void query.refetch();
  }, [query]);
  return { meeting, draft, change, step, renew, conflict, discard, saved: saving.state, error: query.error, refetch: query.refetch };
}

export const fieldsOf = (error: unknown): Record<string, string> =>
  error instanceof ApiError ? Object.fromEntries(error.fields.map((one) => [one.path, one.message])) : {};
