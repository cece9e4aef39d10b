/** Saves what is typed a moment after the typing stops, and once more when the page is left. */
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { hold } from "../app/router";
import type { Values } from "./model";

export type DraftState = { kind: "clean" } | { kind: "pending" } | { kind: "saved"; at: string } | { kind: "failed"; why: string };

const PAUSE = 1200;

interface Options {
  values: Values;
  touched: boolean;
  enabled: boolean;
  collect: () => Values;
  save: (values: Values) => Promise<unknown>;
  /** Somebody else changed the step meanwhile: told at once, not only when everything is filled in. */
  onConflict: (error: ApiError) => void;
}

export function useDraft({ values, touched, enabled, collect, save, onConflict }: Options) {
  const [state, setState] = useState<DraftState>({ kind: "clean" });
  const latest = useRef({ collect, save, onConflict, dirty: false });
  latest.current = { ...latest.current, collect, save, onConflict };

  const flush = useCallback(async () => {
    if (!latest.current.dirty) return;
    latest.current.dirty = false;
    try {
      await latest.current.save(latest.current.collect());
      setState({ kind: "saved", at: new Date().toISOString() });
    } catch (error) {
      // Refused drafts (the task has moved on) are not sent again; a broken line is tried with the next change.
      latest.current.dirty = error instanceof ApiError && error.status === 0;
      setState({ kind: "failed", why: error instanceof Error ? error.message : "草稿没有保存" });
      if (error instanceof ApiError && error.isConflict) latest.current.onConflict(error);
    }
  }, []);

  useEffect(() => {
    if (!enabled || !touched) return;
    latest.current.dirty = true;
    setState({ kind: "pending" });
    const timer = setTimeout(() => void flush(), PAUSE);
    return () => clearTimeout(timer);
  }, [values, touched, enabled, flush]);

  useEffect(() => {
    if (!enabled) return;
    const leaving = (event: BeforeUnloadEvent) => {
      if (!latest.current.dirty) return;
      void flush();
      event.preventDefault();
    };
    window.addEventListener("beforeunload", leaving);
    const release = hold(() => {
      if (state.kind === "failed" && latest.current.dirty) {
        return window.confirm("填写的内容还没有保存到服务器，离开将会丢失。确定离开吗？");
      }
      void flush();
      return true;
    });
    return () => {
      window.removeEventListener("beforeunload", leaving);
      release();
    };
  }, [enabled, flush, state.kind]);

  /** With the submit everything is on its way: a draft must not follow it. */
  const settle = useCallback(() => {
    latest.current.dirty = false;
    setState({ kind: "clean" });
  }, []);
  /** The submit was refused: what is on the screen is unsaved again. */
  const resume = useCallback(() => {
    latest.current.dirty = true;
    setState({ kind: "pending" });
    void flush();
  }, [flush]);
  return { state, flush, settle, resume };
}
