/** Rows of the properties panel. Text is written when the field is left (or Enter is pressed): one command, one step back. */
import { Input, Select } from "antd";
import { useEffect, useState, type ReactNode } from "react";
import { post } from "../api/client";
import type { ExpressionCheck, Word } from "./words";
import { feel } from "./words";
import { CLEAR } from "../common/clear";

export function Row({ label, hint, children }: { label: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <div className="panel-row">
      <span className="panel-label" aria-hidden="true">{label}</span>
      {children}
      {hint && <small className="panel-hint">{hint}</small>}
    </div>
  );
}

interface TextProps {
  label: string;
  value: string | undefined;
  hint?: ReactNode;
  rows?: number;
  max?: number;
  onWrite: (text: string) => void;
}

export function Text({ label, value, hint, rows, max, onWrite }: TextProps) {
  const [text, setText] = useState(value ?? "");
  useEffect(() => setText(value ?? ""), [value]);
  const leave = () => {
    if (text !== (value ?? "")) onWrite(text);
  };
  return (
    <Row label={label} hint={hint}>
      {rows ? (
        <Input.TextArea aria-label={label} autoSize={{ minRows: rows, maxRows: 10 }} value={text} onChange={(event) => setText(event.target.value)} onBlur={leave} />
      ) : (
        <Input aria-label={label} value={text} maxLength={max} onChange={(event) => setText(event.target.value)} onBlur={leave} onPressEnter={leave} />
      )}
    </Row>
  );
}

/** FEEL, checked by the server when the field is left; what it cannot read is not lost, but said. */
export function Expression({ label, value, hint, onWrite }: Omit<TextProps, "rows" | "max">) {
  const [problem, setProblem] = useState("");
  const check = async (text: string | undefined) => {
    const found = text ? await post<ExpressionCheck>("/designer/expression", { text }).catch(() => null) : null;
    setProblem(found && !found.ok ? found.message : "");
  };
  useEffect(() => {
    void check(value);
  }, [value]);
  return (
    <>
      <Text label={label} value={value} hint={hint} rows={1} onWrite={(text) => onWrite(feel(text) ?? "")} />
      {problem && <p className="panel-problem" role="alert">{problem}</p>}
    </>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  from: Word[];
  hint?: ReactNode;
  placeholder?: string;
  clear?: boolean;
  onWrite: (value: string | undefined) => void;
}

/** One of the words the server knows. A value it does not know stays visible as it is written in the file. */
export function Choice({ label, value, from, hint, placeholder, clear = true, onWrite }: ChoiceProps) {
  const options = from.map((one) => ({ value: one.value, label: one.label, text: `${one.label} ${one.value} ${one.hint}`, title: one.hint || one.value }));
  const known = !value || from.some((one) => one.value === value);
  return (
    <Row label={label} hint={hint ?? from.find((one) => one.value === value)?.hint}>
      <Select
        aria-label={label} allowClear={clear ? CLEAR : false} placeholder={placeholder} value={value || undefined} onChange={onWrite} notFoundContent="没有匹配的"
        showSearch={{ optionFilterProp: "text" }} popupMatchSelectWidth={false} style={{ inlineSize: "100%" }}
        options={known ? options : [{ value: value ?? "", label: `${value}（不存在）`, text: value ?? "", title: "" }, ...options]}
      />
    </Row>
  );
}
