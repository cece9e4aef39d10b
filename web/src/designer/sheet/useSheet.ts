/** The form on the screen, with the way back. */
import { useCallback, useState } from "react";
import { parse, type At, type Sheet } from "./model";

const MOST = 100;

interface State {
  sheet: Sheet | null;
  past: Sheet[];
  future: Sheet[];
  changes: number;
  chosen: At | undefined;
}

export function useSheet(text: string) {
  const [state, setState] = useState<State>(() => {
    const sheet = parse(text);
    return { sheet, past: [], future: [], changes: 0, chosen: sheet && sheet.components.length > 0 ? [0] : undefined };
  });
  const write = useCallback((sheet: Sheet, chosen?: At) => {
    setState((now) => ({
      sheet, past: now.sheet ? [...now.past, now.sheet].slice(-MOST) : now.past, future: [], changes: now.changes + 1, chosen: chosen ?? now.chosen,
    }));
  }, []);
  const choose = useCallback((chosen: At | undefined) => setState((now) => ({ ...now, chosen })), []);
  const undo = useCallback(() => {
    setState((now) => {
      const before = now.past.at(-1);
      if (!before || !now.sheet) return now;
      return { ...now, sheet: before, past: now.past.slice(0, -1), future: [now.sheet, ...now.future], changes: now.changes + 1 };
    });
  }, []);
  const redo = useCallback(() => {
    setState((now) => {
      const [next, ...future] = now.future;
      if (!next || !now.sheet) return now;
      return { ...now, sheet: next, past: [...now.past, now.sheet], future, changes: now.changes + 1 };
    });
  }, []);
  return { ...state, write, choose, undo, redo };
}
