/** What the designer's bench answers. Mirrors `api/schemas/designer.py`. */
import type { DraftFile, Instant, Value } from "../api/types";

export interface Over {
  files: DraftFile[];
  removed: string[];
}
export interface Use {
  file: string;
  element: string | null;
  what: string;
}
export interface Problem {
  path: string;
  message: string;
}
export interface SheetView {
  form: Record<string, unknown> | null;
  problems: Problem[];
  uses: Record<string, Use[]>;
  lost: { key: string; label: string; uses: Use[] }[];
  lists: { name: string; count: number }[];
}
export interface TableView {
  file: string;
  decision: string;
  name: string;
  questions: { key: string; name: string; feel: boolean }[];
  form: Record<string, unknown>;
  problem: string;
}
export interface Explained {
  table: string;
  inputs: { label: string; expression: string; value: string }[];
  rules: { rule: string; number: number; note: string; tests: { label: string; test: string; value: string }[]; outputs: { label: string; value: string }[] }[];
}
export interface TableSaid {
  value: string;
  errors: Problem[];
  matched: string[];
  explained: Explained[];
}
export interface TryStep {
  kind: "complete" | "message" | "signal" | "advance" | "error" | "fail";
  target: string;
  nth?: number;
  key?: string | null;
  code?: string;
  data?: Record<string, Value>;
  written?: Record<string, string>;
}
export interface TryOpen {
  case: string;
  process: string;
  process_name: string;
  element: string;
  name: string;
  kind: "start" | "user_task" | "job" | "timer" | "message" | "signal";
  nth: number;
  due: Instant | null;
  tier: string | null;
  posts: string[];
  message: string | null;
  correlation: string | null;
  job: string | null;
  form: Record<string, unknown> | null;
  values: Record<string, Value>;
  sample: Record<string, Value>;
  results: string[];
}
export interface TryLine {
  at: Instant;
  case: string;
  element: string;
  name: string | null;
  type: string;
  event: "activated" | "completed" | "terminated" | "taken" | "thrown" | "caught" | "incident";
  what: string;
}
export interface TryPlayed {
  status: "start" | "waiting" | "completed" | "incident" | "refused";
  now: Instant;
  start: TryOpen | null;
  open: TryOpen[];
  trace: TryLine[];
  problems: Problem[];
  data: Record<string, string>;
  needs: string[];
}
