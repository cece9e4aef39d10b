/**
 * A form file as it is edited. The JSON itself is the model: what nobody touches stays as it was read, whether this editor
 * knows it or not. Pure.
 */
import type { Value } from "../../api/types";

export type Item = Record<string, Value>;
/** A form file: its own attributes and `components`. */
export type Sheet = Item & { components: Item[] };
/** Where an item stands: its index, after those of the groups and tables around it. */
export type At = number[];

export type ItemKind =
  | "text" | "long" | "number" | "money" | "date" | "datetime" | "boolean" | "tick" | "radio" | "select" | "checklist" | "taglist"
  | "person" | "persons" | "area" | "photo" | "signature" | "reference" | "position" | "table" | "group" | "note" | "separator" | "spacer";

interface Shape {
  label: string;
  type: string;
  kind?: string;
  subtype?: string;
}

/** Every kind the engine runs: `engine/forms/reading.py` `KINDS`. */
export const SHAPES: Record<ItemKind, Shape> = {
  text: { label: "单行文字", type: "textfield" },
  long: { label: "多行文字", type: "textarea" },
  number: { label: "数字", type: "number" },
  money: { label: "金额（元）", type: "number", kind: "money" },
  date: { label: "日期", type: "datetime", subtype: "date" },
  datetime: { label: "日期和时间", type: "datetime", subtype: "datetime" },
  boolean: { label: "是或否", type: "radio", kind: "boolean" },
  tick: { label: "勾选确认", type: "checkbox" },
  radio: { label: "单选（全部列出）", type: "radio" },
  select: { label: "单选（下拉）", type: "select" },
  checklist: { label: "多选（全部列出）", type: "checklist" },
  taglist: { label: "多选（下拉）", type: "taglist" },
  person: { label: "工作人员", type: "select", kind: "person" },
  persons: { label: "几名工作人员", type: "taglist", kind: "persons" },
  area: { label: "地区", type: "select", kind: "area" },
  photo: { label: "照片或文件", type: "filepicker", kind: "photo" },
  signature: { label: "签名", type: "textfield", kind: "signature" },
  reference: { label: "关联记录", type: "textfield", kind: "reference" },
  position: { label: "位置", type: "textfield", kind: "position" },
  table: { label: "明细表", type: "dynamiclist" },
  group: { label: "分组", type: "group" },
  note: { label: "说明文字", type: "text" },
  separator: { label: "分隔线", type: "separator" },
  spacer: { label: "空白", type: "spacer" },
};
export const ITEM_KINDS = Object.keys(SHAPES) as ItemKind[];
export const SHOWN_ONLY: ItemKind[] = ["group", "note", "separator", "spacer"];
export const CHOICES: ItemKind[] = ["radio", "select", "checklist", "taglist"];
const HOLDS: ItemKind[] = ["group", "table"];

export const holds = (item: Item): boolean => HOLDS.includes(kindOf(item) as ItemKind);

/** null: a kind the engine does not know; it is kept as it is and named by the linter. */
export function kindOf(item: Item): ItemKind | null {
  const own: Value = item.properties?.kind;
  const subtype = item.type === "datetime" ? (item.subtype ?? "date") : undefined;
  const fits = (kind: ItemKind) => SHAPES[kind].type === item.type && SHAPES[kind].subtype === subtype;
  const found = ITEM_KINDS.find((kind) => fits(kind) && SHAPES[kind].kind === own);
  if (found) return found;
  return item.type === "filepicker" && own === undefined ? "photo" : null;
}

/** Lists keep their name in `path`, everything else in `key`. */
export const keyOf = (item: Item): string => item.key ?? item.path ?? "";

