/** Variables written as FEEL: those that are expected, and any others. */
import { Button, Input } from "antd";

interface Props {
  label: string;
  expected: string[];
  rows: Record<string, string>;
  onChange: (rows: Record<string, string>) => void;
}

export function WrittenRows({ label, expected, rows, onChange }: Props) {
  const own = Object.keys(rows).filter((name) => !expected.includes(name));
  const add = () => {
    let n = own.length + 1;
    while (`x${n}` in rows) n += 1;
    onChange({ ...rows, [`x${n}`]: "" });
  };
  const rename = (from: string, to: string) => {
    const name = to.trim();
    if (name === from || !name || name in rows) return;
    onChange(Object.fromEntries(Object.entries(rows).map(([key, text]) => [key === from ? name : key, text])));
  };
  return (
    <fieldset className="walk-rows">
      <legend>{label}</legend>
      {expected.map((name) => (
        <label key={name}>
          <code>{name}</code>
          <Input value={rows[name] ?? ""} placeholder="空值" onChange={(event) => onChange({ ...rows, [name]: event.target.value })} />
        </label>
      ))}
      {own.map((name, at) => (
        <div key={at} className="walk-own">
          <Input aria-label={`变量 ${at + 1} 的名称`} defaultValue={name} onBlur={(event) => rename(name, event.target.value)} />
          <Input aria-label={`变量 ${name} 的值`} value={rows[name]} placeholder="空值" onChange={(event) => onChange({ ...rows, [name]: event.target.value })} />
          <Button size="small" onClick={() => onChange(Object.fromEntries(Object.entries(rows).filter(([key]) => key !== name)))}>去掉</Button>
        </div>
      ))}
      <Button size="small" onClick={add}>添加变量</Button>
      <small className="panel-hint">按 FEEL 写：3、true、"文字"、["a", "b"]、date("2026-09-01")；不写为空值</small>
    </fieldset>
  );
}
