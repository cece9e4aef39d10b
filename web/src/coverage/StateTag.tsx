/** A state of coverage: shape, words, colour – in this order of importance. */
import type { State } from "./types";
import "./coverage.css";

const SHAPES: Record<State, string> = { visited: "●", zero: "○", silent: "‖", unsynced: "⇅", vacant: "✕", rest: "–", open: "…" };

export function StateTag({ state, label }: { state: State; label: string }) {
  return <span className={`cover cover-${state}`}><span aria-hidden="true">{SHAPES[state]}</span> {label}</span>;
}
