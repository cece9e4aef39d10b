/** dmn-js asks here for every word it shows; hit policies have their words in a list of their own. */
import { HIT_POLICIES } from "dmn-js-decision-table/lib/features/hit-policy/HitPolicies";

const WORDS: Record<string, string> = {
  "Add cell description": "添加批注", "Remove cell description": "去掉批注", "Add input": "添加条件列", "Add output": "添加结果列",
  "Add input column left": "左侧加条件列", "Add input column right": "右侧加条件列", "Add output column left": "左侧加结果列", "Add output column right": "右侧加结果列",
  "Remove input column": "删除条件列", "Remove output column": "删除结果列", "Copy input column": "复制条件列", "Copy output column": "复制结果列",
  "Cut input column": "剪切条件列", "Cut output column": "剪切结果列", "Paste input column left": "在左侧粘贴条件列", "Paste input column right": "在右侧粘贴条件列",
  "Paste output column left": "在左侧粘贴结果列", "Paste output column right": "在右侧粘贴结果列", "Add rule": "添加规则", "Add rule above": "上方加规则",
  "Add rule below": "下方加规则", "Remove rule": "删除规则", "Copy rule": "复制规则", "Cut rule": "剪切规则", "Paste rule above": "在上方粘贴规则",
  "Paste rule below": "在下方粘贴规则", "Move rule": "移动规则", "Add predefined values": "添加允许值", "Clear predefined values": "清除允许值",
  "Predefined values": "允许值", "Add values": "添加值", "Custom values": "自填值", "No values": "没有值", "Values": "值", "Value": "值",
  "Annotation": "说明", "Annotations": "说明", "Before": "早于", "After": "晚于", "Between": "介于", "Exactly": "等于", "And": "并且",
  "Comparison": "比较", "Comparison operator": "比较方式", "Equals": "等于", "Greater": "大于", "Greater or equals": "大于等于", "Less": "小于",
  "Less or equals": "小于等于", "Range": "范围", "Range start operator": "起点是否包含", "Range start value": "起点", "Range end operator": "终点是否包含",
  "Range end value": "终点", "Include": "包含", "Exclude": "不包含", "Start value": "起点", "End value": "终点", "Start date": "开始日期", "End date": "结束日期",
  "Start time": "开始时间", "End time": "结束时间", "Start date and time": "开始时刻", "End date and time": "结束时刻", "Edit start date": "修改开始日期",
  "Edit end date": "修改结束日期", "Edit start time": "修改开始时间", "Edit end time": "修改结束时间", "Edit start date and time": "修改开始时刻",
  "Edit end date and time": "修改结束时刻", "Boolean value": "是或否", "Date": "日期", "Date value": "日期", "Date and time": "日期和时间", "Date and time value": "日期和时间",
  "Duration value": "时长", "Time": "时间", "Time value": "时间", "String value": "文字", "Edit": "修改", "Edit boolean": "修改是或否", "Edit date": "修改日期",
  "Edit date and time": "修改日期和时间", "Edit duration": "修改时长", "Edit number": "修改数字", "Edit string": "修改文字", "Edit time": "修改时间",
  "Edit input": "修改条件列", "Edit output": "修改结果列", "Set date": "选日期", "Set time": "选时间", "Set date and time": "选日期和时间", "Set duration": "填时长", "Set value": "填写值",
  "Use now": "用现在", "Use today": "用今天", "Yes": "是", "No": "否", "Match one": "符合其一", "Match none": "都不符合", "Test type": "判断方式", "Type": "类型",
  "Then": "那么", "When": "如果", "Input": "条件", "Output": "结果", "Input type": "条件的类型", "Output type": "结果的类型", "Input values": "条件的允许值", "Output values": "结果的允许值",
  "Input label": "条件列名称", "Input label: ": "条件列名称：", "Output label": "结果列名称", "Output label: ": "结果列名称：", "Output name": "结果变量", "Output name: ": "结果变量：",
  "Input expression": "读取的表达式", "Input expression: ": "读取的表达式：", "Expression": "表达式", "Enter expression": "填写表达式", "Expression language": "表达式语言",
  "Expression language:": "表达式语言：", "Expression language: {expressionLanguageLabel}": "表达式语言：{expressionLanguageLabel}", "Change cell expression language": "改变表达式语言",
  "Editing not supported for set expression language": "这种表达式语言不能在此修改", "Decision name": "决策名称", "Decision name: ": "决策名称：", "Hit policy": "命中策略",
  "Hit policy:": "命中策略：", "Literal expression": "表达式", "Literal expression editor": "表达式编辑器", "Variable name": "变量名称", "Variable name:": "变量名称：",
  "Variable type": "变量类型", "Variable type:": "变量类型：", "Strings must be in double quotes": "文字须加双引号", "Resize": "调整宽度", "View DRD": "看决策图", "name": "名称",
  "e.g. { example } ": "如 { example }", "e.g. { sample }": "如 { sample }", "Unknown": "未知",
};

/** Words dmn-js asked for that are not in the dictionary, for tests. */
export const misses = new Set<string>();

export function translate(template: string, values: Record<string, string> = {}): string {
  const found = WORDS[template] ?? template;
  if (found === template && /[a-z]{3}/i.test(template)) misses.add(template);
  return found.replace(/{\s*([^}\s]+)\s*}/g, (_, key: string) => values[key] ?? `{${key}}`);
}

const POLICIES: Record<string, [string, string]> = {
  Unique: ["唯一命中", "各行互不重叠，只会有一行成立"],
  First: ["首行命中", "各行可以重叠，取第一个成立的行"],
  Priority: ["按优先级", "各行可以重叠，取结果允许值里排在最前的"],
  Any: ["任一命中", "各行可以重叠，但结果必须相同"],
  Collect: ["收集全部", "收集所有成立的行的结果"],
  "Collect (Sum)": ["合计", "把所有成立的行的结果相加"],
  "Collect (Min)": ["取最小", "取所有成立的行的最小结果"],
  "Collect (Max)": ["取最大", "取所有成立的行的最大结果"],
  "Collect (Count)": ["计数", "数有几行成立"],
  "Rule order": ["按行次序", "按行的次序列出所有成立的行的结果"],
  "Output order": ["按结果次序", "按结果允许值的次序列出所有成立的行的结果"],
};
for (const policy of HIT_POLICIES) {
  const [label, explanation] = POLICIES[policy.label] ?? [policy.label, policy.explanation];
  Object.assign(policy, { label, explanation });
}

/** The picture of requirements needs positions our files do not have; tables are chosen by name. */
export const zh = { translate: ["value", translate], viewDrd: ["value", null] };
