/** The settings of one field. Text is written when its field is left: one change, one step back. */
import { Button, Checkbox, InputNumber, Select } from "antd";
import type { Finding, Value } from "../../api/types";
import type { Use } from "../bench";
import { Expression, Row, Text } from "../fields";
import { feel } from "../words";
import { asKind, CHOICES, get, holds, ITEM_KINDS, keyOf, kindOf, put, read, rename, SHAPES, titleOf, walk, type At, type Item, type Sheet } from "./model";
import { Options, type ListChoice } from "./Options";
import { beyond, DEFAULTS, settingsOf, type Setting } from "./settings";
import { CLEAR } from "../../common/clear";

interface Props {
  sheet: Sheet;
  at: At;
  item: Item;
  uses: Use[];
  lists: ListChoice[];
  findings: Finding[];
  onWrite: (item: Item) => void;
  onInto: (outer: At) => void;
  onShow: (element: string | null, file: string) => void;
}

const VALID = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const TIERS = [{ value: "village", label: "村（居）" }, { value: "town", label: "镇（街）" }, { value: "district", label: "区" }, { value: "grid", label: "网格" }];

/** As `casework/sensitive.py` knows them. */
const SENSITIVE = [
  { value: "health", label: "疾病、残疾、精神和自理状况" }, { value: "hardship", label: "困难原因和对困难的叙述" }, { value: "rescue", label: "救助站求助和护送" },
  { value: "whereabouts", label: "行踪" }, { value: "check", label: "经济状况核对结果" }, { value: "account", label: "银行账户" }, { value: "minor", label: "人员明细：未满十四周岁的整行" },
];

export function Settings({ sheet, at, item, uses, lists, findings, onWrite, onInto, onShow }: Props) {
  const kind = kindOf(item);
  const key = keyOf(item);
  const set = (path: string, value: Value) => onWrite(put(item, path, value));
  const named = kind !== "note" && kind !== "separator" && kind !== "spacer";
  const outers = walk(sheet.components).filter((one) => holds(one.item) && !at.every((index, n) => one.at[n] === index) && !(kindOf(one.item) === "table" && holds(item)));
  const own = item.path !== undefined && item.key === undefined ? "path" : "key";
  return (
    <>
      {findings.map((one, n) => <p key={n} className="panel-problem" role="alert">{one.message}。{one.remedy}。</p>)}
      <Row label="类型">
        <Select
          aria-label="类型" value={kind ?? undefined} placeholder={`不认识的组件 ${String(item.type)}`} style={{ inlineSize: "100%" }}
          disabled={holds(item)} onChange={(next) => onWrite(asKind(item, next))}
          options={ITEM_KINDS.filter((one) => (one !== "group" && one !== "table") || one === kind).map((one) => ({ value: one, label: SHAPES[one].label }))}
        />
      </Row>
      {named && <Text label="标题" value={item.label} onWrite={(text) => onWrite(rename(item, text.trim()))} />}
      {named && kind !== "group" && (
        <Text
          label="标识（key）" value={key} hint={VALID.test(key) ? "答案按它保存，图和表按它读取" : "字母或汉字开头，不含点和空格"}
          onWrite={(text) => onWrite(put(item, own, text.trim() || undefined))}
        />
      )}
      {uses.length > 0 && <Uses uses={uses} onShow={onShow} />}
      {kind && CHOICES.includes(kind) && <Options item={item} lists={lists} onWrite={onWrite} />}
      {kind && settingsOf(kind).map((one) => <One key={one.path} setting={one} value={read(item, one.path)} onWrite={(value) => set(one.path, value)} />)}
      {kind && DEFAULTS[kind] && <Default kind={DEFAULTS[kind]} item={item} onWrite={(value) => set("defaultValue", value)} />}
      {outers.length > 0 && (
        <Row label="所在">
          <Select
            aria-label="所在" style={{ inlineSize: "100%" }} value={at.slice(0, -1).join(".")} onChange={(text: string) => onInto(text ? text.split(".").map(Number) : [])}
            options={[{ value: "", label: "表单最外层" }, ...outers.map((one) => ({ value: one.at.join("."), label: titleOf(get(sheet, one.at) ?? one.item) }))]}
          />
        </Row>
      )}
      {kind && beyond(item, kind).length > 0 && <p className="panel-hint">文件里另有：{beyond(item, kind).join("、")}（原样保留，在“源文件”里修改）</p>}
    </>
  );
}

