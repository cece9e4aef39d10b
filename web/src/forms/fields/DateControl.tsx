/**
 * Dates in antd's Chinese calendar. Not the browser's own control: that one speaks the language of the device.
 * On a phone the field cannot be typed into, so that no keyboard covers the calendar. Times are Shanghai wall clock.
 */
import { Button, DatePicker, TimePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useWide } from "../../app/useWide";
import { useNow } from "../../clock/useClock";
import { toInstant, toWall } from "../../common/time";
import type { ControlProps } from "../Field";

function read(timed: boolean, value: unknown): Dayjs | null {
  if (typeof value !== "string" || !value) return null;
  const wall = timed ? toWall(value) : dayjs(value.slice(0, 10));
  return wall?.isValid() ? wall : null;
}

const write = (timed: boolean, wall: Dayjs): string => (timed ? toInstant(wall) : wall.format("YYYY-MM-DD"));

export function DateControl({ id, kind, value, onChange, disabled, invalid, describedBy }: ControlProps) {
  const wide = useWide();
  const instant = useNow();
  const nowWall = () => toWall(instant()) ?? dayjs();
  const timed = kind === "datetime";
  const now = timed && !value && !disabled && <Button onClick={() => onChange(write(true, nowWall()))}>现在</Button>;
  if (timed && !wide) {
    return (
      <div className="date-row">
        <DateAndTime id={id} wall={read(true, value)} disabled={disabled} invalid={invalid} describedBy={describedBy} nowWall={nowWall} onChange={(next) => onChange(next && write(true, next))} />
        {now}
      </div>
    );
  }
  return (
    <div className="date-row">
      <DatePicker
        id={id} className="field-select" disabled={disabled} status={invalid ? "error" : undefined} aria-describedby={describedBy}
        value={read(timed, value)} defaultPickerValue={nowWall()} showNow={false} inputReadOnly={!wide} showTime={timed ? { format: "HH:mm" } : false} needConfirm={false}
        format={timed ? "YYYY-MM-DD HH:mm" : "YYYY-MM-DD"} placeholder={timed ? "选择日期和时间" : "选择日期"}
        onChange={(next: Dayjs | null) => onChange(next ? write(timed, next) : null)}
      />
      {now}
    </div>
  );
}

interface DateAndTimeProps {
  id: string;
  wall: Dayjs | null;
  disabled: boolean;
  invalid: boolean;
  describedBy: string | undefined;
  nowWall: () => Dayjs;
  onChange: (wall: Dayjs | null) => void;
}

/** Two small calendars instead of one that does not fit a phone. A date alone means its present time of day. */
function DateAndTime({ id, wall, disabled, invalid, describedBy, nowWall, onChange }: DateAndTimeProps) {
  const status = invalid ? "error" : undefined;
  const join = (date: Dayjs, time: Dayjs) => onChange(date.hour(time.hour()).minute(time.minute()).second(0));
  return (
    <>
      <DatePicker
        id={id} className="field-select" inputReadOnly showNow={false} disabled={disabled} status={status} aria-describedby={describedBy} value={wall} placeholder="日期" defaultPickerValue={nowWall()}
        onChange={(date: Dayjs | null) => (date ? join(date, wall ?? nowWall()) : onChange(null))}
      />
      {wall && (
        <TimePicker
          id={`${id}-time`} inputReadOnly showNow={false} disabled={disabled} status={status} value={wall} format="HH:mm" allowClear={false} needConfirm={false}
          placeholder="时间" aria-label="时间" onChange={(time: Dayjs | null) => { if (time) join(wall, time); }}
        />
      )}
    </>
  );
}
