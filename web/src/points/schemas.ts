/** Forms of the page, in the same shape as the forms of a process, so that they look and check alike. */
import type { PointRow } from "./types";

type Component = Record<string, unknown>;

const text = (key: string, label: string, extra: Component = {}): Component => ({ id: `f_${key}`, type: "textfield", key, label, ...extra });
const needed = { validate: { required: true } };

const FIELDS: Component[] = [
  text("name", "名称", needed),
  text("place", "地点", needed),
  text("hours", "服务时间", { description: "如：工作日 08:30–12:00，13:30–17:30" }),
  text("staff", "值守人员"),
  text("phone", "电话", { description: "服务电话必填" }),
];
const VERSION = text("policy_version", "公示的文本版本", { description: "公示牌上印的版本号" });
const PHOTO: Component = { id: "f_photo", type: "filepicker", key: "photo", label: "照片", multiple: true, accept: "image/*", properties: { kind: "photo" } };

/** A new point at a place; the kind is asked. */
export const newPoint = (kinds: Record<string, string>) => ({
  components: [
    { id: "f_kind", type: "radio", key: "kind", label: "种类", values: Object.entries(kinds).map(([value, label]) => ({ value, label })), ...needed },
    ...FIELDS, VERSION, PHOTO,
  ],
});

export const editPoint = (kind: PointRow["kind"]) => ({
  components: [
    ...FIELDS, ...(kind === "policy_board" ? [VERSION] : []), PHOTO,
    { id: "f_state", type: "radio", key: "state", label: "状态", values: [{ value: "good", label: "正常" }, { value: "faulty", label: "有问题" }, { value: "closed", label: "停用" }], ...needed },
  ],
});

export const CALL = {
  components: [
    { id: "f_answered", type: "radio", key: "answered", label: "接通", values: [{ value: true, label: "是" }, { value: false, label: "否" }], properties: { kind: "boolean" }, ...needed },
    text("note", "情况", { description: "几声后接通、谁接听；没有接通的写明" }),
  ],
};

export const TEXT = {
  components: [
    text("version", "版本号", { description: "如 2026-09；字母、数字、点和横线", validate: { required: true, pattern: "^[A-Za-z0-9_.\\-]+$", maxLength: 40 } }),
    text("title", "标题", needed),
    { id: "f_published_on", type: "datetime", key: "published_on", label: "发布日期", subtype: "date", dateLabel: "发布日期", ...needed },
    { id: "f_summary", type: "textarea", key: "summary", label: "主要内容", ...needed },
  ],
};
