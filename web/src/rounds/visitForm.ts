/** The visit as a form: one screen, what matters first; needs and change unfold what they ask for. */
import type { Component, FormSchema } from "../forms/model";
import type { VisitChoices, VisitHome } from "./types";

const long = (key: string, label: string, more: Partial<Component> = {}): Component => ({ type: "textarea", key, label, validate: { maxLength: 1000 }, ...more });

/** Kinds that may be entered without a household. */
export const PLACELESS = ["patrol", "guidance"];

export function visitForm(choices: VisitChoices, home: VisitHome | null): FormSchema {
  const members = (home?.members ?? []).filter((one) => !one.left_on).map((one) => ({ value: one.name, label: one.name }));
  const kinds = home ? choices.kinds : choices.kinds.filter((one) => PLACELESS.includes(one.value));
  const found: (Component | false)[] = [
    { type: "radio", key: "kind", label: "走访类别", values: kinds, validate: { required: true } },
    !home && { type: "select", key: "area", label: "地点", validate: { required: true }, properties: { kind: "area", tier: "town" } },
    { type: "radio", key: "met", label: "见到的人", values: choices.met, validate: { required: true } },
    long("reason", "没有见到的原因", { conditional: { hide: '=met != "none"' }, validate: { required: true, maxLength: 500 } }),
    members.length > 1 && { type: "checklist", key: "members_met", label: "见到的成员", values: members, conditional: { hide: '=met = "none"' } },
    { type: "radio", key: "method", label: "方式", values: choices.methods, defaultValue: "on_site", validate: { required: true } },
    long("note", "情况", { description: "身体、收入、居住、照料有什么情况，听到的诉求" }),
    { type: "checklist", key: "needs", label: "所需帮助", values: choices.needs, description: "有则勾选，提交后立即成为线索，不用另报" },
    { type: "select", key: "cause", label: "主要困难", values: choices.causes, validate: { required: true }, conditional: { hide: "=count(needs) = 0 or needs = null" } },
    { type: "checklist", key: "urgent_signs", label: "紧急迹象", values: choices.urgent_signs, description: "危及生命请先拨打 120 或 110", conditional: { hide: "=count(needs) = 0 or needs = null" } },
    !home && { type: "textfield", key: "subject", label: "困难群众姓名", conditional: { hide: "=count(needs) = 0 or needs = null" } },
    home !== null && long("change", "家庭情况变化", { description: "人口、收入、财产、居住有变化的写明，转镇（街）复核" }),
    { type: "radio", key: "policy_explained", label: "已讲解政策", properties: { kind: "boolean" }, validate: { required: true } },
    {
      type: "group", label: "时间和同行人", components: [
        { type: "datetime", subtype: "datetime", key: "started_at", label: "开始", validate: { required: true } },
        { type: "datetime", subtype: "datetime", key: "ended_at", label: "结束", validate: { required: true } },
        { type: "taglist", key: "visitors", label: "同行人", properties: { kind: "persons" } },
        ...(home ? [{ type: "datetime", subtype: "date", key: "next_due", label: "约定下次走访", description: "不填则按走访周期" } as Component] : []),
      ],
    },
  ];
  return { id: "visit", components: found.filter((one): one is Component => one !== false) };
}
