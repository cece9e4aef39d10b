/** A stated reason or message, with its counter. */
import { Input } from "antd";

interface Props {
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  label?: string;
}

export function Reason({ value, onChange, hint, label = "原因" }: Props) {
  return (
    <label className="dialog-field">
      <span>{label}</span>
      <Input.TextArea value={value} onChange={(event) => onChange(event.target.value)} autoSize={{ minRows: 3, maxRows: 6 }} maxLength={500} showCount placeholder={hint} />
    </label>
  );
}
