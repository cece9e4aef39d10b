/**
 * What travels over HTTP: the shapes of `api/schemas.py`, in the same order. Instants are ISO 8601 with
 * offset; `revision` is what a write must give back.
 */

/** ISO 8601 instant with offset. */
export type Instant = string;
/** ISO 8601 date. */
export type Day = string;
/** Anything JSON can hold; forms narrow it by component type. */
export type Value = any;

export interface Page<T> {
  items: T[];
  total: number;
  page: number;
  size: number;
}

export interface ErrorField {
  path: string;
  message: string;
}

export interface ErrorBody {
  code: string;
  message: string;
  message_en: string;
  fields: ErrorField[];
  /** Of the register, that stands in the way. */
  household?: string;
}

export interface Login {
  username: string;
  password: string;
}

export interface PostHeld {
  post: string;
  label: string;
  tier: "grid" | "village" | "town" | "district";
  area: string; // path
  area_name: string;
  /** Name of the absent person, where one stands in (代). */
  instead_of?: string | null;
}

export interface Me {
  id: string;
  username: string;
  name: string;
  posts: PostHeld[];
  rights: string[]; // report, work, refer, watch, supervise, design, publish, admin
  stranger: boolean; // of an outside body: gets what is addressed to it and nothing else
  home: string; // the page to land on: "/tasks", "/state", "/designer"
}

export interface Person {
  id: string;
  name: string;
  posts: PostHeld[];
  phone: string | null;
}

export interface Area {
  path: string;
  code: string;
  name: string;
  tier: string;
  /** 村、社区、镇、街道 … */
  kind: string;
  parent: string | null;
  children: number;
}

export type Light = "normal" | "soon" | "today" | "overdue" | "paused" | "extended" | "provisional" | "none";

export interface CountedDay {
  date: Day;
  counted: boolean;
  /** In words. */
  why: string | null;
  /** For a limit in hours: what of the day was counted. */
  hours: string[];
}

/** Why a date is what it is. `text` is the sentence a person reads. */
export interface ExtensionDecision {
  n: number;
  reason: string;
  text: string | null;
  by_name: string;
  at: Instant;
  on?: Day | null; // the day of the decision, where it was entered later
}

export interface Asked {
  n: number;
  reason: string;
  by_name: string;
  at: Instant;
}

/** What the term says of its extension; `refusal`: why the reader cannot extend it now. */
export interface ExtensionRule {
  n: number;
  unit: string;
  who: string;
  reasons: string[];
  may: boolean;
  refusal: string | null;
  lapsed: boolean; // it has run out: the reader may enter a decision that was taken before
}

export interface Receipt {
  id: string; // the clock, for acting on it
  term: string;
  name: string;
  text: string;
  light: Light;
  words: string; // what stands beside the light
  state: "running" | "paused" | "stopped" | "cancelled";
  stopped_at: Instant | null;
  ended_at: Instant | null; // the act the limit asks for
  ended_day: boolean; // of which the day alone is known
  end_entered_at: Instant | null; // when the act was entered, where that was later
  start: Instant;
  start_event: string;
  entered_at: Instant | null; // when the event was entered, where that was later
  rule: string; // 按 2026年9月7日 有效的规定：30个工作日
  asked: Asked | null; // an extension somebody asked for
  corrections: { from: Instant; to: Instant; reason: string; by_name: string; at: Instant; end: boolean }[];
  extend: ExtensionRule | null;
  may_correct: boolean;
  may_correct_end: boolean; // the act has a date of its own
  due: Day;
  due_at: Instant;
  provisional: boolean;
  binding: boolean; // the earliest of several limits
  kind: "max" | "min";
  /** Of a term that must run out first: the first day on which what waits may be done. */
  opens: Day | null;
  days: CountedDay[];
  pauses: Record<string, Value>[];
  extension: { n: number; unit: string; decisions?: ExtensionDecision[] } | null;
  citation: string | null;
  confidence: string | null;
}

/** A deadline as shown in a row: light, words, date. `text` e.g. 「剩 6 个工作日 · 10月15日前」. */
export interface Due {
  light: Light;
  text: string;
  due_at: Instant | null;
  due: Day | null;
  term: string | null;
  term_name: string | null;
  provisional: boolean;
}

export interface TaskRow {
  id: string;
  revision: number;
  case_id: string;
  case_number: string;
  title: string; // who it is about, masked for lists: 李**（3 人）
  place: string; // 村 / 组 as words
  process: string;
  process_name: string;
  element: string;
  name: string; // 实地核查
  verb: string; // the button: 去核查
  stage: string | null;
  came_from: string | null; // 谁 · 何时
  created_at: Instant;
  due: Due;
  urgent: boolean;
  flags: string[]; // 退回 加急 督办 …
  holder: string | null; // name of who holds it
  mine: boolean;
  claimable: boolean;
  together: number;
  acted: number;
}