export function titleOf(item: Item): string {
  const kind = kindOf(item);
  if (kind === "note") return String(item.text ?? "").replace(/^#+\s*/, "").slice(0, 30) || "说明文字";
  return item.label || keyOf(item) || (kind ? SHAPES[kind].label : String(item.type));
}

// ------------------------------------------------------------------------------------------ file
export function parse(text: string): Sheet | null {
  try {
    const raw: unknown = JSON.parse(text);
    const sheet = raw as Sheet;
    return raw !== null && typeof raw === "object" && Array.isArray(sheet.components) ? sheet : null;
  } catch {
    return null;
  }
}

export const write = (sheet: Sheet): string => `${JSON.stringify(sheet, null, 2)}\n`;

// ------------------------------------------------------------------------------------------ attributes
export function read(item: Item, path: string): Value {
  return path.split(".").reduce<Value>((value, step) => value?.[step], item);
}

/** A copy with the attribute at `path` (`validate.required`); undefined takes it away, and what is empty then as well. */
export function put(item: Item, path: string, value: Value): Item {
  const [step, ...rest] = path.split(".");
  const inner: Value = rest.length > 0 ? put(item[step] ?? {}, rest.join("."), value) : value;
  const gone = inner === undefined || (rest.length > 0 && Object.keys(inner as Item).length === 0);
  if (!gone) return { ...item, [step]: inner };
  return Object.fromEntries(Object.entries(item).filter(([key]) => key !== step));
}

/** A date field says its label twice; as long as both are equal they stay so. */
export function rename(item: Item, text: string): Item {
  const twin = item.dateLabel !== undefined && item.dateLabel === item.label;
  return { ...item, label: text, ...(twin && { dateLabel: text }) };
}

// ------------------------------------------------------------------------------------------ tree
export function get(sheet: Sheet, at: At): Item | undefined {
  return at.reduce<Item | undefined>((item, index) => (item?.components as Item[] | undefined)?.[index], sheet);
}

function edit<T extends Item>(node: T, around: At, change: (items: Item[]) => Item[]): T {
  const items: Item[] = node.components ?? [];
  if (around.length === 0) return { ...node, components: change(items) };
  const [index, ...rest] = around;
  return { ...node, components: items.map((one, n) => (n === index ? edit(one, rest, change) : one)) };
}

const last = (at: At): number => at[at.length - 1];
const around = (at: At): At => at.slice(0, -1);

export const replace = (sheet: Sheet, at: At, item: Item): Sheet => edit(sheet, around(at), (items) => items.map((one, n) => (n === last(at) ? item : one)));
export const remove = (sheet: Sheet, at: At): Sheet => edit(sheet, around(at), (items) => items.filter((_, n) => n !== last(at)));
export const insert = (sheet: Sheet, at: At, item: Item): Sheet => edit(sheet, around(at), (items) => [...items.slice(0, last(at)), item, ...items.slice(last(at))]);

const within = (at: At, outer: At): boolean => outer.every((index, n) => at[n] === index);

/** May an item go there? Not into itself; groups and tables stand in no table. */
export function mayMove(sheet: Sheet, from: At, to: At): boolean {
  if (within(to, from)) return false;
  const outer = get(sheet, around(to));
  const item = get(sheet, from);
  return Boolean(item && outer) && !(around(to).length > 0 && kindOf(outer as Item) === "table" && holds(item as Item));
}

/** The sheet with an item moved to stand before what is at `to`, and where it stands then. */
export function move(sheet: Sheet, from: At, to: At): { sheet: Sheet; at: At } {
  const item = get(sheet, from);
  if (!item || !mayMove(sheet, from, to)) return { sheet, at: from };
  const depth = from.length - 1;
  const shifts = to.length > depth && around(from).every((index, n) => to[n] === index) && to[depth] > from[depth];
  const target = shifts ? to.map((index, n) => (n === depth ? index - 1 : index)) : to;
  return { sheet: insert(remove(sheet, from), target, item), at: target };
}

/** Every item with its place, in reading order. */
export function walk(items: Item[], base: At = []): { item: Item; at: At }[] {
  return items.flatMap((item, index) => [{ item, at: [...base, index] }, ...walk((item.components as Item[] | undefined) ?? [], [...base, index])]);
}

/** Where a key stands; keys in a table are sought after those outside. */
export const find = (sheet: Sheet, key: string): At | undefined => walk(sheet.components).sort((a, b) => a.at.length - b.at.length).find((one) => keyOf(one.item) === key)?.at;

// ------------------------------------------------------------------------------------------ kinds
const EVERYWHERE = new Set(["id", "key", "path", "label", "description", "conditional", "layout"]);
const OWN_PROPERTIES = new Set(["check", "checkMessage", "prefill"]);

const freeKey = (sheet: Sheet, stem: string): string => {
  const taken = new Set(walk(sheet.components).map((one) => keyOf(one.item)));
  let n = 1;
  while (taken.has(`${stem}_${n}`)) n += 1;
  return `${stem}_${n}`;
};

/** What form-js wants of a kind besides its type. */
function furnished(kind: ItemKind, labelled: string): Item {
  if (kind === "date") return { dateLabel: labelled };
  if (kind === "datetime") return { dateLabel: labelled, timeLabel: "时间", timeSerializingFormat: "utc_offset", timeInterval: 15 };
  if (kind === "table") return { components: [], showOutline: true, defaultRepetitions: 0, allowAddRemove: true };
  if (kind === "group") return { components: [], showOutline: true };
  if (kind === "photo") return { multiple: true, accept: "image/*" };
  if (kind === "money") return { decimalDigits: 2 };
  if (kind === "note") return { text: "说明" };
  if (CHOICES.includes(kind)) return { values: [{ value: "1", label: "选项一" }, { value: "2", label: "选项二" }] };
  if (kind === "boolean") return { values: [{ value: "true", label: "是" }, { value: "false", label: "否" }] };
  return {};
}

export function fresh(sheet: Sheet, kind: ItemKind): Item {
  const { type, kind: own, subtype, label: word } = SHAPES[kind];
  const key = freeKey(sheet, "field");
  const made: Item = { id: `f_${key}`, type, ...(subtype && { subtype }) };
  if (kind === "note" || kind === "separator" || kind === "spacer") return { ...made, ...furnished(kind, "") };
  const named: Item = kind === "group" ? {} : kind === "table" ? { path: key } : { key };
  return { ...made, ...named, label: word.replace(/（.*）/, ""), ...(own && { properties: { kind: own } }), ...furnished(kind, word) };
}

/** The same question in another kind: what every kind has is kept, what only the old one had goes. */
export function asKind(item: Item, kind: ItemKind): Item {
  const was = kindOf(item);
  if (was === kind) return item;
  const { type, kind: own, subtype } = SHAPES[kind];
  const kept = Object.fromEntries(Object.entries(item).filter(([name]) => EVERYWHERE.has(name)));
  const key = keyOf(item);
  const properties = Object.fromEntries(Object.entries((item.properties as Item | undefined) ?? {}).filter(([name]) => OWN_PROPERTIES.has(name)));
  if (own) properties.kind = own;
  delete kept.key;
  delete kept.path;
  const made: Item = { ...kept, type, ...(subtype && { subtype }), ...furnished(kind, item.label ?? ""), ...(kind === "table" ? { path: key } : { key }) };
  const choice = was !== null && CHOICES.includes(was) && CHOICES.includes(kind);
  if (choice) {
    delete made.values;
    for (const name of ["values", "valuesExpression"]) if (item[name] !== undefined) made[name] = item[name];
  }
  if (item.validate?.required !== undefined && !SHOWN_ONLY.includes(kind)) made.validate = { required: item.validate.required };
  return Object.keys(properties).length > 0 ? { ...made, properties } : made;
}
