/** Forms of the register, in the same shape as the forms of a process, so that they look and check alike. */
import type { Value } from "../api/types";
import type { Values } from "../forms/model";
import type { Coded, HomeChoices, HomeDetail, HomeMember } from "./types";

type Component = Record<string, unknown>;

export const KEEPERS = ["village_liaison", "village_committee", "village_lead_cadre", "town_civil_officer", "town_service_office", "district_assistance_office"];
const HEAD = "head";
const needed = { validate: { required: true } };
const text = (key: string, label: string, extra: Component = {}): Component => ({ id: `f_${key}`, type: "textfield", key, label, ...extra });
const one = (type: "radio" | "select", key: string, label: string, values: Coded[], extra: Component = {}): Component => ({ id: `f_${key}`, type, key, label, values, ...extra });
const date = (key: string, label: string, extra: Component = {}): Component => ({ id: `f_${key}`, type: "datetime", subtype: "date", key, label, dateLabel: label, ...extra });
/** What is registered and hidden: an empty input leaves it. */
const unread = (registered: string | null | undefined, extra = "") => (registered ? { description: `已登记，不改请留空${extra}` } : {});

const home = (masked: boolean, account: string): Component[] => [
  text("number", "户编号", { validate: { maxLength: 40 }, description: "村（居）户册上的编号" }),
  text("phone", "联系电话", { validate: { maxLength: 30 }, ...unread(masked ? "1" : null) }),
  text("address", "住址", unread(masked ? "1" : null)),
  text("hukou_area", "户籍地"),
  text("housing", "住房", { description: "如：自有平房 3 间" }),
  text("account", "发放账户", { validate: { maxLength: 60 }, ...unread(account) }),
  { id: "f_note", type: "textarea", key: "note", label: "备注", validate: { maxLength: 500 }, ...unread(masked ? "1" : null) },
];

export const newHome = (choices: HomeChoices) => ({
  components: [
    { id: "f_area", type: "select", key: "area", label: "村（居）", properties: { kind: "area", tier: "village" }, ...needed },
    text("head", "户主姓名", { validate: { required: true, maxLength: 80 } }),
    ...home(false, ""),
    {
      id: "f_members", type: "dynamiclist", path: "members", label: "成员", description: "户主在这里填写证件号码；不填的只按姓名登记。其余情况保存后逐人填写。",
      components: [
        text("name", "姓名", { validate: { required: true, maxLength: 80 } }), one("select", "relation", "与户主关系", choices.relations), text("id_no", "证件号码", { validate: { maxLength: 30 } }),
        date("birth_date", "出生日期"),
      ],
    },
  ],
});

export const moveForm = {
  components: [
    { id: "f_area", type: "select", key: "area", label: "迁往", properties: { kind: "area", tier: "village" }, ...needed },
    text("why", "原因", { validate: { required: true, minLength: 2, maxLength: 200 }, description: "如：随子女居住" }),
  ],
};

const living = (of: HomeDetail) => of.members.filter((member) => !member.left_on);

/** The head is chosen among the members, where the register knows who of them it is. */
export function editHome(of: HomeDetail) {
  const known = living(of).some((member) => member.codes.relation === HEAD || member.name === of.head);
  const alone = known && living(of).length === 1;
  const heads = living(of).filter((member) => !member.masked).map((member) => ({ value: member.name, label: member.name }));
  const head = known
    ? one("select", "head", "户主", heads, { description: "变更户主在这里选择；改正姓名请编辑该成员", ...needed })
    : text("head", "户主姓名", { validate: { required: true, maxLength: 80 } });
  return { components: [...(of.masked || alone ? [] : [head]), ...home(of.masked, of.account)] };
}

export function homeValues(of: HomeDetail): Values {
  const open = of.masked ? {} : { head: of.head, phone: of.phone || null, address: of.address, note: of.note };
  return { number: of.number, hukou_area: of.hukou_area, housing: of.housing, ...open };
}

/** Of nobody yet: an empty form to add somebody with. */
export function memberForm(choices: HomeChoices, of: HomeMember | null) {
  const other = choices.relations.filter((relation) => relation.value !== HEAD);
  const sick = "；已没有的填“无”";
  return {
    components: [
      text("name", "姓名", of?.masked ? unread("1") : { validate: { required: true, maxLength: 80 } }),
      ...(of?.codes.relation === HEAD ? [] : [one("select", "relation", "与户主关系", other)]),
      text("id_no", "证件号码", { validate: { maxLength: 30 }, ...(of?.id_no ? unread(of.id_no) : { description: "性别和出生日期可由号码得出" }) }),
      one("radio", "sex", "性别", choices.sexes),
      date("birth_date", "出生日期", of?.masked ? unread("1") : {}),
      one("radio", "labour", "劳动能力", choices.labour),
      text("health", "健康状况", unread(of?.health, sick)),
      text("disability", "残疾类别等级", unread(of?.disability, sick)),
      text("illness", "患病情况", unread(of?.illness, sick)),
      text("work", "工作或就学"),
      text("note", "备注", { validate: { maxLength: 500 } }),
    ],
  };
}

export const memberValues = (of: HomeMember): Values => ({
  ...(of.masked ? {} : { name: of.name, birth_date: of.birth_date }), ...of.codes, work: of.work, note: of.note,
});

/** When the head leaves, somebody else heads the household, or it ends. */
export function leaveForm(choices: HomeChoices, of: HomeDetail, who: HomeMember) {
  const others = living(of).filter((member) => member.id !== who.id).map((member) => ({ value: member.id, label: [member.name, member.relation].filter(Boolean).join("，") }));
  const head = who.codes.relation === HEAD;
  const ends = { id: "f_ends", type: "checkbox", key: "ends", label: "全户注销（无人居住）", ...(others.length ? {} : needed) };
  return {
    components: [
      date("on", "离开日期", needed),
      one("radio", "why", "原因", choices.whys, needed),
      text("said", "说明", { conditional: { hide: '=why != "other"' }, validate: { required: true, maxLength: 200 } }),
      ...(head && others.length ? [one("select", "new_head", "新的户主", others, { conditional: { hide: "=ends = true" }, ...needed })] : []),
      ...(head ? [ends] : []),
    ],
  };
}

/** What of a form is no longer as it was; an emptied field is null. */
export function changed(schema: { components: Component[] }, before: Values, now: Values): Values {
  const keys = schema.components.map((component) => String(component.key));
  const value = (values: Values, key: string): Value => values[key] ?? null;
  return Object.fromEntries(keys.filter((key) => value(before, key) !== value(now, key)).map((key) => [key, value(now, key)]));
}