export interface TaskList extends Page<TaskRow> {
  counters: Record<string, Record<string, number>>; // tab → {"all": n, "red": n}
}

export interface Option {
  value: Value;
  label: string;
  straight?: boolean; // 退回: the work can come straight back from there
}

/** A verb on a task or case. A verb that cannot be used stays visible with its reason. */
export interface Action {
  key: string; // complete claim release send_back transfer
  label: string;
  primary: boolean;
  enabled: boolean;
  reason: string | null;
  targets: Option[]; // send_back: where to
}

export interface TaskDetail {
  task: TaskRow;
  instructions: string | null; // documentation of the node, for people
  form: Record<string, Value> | null; // form-js JSON, option lists resolved to `values`
  values: Record<string, Value>; // draft or prefill
  about: DocumentSection[]; // what the step is about, as it stood when its form was opened
  masked: string[]; // fields whose sensitive answers are left out
  next_hint: string | null; // 提交后将到：…
  receipts: Receipt[];
  actions: Action[];
  cosigners: Person[]; // who has acted already (together)
  requests: RequestRow[]; // what was asked about the task
}

export type RequestKind = "opinion" | "presign" | "copy" | "urge" | "jump";

/** Something one person asked of another about a case. */
export interface RequestRow {
  id: string;
  revision: number;
  kind: RequestKind;
  kind_text: string;
  state: "open" | "answered" | "read" | "withdrawn" | "refused" | "lapsed";
  state_text: string;
  case_id: string;
  case_number: string;
  title: string;
  place: string;
  task_id: string | null;
  task_name: string | null;
  target_name: string | null;
  asked_by: string;
  asked_of: string | null;
  text: string;
  asked_at: Instant;
  opinion: "agree" | "disagree" | null;
  answer: string | null;
  answered_at: Instant | null;
  can: ("answer" | "withdraw" | "read" | "decide" | "reply")[];
}

export interface RequestList extends Page<RequestRow> {
  waiting: Record<"answer" | "copies" | "moves", number>;
}

export interface Holder {
  id: string;
  name: string;
  posts: string;
  held: number;
  gone: boolean;
}

export interface MovingQuestion {
  place: string; // process/element
  name: string;
  what: "renamed" | "skipped";
  choices: { value: string; label: string }[];
}

/** What would become of one open case in another version. */
export interface MovingCase {
  case_id: string;
  number: string;
  title: string;
  place: string;
  state: "moves" | "mapping" | "blocked";
  reason: string | null;
  notes: string[];
  questions: MovingQuestion[];
}

export interface MovingPlan extends Page<MovingCase> {
  bundle: string;
  version: number;
}

/** A timer start event: when it next starts cases, and for which areas. */
export interface ScheduleRow {
  id: string;
  process: string;
  name: string;
  per: string | null;
  due: Instant;
  state: "pending" | "failed";
  error: string | null;
}

export interface HeldTasks {
  people: Holder[];
  tasks: TaskRow[];
}

export interface TaskWrite {
  revision: number;
  values?: Record<string, Value>;
}

export interface SendBackWrite {
  revision: number;
  target: string;
  reason?: string;
}

export interface TransferWrite {
  revision: number;
  to: string;
  reason?: string;
}

/** Answer to every write on a task or case: what happened and where to go next. */
export interface Done {
  message: string;
  case_id: string | null;
  task: TaskRow | null;
  next_task_id: string | null; // a task of the same case that the actor may do now
}

export interface StageState {
  key: string;
  name: string;
  state: "done" | "current" | "todo" | "skipped";
  at: Instant | null;
}

export interface TimelineItem {
  id: string;
  at: Instant;
  kind: "person" | "system" | "deadline" | "material" | "incident";
  title: string;
  who: string | null;
  tier: string | null;
  text: string | null;
  details: Record<string, Value>[]; // [{"label", "value"}]
  entered_at: Instant | null; // when it differs from `at`
}

export interface SectionField {
  key: string;
  label: string;
  value: Value;
  text: string;
  masked: boolean;
  columns?: string[];
  rows?: string[][];
}

export interface DocumentSection {
  /** What the step is about: shown beside its form. */
  figures: boolean;
  /** The page behind it. */
  link: string | null;
  link_text: string | null;
  key: string;
  title: string;
  path: string;
  at: Instant | null;
  by: string | null;
  fields: SectionField[];
}

