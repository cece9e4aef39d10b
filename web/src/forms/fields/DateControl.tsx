/** Dates: the calendar of antd on desktop, the phone's own wheel on a phone. Times are Shanghai wall clock. */
import { DatePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useWide } from "../../app/useWide";
import { toInstant, toWall } from "../../common/time";
import type { ControlProps } from "../Field";

function read(kind: string, value: unknown): Dayjs | null {
  if (typeof value !== "string" || !value) return null;
  const wall = kind === "datetime" ? toWall(value) : dayjs(value.slice(0, 10));
  return wall?.isValid() ? wall : null;
}

const write = (kind: string, wall: Dayjs): string => (kind === "datetime" ? toInstant(wall) : wall.format("YYYY-MM-DD"));

export function DateControl({ id, kind, value, onChange, disabled, invalid, describedBy }: ControlProps) {
  const wide = useWide();
  const wall = read(kind, value);
  const timed = kind === "datetime";
  if (!wide) {
    return (
      <div className="native-date-row">
        <input
          id={id} className={`native-date${invalid ? " native-wrong" : ""}`} type={timed ? "datetime-local" : "date"} disabled={disabled}
          aria-describedby={describedBy} aria-invalid={invalid || undefined}
          value={wall ? wall.format(timed ? "YYYY-MM-DDTHH:mm" : "YYYY-MM-DD") : ""}
          onChange={(event) => onChange(event.target.value ? write(kind, dayjs(event.target.value)) : null)}
        />
        {timed && !disabled && <button type="button" className="chip-clear" onClick={() => onChange(write(kind, nowWall()))}>现在</button>}
      </div>
    );
  }
  return (
    <DatePicker
      id={id} className="field-select" disabled={disabled} status={invalid ? "error" : undefined} aria-describedby={describedBy} value={wall}
      showTime={timed ? { format: "HH:mm" } : false} format={timed ? "YYYY-MM-DD HH:mm" : "YYYY-MM-DD"} needConfirm={false}
      placeholder={timed ? "选择日期和时间" : "选择日期"} onChange={(next: Dayjs | null) => onChange(next ? write(kind, next) : null)}
    />
  );
}

function nowWall(): Dayjs {
  return toWall(new Date().toISOString()) ?? dayjs();
}
