/** One draft of a whole bundle: what is on the screen, what is saved, what the linter says, what changed. */
import { App } from "antd";
import { useCallback, useEffect, useRef, useState, type RefObject } from "react";
import { ApiError, get, post, put } from "../api/client";
import type { Draft, DraftFile, Finding } from "../api/types";
import type { Over } from "./bench";
import { asOver, kindOfFile, present, type Texts } from "./files";
import type { Comparison } from "./words";

const PAUSE = 500;

/** The text of the file on the screen; undefined while nothing was changed there. */
export type Source = RefObject<(() => Promise<string | undefined>) | undefined>;

export interface Focus {
  element: string;
  /** Grows, so that the same element can be asked for twice. */
  turn: number;
}

export function useDraft(id: string) {
  const { message } = App.useApp();
  const [draft, setDraft] = useState<Draft>();
  const [file, setFile] = useState<string>();
  const [over, setOver] = useState<Texts>({});
  const [findings, setFindings] = useState<Finding[]>([]);
  const [compared, setCompared] = useState<Comparison>();
  const [touched, setTouched] = useState(0);
  const [saved, setSaved] = useState(0);
  const [checked, setChecked] = useState(0);
  const [epoch, setEpoch] = useState(0);
  const [conflict, setConflict] = useState(false);
  const [focus, setFocus] = useState<Focus>();
  const source: Source = useRef(undefined);

  const take = useCallback((found: Draft) => {
    setDraft(found);
    setFindings(found.findings);
    setFile((now) => now ?? found.files.find((one) => kindOfFile(one.name) === "bpmn")?.name ?? found.files.find((one) => kindOfFile(one.name))?.name);
  }, []);
  const compare = useCallback(
    async (revision: number, body: Over) => setCompared(await post<Comparison>(`/drafts/${id}/difference`, { revision, ...body })),
    [id],
  );
  const load = useCallback(async () => {
    const found = await get<Draft>(`/drafts/${id}`);
    take(found);
    await compare(found.revision, { files: [], removed: [] });
  }, [id, take, compare]);
  useEffect(() => {
    load().catch((error: Error) => message.error(error.message));
  }, [load, message]);
  const unsaved = touched > saved;
  useEffect(() => {
    if (!unsaved) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [unsaved]);

  const touch = useCallback(() => setTouched((n) => n + 1), []);
  /** Everything that differs from the saved draft, the file on the screen included. */
  const collect = async (): Promise<Texts> => {
    const now = await source.current?.();
    return file !== undefined && now !== undefined ? { ...over, [file]: now } : over;
  };
  const body = async (): Promise<Over> => asOver(await collect(), draft?.files ?? []);

  // The linter's word and the changes, while drawing.
  useEffect(() => {
    if (!touched || !draft) return;
    let late = false;
    const timer = setTimeout(() => {
      void body()
        .then(async (now) => {
          const found = await post<Finding[]>(`/drafts/${id}/lint`, { revision: draft.revision, ...now });
          if (late) return;
          setFindings(found);
          setChecked((n) => n + 1);
          await compare(draft.revision, now);
        })
        .catch(() => undefined);
    }, PAUSE);
    return () => {
      late = true;
      clearTimeout(timer);
    };
    // eslint-disable-next-line
  }, [touched]);

  const open = async (name: string, element?: string | null) => {
    if (name !== file) {
      setOver(await collect());
      source.current = undefined;
      setFile(name);
    }
    if (element) setFocus((before) => ({ element, turn: (before?.turn ?? 0) + 1 }));
  };
  const replace = async (changes: Texts, next: string | undefined) => {
    setOver({ ...(await collect()), ...changes });
    source.current = undefined;
    setFile(next);
    touch();
  };
  const add = (made: DraftFile) => replace({ [made.name]: made.text }, made.name);
  const remove = (name: string) => {
    const left = present(draft?.files ?? [], { ...over, [name]: null });
    return replace({ [name]: null }, (left.find((one) => kindOfFile(one.name) === kindOfFile(name)) ?? left[0])?.name);
  };

  const save = async (revision = draft?.revision): Promise<Draft> => {
    const upTo = touched;
    const made = await put<Draft>(`/drafts/${id}`, { revision, ...(await body()), note: draft?.note ?? "" });
    setOver({});
    setSaved(upTo);
    return made;
  };
  const attempt = async (work: () => Promise<Draft>, done: string): Promise<void> => {
    try {
      const found = await work();
      take(found);
      message.success(done);
      if (found.state !== "published") await compare(found.revision, { files: [], removed: [] });
    } catch (error) {
      if (error instanceof ApiError && error.code === "stale_revision") setConflict(true);
      else message.error((error as Error).message);
    }
  };
  /** Somebody – perhaps oneself in another window – saved meanwhile: theirs, or ours over it. */
  const settle = async (keepOurs: boolean) => {
    setConflict(false);
    if (keepOurs) {
      await attempt(async () => save((await get<Draft>(`/drafts/${id}`)).revision), "已用本页内容保存");
      return;
    }
    source.current = undefined;
    setOver({});
    setSaved(touched);
    await load().catch((error: Error) => message.error(error.message));
    setEpoch((n) => n + 1);
  };

  const files = present(draft?.files ?? [], over);
  return {
    draft, files, file, findings, compared, unsaved, checked, epoch, conflict, focus, source, over,
    take, touch, body, open, add, remove, save, attempt, settle, compare, setCompared,
    text: files.find((one) => one.name === file)?.text,
  };
}

export type Desk = ReturnType<typeof useDraft>;
