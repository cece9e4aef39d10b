/** From–to, as two fields: one of them alone is a question, too, and both fit a phone. */
import { DatePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useWide } from "../app/useWide";

interface Props {
  /** What the days are of: 发现日期. */
  label: string;
  from: string;
  to: string;
  onChange: (from: string | undefined, to: string | undefined) => void;
}

const text = (value: Dayjs | null): string | undefined => value?.format("YYYY-MM-DD");

export function DateRange({ label, from, to, onChange }: Props) {
  const wide = useWide();
  return (
    <div className="range" role="group" aria-label={label}>
      <DatePicker
        value={from ? dayjs(from) : null} maxDate={to ? dayjs(to) : undefined} inputReadOnly={!wide} placeholder={`${label}从`} aria-label={`${label}从`}
        onChange={(value: Dayjs | null) => onChange(text(value), to || undefined)}
      />
      <span>至</span>
      <DatePicker
        value={to ? dayjs(to) : null} minDate={from ? dayjs(from) : undefined} inputReadOnly={!wide} placeholder={`${label}到`} aria-label={`${label}到`}
        onChange={(value: Dayjs | null) => onChange(from || undefined, text(value))}
      />
    </div>
  );
}