/** Where a case stands on a diagram. */
export interface Token {
  process: string;
  element: string;
  state: "active" | "done" | "incident";
  name: string | null;
  count: number;
  overdue: boolean;
  since: Instant | null;
  holder: string | null;
}

export interface CaseRow {
  id: string;
  number: string;
  title: string;
  place: string;
  process: string;
  process_name: string;
  status: "active" | "completed" | "cancelled" | "incident";
  stage: string | null;
  current: string[]; // names of open steps
  urgent: boolean;
  due: Due;
  opened_at: Instant;
  closed_at: Instant | null;
}

/** Somebody read sensitive answers: having given a reason (`until`), or for a step of the case. */
export interface Looked {
  at: Instant;
  until: Instant | null;
  who: string;
  reason: string;
}

export interface CaseDetail {
  case: CaseRow;
  revision: number;
  conclusion: string | null;
  limited?: string | null;
  stages: StageState[];
  sections: DocumentSection[];
  timeline: TimelineItem[];
  upcoming: TimelineItem[];
  receipts: Receipt[];
  tasks: TaskRow[];
  tokens: Token[];
  processes: Record<string, string>[]; // diagrams concerned: [{"process", "name", "deployment"}]
  related: CaseRow[];
  incidents: Record<string, Value>[];
  actions: Action[];
  requests: RequestRow[]; // opinions, copies, urgings, moves
  masked: boolean; // sensitive answers are left out
  may_reveal: boolean;
  revealed_until: Instant | null;
  looked: Looked[]; // for who supervises
}

export interface LeadForm {
  form: Record<string, Value>;
  values: Record<string, Value>;
}

export interface LeadWrite {
  values: Record<string, Value>;
}

export interface Duplicate {
  case_id: string;
  number: string;
  title: string;
  place: string;
  reported_at: Instant | null;
  state: string;
  why: string;
}

export interface LeadMade {
  case_id: string;
  number: string;
  message: string;
  next_task_id: string | null;
  duplicates: Duplicate[];
}

export interface ProcessRow {
  process: string;
  name: string;
  bundle: string;
  version: number;
  deployment: string;
  deployed_at: Instant;
  open_cases: number;
  overdue: number;
  incidents: number;
}

export interface ElementState {
  process: string;
  element: string;
  name: string | null;
  tier: string | null;
  count: number;
  overdue: number;
  incidents: number;
  oldest_since: Instant | null;
  cases: CaseRow[]; // at most 20
}

export interface ProcessState {
  process: string;
  name: string;
  version: number;
  elements: ElementState[];
}

export interface Diagram {
  process: string;
  name: string;
  version: number;
  deployment: string;
  xml: string;
}

export interface Finding {
  file: string;
  element: string | null;
  name: string | null;
  line: number | null;
  rule: string;
  severity: "error" | "warning" | "info";
  message: string;
  remedy: string;
}

export interface BundleRow {
  key: string;
  name: string;
  version: number | null;
  deployed_at: Instant | null;
  draft_id: string | null;
  draft_state: "editing" | "submitted" | null;
  draft_by: string | null;
}

export interface DraftFile {
  name: string;
  text: string;
}

export interface Draft {
  id: string;
  bundle: string;
  bundle_name: string;
  revision: number;
  state: "editing" | "submitted" | "published" | "discarded";
  author: string;
  author_id: string;
  based_on: number | null;
  note: string;
  files: DraftFile[];
  findings: Finding[];
  updated_at: Instant;
  publisher: string | null;
  version: number | null;
  may_publish: boolean;
  why_not: string | null;
}

export interface DraftWrite {
  revision: number;
  files?: DraftFile[];
  note?: string;
}

export interface Publish {
  revision: number;
  seal: string; // of the comparison that was shown
  valid_from?: Instant | null;
}

export interface Cell {
  area: string;
  name: string;
  tier: string;
  open: number;
  overdue: number;
  soon: number;
  done_30d: number;
  leads_30d: number;
  last_report: Instant | null;
  silent_days: number | null;
}

export interface Overview {
  at: Instant;
  totals: Record<string, number>;
  rows: Cell[];
  overdue: TaskRow[];
}

export interface Notification {
  id: string;
  at: Instant;
  title: string;
  text: string;
  case_id: string | null;
  task_id: string | null;
  read: boolean;
  kind: string;
}

export interface Incident {
  id: string;
  case_id: string;
  case_number: string;
  title: string;
  element: string;
  name: string | null;
  at: Instant;
  code: string;
  message: string;
  attempts: number;
  state: "open" | "resolved";
  revision: number;
}

export interface ClockState {
  now: Instant;
  simulated: boolean;
}

export interface ClockAdvance {
  to?: Instant | null;
  by?: string | null; // ISO 8601 duration
}

