/** Which attributes a kind of field has and how they are asked. The words say what the engine does with them. */
import { CHOICES, type ItemKind } from "./model";

export interface Setting {
  path: string;
  label: string;
  as: "text" | "long" | "number" | "yes" | "feel" | "tier" | "sensitive";
  hint?: string;
  /** Written as text in the file, though it is a yes or no. */
  quoted?: boolean;
}

const ASKED: ItemKind[] = [
  "text", "long", "number", "money", "date", "datetime", "boolean", "tick", "radio", "select", "checklist", "taglist", "person", "persons", "area", "photo",
  "signature", "reference", "position", "table",
];
const COUNTED: ItemKind[] = ["checklist", "taglist", "persons", "photo", "table"];

const ROWS: [Setting, ItemKind[]][] = [
  [{ path: "text", label: "文字", as: "long", hint: "可用 # 作标题、** 加粗" }, ["note"]],
  [{ path: "description", label: "填写帮助", as: "long", hint: "显示在标题下方" }, ASKED],
  [{ path: "validate.required", label: "必填", as: "yes" }, ASKED],
  [{ path: "validate.minLength", label: "最少字数", as: "number" }, ["text", "long"]],
  [{ path: "validate.maxLength", label: "最多字数", as: "number" }, ["text", "long", "signature"]],
  [{ path: "validate.pattern", label: "格式（正则表达式）", as: "text" }, ["text", "long"]],
  [{ path: "validate.min", label: "最小值", as: "number" }, ["number", "money"]],
  [{ path: "validate.max", label: "最大值", as: "number" }, ["number", "money"]],
  [{ path: "decimalDigits", label: "小数位数", as: "number" }, ["number", "money"]],
  [{ path: "properties.atLeast", label: "至少几项", as: "number" }, COUNTED],
  [{ path: "properties.atMost", label: "最多几项", as: "number" }, COUNTED],
  [{ path: "properties.tier", label: "地区层级", as: "tier" }, ["area", "person", "persons"]],
  [{ path: "properties.among", label: "可选人员", as: "feel", hint: "如 register(\"able\", …)；空值不限制" }, ["person", "persons"]],
  [{ path: "properties.of", label: "关联什么", as: "text", hint: "如 lead、household" }, ["reference"]],
  [{ path: "multiple", label: "可传多份", as: "yes" }, ["photo"]],
  [{ path: "accept", label: "接受的文件", as: "text", hint: "如 image/*,.pdf" }, ["photo"]],
  [{ path: "timeInterval", label: "时间间隔（分钟）", as: "number" }, ["datetime"]],
  [{ path: "defaultRepetitions", label: "开始时几行", as: "number" }, ["table"]],
  [{ path: "allowAddRemove", label: "可以增减行", as: "yes" }, ["table"]],
  [{ path: "properties.collapsed", label: "先收起", as: "yes", quoted: true }, ["group"]],
  [{ path: "properties.sensitive", label: "敏感信息", as: "sensitive", hint: "只向在办环节的人和决定人显示，其他人说明事由查阅" }, ASKED],
  [{ path: "readonly", label: "只读", as: "yes" }, ASKED],
  [{ path: "properties.carried", label: "只随行提交，不给人看", as: "yes", hint: "表格里系统自己的编号" }, ["text", "reference"]],
  [{ path: "properties.prefill", label: "自动填入", as: "feel", hint: "打开时按事项算出，办理人可改" }, ASKED],
  [{ path: "conditional.hide", label: "不显示的条件", as: "feel", hint: "成立时不显示、不要求填写" }, [...ASKED, "group", "note", "separator", "spacer"]],
  [{ path: "properties.check", label: "核对规则", as: "feel", hint: "不成立时不能提交" }, ASKED],
  [{ path: "properties.checkMessage", label: "核对不过时的提示", as: "text" }, ASKED],
];

export const settingsOf = (kind: ItemKind): Setting[] => ROWS.filter(([, kinds]) => kinds.includes(kind)).map(([setting]) => setting);

/** Kinds whose default value is written here as text, number or yes. */
export const DEFAULTS: Partial<Record<ItemKind, "text" | "number" | "yes" | "option">> = {
  text: "text", long: "text", number: "number", money: "number", boolean: "yes", tick: "yes", ...Object.fromEntries(CHOICES.map((kind) => [kind, "option"])),
};

/** Attributes that have a control of their own or follow from the kind. */
const KNOWN = new Set([
  "id", "type", "key", "path", "label", "dateLabel", "dateTimeLabel", "timeLabel", "timeSerializingFormat", "subtype", "values", "valuesExpression", "defaultValue",
  "components", "layout", "showOutline", "appearance", "properties.kind",
]);

/** What the file says beyond the controls: shown, kept, changed in the source only. */
export function beyond(item: Record<string, unknown>, kind: ItemKind): string[] {
  const paths = Object.entries(item).flatMap(([name, value]) =>
    ["validate", "properties", "conditional"].includes(name) && value !== null && typeof value === "object" ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name],
  );
  const shown = new Set(settingsOf(kind).map((one) => one.path));
  return paths.filter((path) => !KNOWN.has(path) && !shown.has(path));
}