function Uses({ uses, onShow }: { uses: Use[]; onShow: Props["onShow"] }) {
  return (
    <details className="sheet-uses">
      <summary>有 {uses.length} 处读取它</summary>
      <ul>
        {uses.map((one, n) => (
          <li key={n}><Button type="link" size="small" onClick={() => onShow(one.element, one.file)}>{one.what}</Button></li>
        ))}
      </ul>
    </details>
  );
}

/** An unchanged value is not written again: the file keeps it as it was. */
function One({ setting, value, onWrite }: { setting: Setting; value: Value; onWrite: (value: Value) => void }) {
  const { label, hint, as } = setting;
  if (as === "yes") {
    const on = value === true || value === "true";
    const written = setting.quoted ? "true" : true;
    return <div className="panel-row"><Checkbox checked={on} onChange={(event) => onWrite(event.target.checked ? written : undefined)}>{label}</Checkbox></div>;
  }
  if (as === "number") {
    return (
      <Row label={label} hint={hint}>
        <InputNumber aria-label={label} value={value === undefined || value === null || value === "" ? null : Number(value)} onChange={(number) => onWrite(number ?? undefined)} style={{ inlineSize: "100%" }} />
      </Row>
    );
  }
  if (as === "tier") {
    return (
      <Row label={label} hint={hint}>
        <Select aria-label={label} allowClear={CLEAR} placeholder="不限" value={value} onChange={(tier?: string) => onWrite(tier)} options={TIERS} style={{ inlineSize: "100%" }} />
      </Row>
    );
  }
  if (as === "sensitive") {
    return (
      <Row label={label} hint={hint}>
        <Select aria-label={label} allowClear={CLEAR} placeholder="不是" value={value} onChange={(kind?: string) => onWrite(kind)} options={SENSITIVE} style={{ inlineSize: "100%" }} />
      </Row>
    );
  }
  if (as === "feel") return <Expression label={label} value={value} hint={hint} onWrite={(text) => onWrite(feel(text))} />;
  return <Text label={label} value={value} hint={hint} rows={as === "long" ? 2 : undefined} onWrite={(text) => onWrite(text.trim() || undefined)} />;
}

function Default({ kind, item, onWrite }: { kind: "text" | "number" | "yes" | "option" | undefined; item: Item; onWrite: (value: Value) => void }) {
  const value: Value = item.defaultValue;
  if (kind === "yes") {
    const options = [{ value: true, label: "是" }, { value: false, label: "否" }];
    return <Row label="默认值"><Select aria-label="默认值" allowClear={CLEAR} placeholder="没有" value={value} onChange={onWrite} options={options} style={{ inlineSize: "100%" }} /></Row>;
  }
  if (kind === "number") return <Row label="默认值"><InputNumber aria-label="默认值" value={value ?? null} onChange={(number) => onWrite(number ?? undefined)} style={{ inlineSize: "100%" }} /></Row>;
  if (kind === "option" && Array.isArray(item.values)) {
    const several = item.type === "checklist" || item.type === "taglist";
    return (
      <Row label="默认值">
        <Select
          aria-label="默认值" allowClear={CLEAR} placeholder="没有" mode={several ? "multiple" : undefined} value={value} style={{ inlineSize: "100%" }}
          onChange={(next: Value) => onWrite(Array.isArray(next) && next.length === 0 ? undefined : next)} options={item.values}
        />
      </Row>
    );
  }
  if (Array.isArray(value)) return <Row label="默认值"><code>{JSON.stringify(value)}</code></Row>;
  return <Text label="默认值" value={value === undefined ? undefined : String(value)} onWrite={(text) => onWrite(text.trim() || undefined)} />;
}
