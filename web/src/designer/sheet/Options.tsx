/** The options of a choice: written here, taken from a code list, or computed. */
import { Button, Input, Segmented, Select } from "antd";
import { useEffect, useState } from "react";
import { Expression, Row } from "../fields";
import { feel } from "../words";
import type { Item } from "./model";

export interface ListChoice {
  value: string;
  label: string;
}
interface Option {
  value: string | number;
  label: string;
}
interface Props {
  item: Item;
  lists: ListChoice[];
  onWrite: (item: Item) => void;
}

const NAMED = /^=\s*codes\.(\w+)\s*$/;

type Source = "own" | "list" | "feel";
const sourceOf = (item: Item): Source => (item.valuesExpression === undefined ? "own" : NAMED.test(item.valuesExpression) ? "list" : "feel");

const without = (item: Item, ...names: string[]): Item => Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));

export function Options({ item, lists, onWrite }: Props) {
  const source = sourceOf(item);
  const own: Option[] = Array.isArray(item.values) ? item.values : [];
  const list = NAMED.exec(item.valuesExpression ?? "")?.[1];
  const choose = (next: Source) => {
    if (next === source) return;
    if (next === "own") onWrite({ ...without(item, "valuesExpression"), values: own.length > 0 ? own : [{ value: "1", label: "选项一" }] });
    else onWrite({ ...without(item, "values"), valuesExpression: next === "list" ? `=codes.${lists[0]?.value ?? ""}` : "=[]" });
  };
  return (
    <>
      <Row label="选项">
        <Segmented aria-label="选项来源" block value={source} onChange={choose} options={[{ value: "own", label: "自己列出" }, { value: "list", label: "代码表" }, { value: "feel", label: "表达式" }]} />
      </Row>
      {source === "own" && <Own options={own} onWrite={(values) => onWrite({ ...item, values })} />}
      {source === "list" && (
        <Row label="代码表">
          <Select
            aria-label="代码表" showSearch style={{ inlineSize: "100%" }} value={list} onChange={(name: string) => onWrite({ ...item, valuesExpression: `=codes.${name}` })}
            options={lists.some((one) => one.value === list) || !list ? lists : [{ value: list, label: `${list}（不存在）` }, ...lists]}
          />
        </Row>
      )}
      {source === "feel" && <Expression label="选项的表达式" value={item.valuesExpression} hint="得到 {value, label} 的列表" onWrite={(text) => onWrite({ ...item, valuesExpression: feel(text) ?? "=[]" })} />}
    </>
  );
}

/** A value that was a number stays one. */
const retyped = (before: string | number, text: string): string | number => (typeof before === "number" && /^-?\d+$/.test(text.trim()) ? Number(text) : text.trim());

function Own({ options, onWrite }: { options: Option[]; onWrite: (options: Option[]) => void }) {
  const change = (at: number, one: Option) => onWrite(options.map((old, n) => (n === at ? one : old)));
  const swap = (at: number, to: number) => onWrite(options.map((one, n) => (n === at ? options[to] : n === to ? options[at] : one)));
  const add = () => {
    let n = options.length + 1;
    while (options.some((one) => String(one.value) === String(n))) n += 1;
    onWrite([...options, { value: String(n), label: "" }]);
  };
  return (
    <ol className="sheet-options" aria-label="选项">
      {options.map((one, at) => (
        <li key={at}>
          <Cell label={`选项 ${at + 1} 的代码`} text={String(one.value)} onLeave={(text) => change(at, { ...one, value: retyped(one.value, text) })} />
          <Cell label={`选项 ${at + 1} 的文字`} text={one.label} onLeave={(text) => change(at, { ...one, label: text })} />
          <Button size="small" aria-label={`上移选项 ${at + 1}`} disabled={at === 0} onClick={() => swap(at, at - 1)}>↑</Button>
          <Button size="small" aria-label={`下移选项 ${at + 1}`} disabled={at === options.length - 1} onClick={() => swap(at, at + 1)}>↓</Button>
          <Button size="small" aria-label={`删除选项 ${at + 1}`} onClick={() => onWrite(options.filter((_, n) => n !== at))}>×</Button>
        </li>
      ))}
      <li><Button size="small" onClick={add}>添加选项</Button></li>
    </ol>
  );
}

function Cell({ label, text, onLeave }: { label: string; text: string; onLeave: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  return <Input aria-label={label} size="small" value={typed} onChange={(event) => setTyped(event.target.value)} onBlur={() => typed !== text && onLeave(typed)} />;
}
