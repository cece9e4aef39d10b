/** From–to: antd's calendar on desktop, two native fields on a phone. */
import { DatePicker } from "antd";
import dayjs from "dayjs";
import { useWide } from "../app/useWide";

interface Props {
  from: string;
  to: string;
  onChange: (from: string | undefined, to: string | undefined) => void;
}

export function DateRange({ from, to, onChange }: Props) {
  const wide = useWide();
  if (wide) {
    return (
      <DatePicker.RangePicker
        allowEmpty={[true, true]} value={[from ? dayjs(from) : null, to ? dayjs(to) : null]} aria-label="登记日期" placeholder={["登记日期从", "到"]}
        onChange={(range) => onChange(range?.[0]?.format("YYYY-MM-DD"), range?.[1]?.format("YYYY-MM-DD"))}
      />
    );
  }
  return (
    <div className="range">
      <label>从 <input type="date" className="native-date" value={from} max={to || undefined} onChange={(event) => onChange(event.target.value || undefined, to || undefined)} /></label>
      <label>到 <input type="date" className="native-date" value={to} min={from || undefined} onChange={(event) => onChange(from || undefined, event.target.value || undefined)} /></label>
    </div>
  );
}
