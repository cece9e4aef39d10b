/** The organisation as it travels: units, posts, substitutes, vacancies, people, changes. Dates are YYYY-MM-DD; `until` is the last day. */
export interface Unit {
  path: string;
  name: string;
  kind: string;
  kind_text: string;
  tier: string;
  parent: string | null;
  valid_from: string;
  valid_to: string | null;
  successor: string | null;
  liaison: string | null;
  people: number;
  vacancies: string[];
}

export interface OrganisationTree {
  day: string;
  units: Unit[];
  kinds: Record<string, string>;
  may_change: boolean;
}

export interface Substitution {
  id: string;
  substitute: string;
  substitute_name: string;
  begins: string;
  until: string;
  reason: string;
}

export interface Appointment {
  id: string;
  person: string;
  name: string;
  phone: string;
  post: string;
  label: string;
  area: string;
  begins: string;
  until: string | null;
  state: "future" | "active" | "ended";
  substitutions: Substitution[];
}

export interface Vacancy {
  area: string;
  name: string;
  tier: string;
  key: string;
  label: string;
  since: string;
  days: number;
  never: boolean;
}

export interface UnitDetail {
  unit: Unit;
  place: string;
  phone: string | null;
  phone_inherited: string | null;
  posts: Appointment[];
  offered: { value: string; label: string }[];
  vacancies: Vacancy[];
  may_keep: boolean;
}

export interface Vacancies {
  items: Vacancy[];
  by_kind: Record<string, number>;
  total: number;
}

export interface Member {
  id: string;
  name: string;
  phone: string;
  username: string;
  disabled: boolean;
  usable: boolean;
  posts: Appointment[];
  trainings: { topic: string; held_on: string; valid_to: string | null; expired: boolean }[];
  held: number;
}

export interface Paged<T> {
  items: T[];
  total: number;
  page: number;
  size: number;
}

export interface Labelled {
  label: string;
  value: string;
}

export interface AreaChange {
  id: string;
  kind: string;
  text: string;
  on: string;
  state: "planned" | "applied" | "cancelled" | "failed";
  document: string;
  by: string;
  at: string;
  result: Labelled[];
}

export interface CountRow {
  area: string;
  name: string;
  households: number;
  open_cases: number;
  closed_cases: number;
  unplaced: number;
}

export interface Counts {
  day: string;
  rows: CountRow[];
  total: CountRow;
}

export interface LogRow {
  id: number;
  at: string;
  by: string;
  kind: string;
  kind_text: string;
  place: string;
  person: string | null;
  text: string;
  details: Labelled[];
}

/** A line of a table somebody brings, with what it would do. */
export interface ImportLine {
  number: number;
  name: string;
  state: "new" | "known" | "same" | "error";
  notes: string[];
  place: string | null;
  post?: string | null;
  phone?: string | null;
  head?: string;
  relation?: string;
}

export interface ImportPreview {
  lines: ImportLine[];
  counts: Record<string, number>;
  rows: Record<string, unknown>[];
}
