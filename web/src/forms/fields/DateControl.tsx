/**
 * Dates in antd's Chinese calendar. Not the browser's own control: that one speaks the language of the device.
 * On a phone the field cannot be typed into, so that no keyboard covers the calendar. Times are Shanghai wall clock.
 */
import { Button, DatePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useWide } from "../../app/useWide";
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
  const timed = kind === "datetime";
  return (
    <div className="date-row">
      <DatePicker
        id={id} className="field-select" disabled={disabled} status={invalid ? "error" : undefined} aria-describedby={describedBy}
        value={read(timed, value)} inputReadOnly={!wide} showTime={timed ? { format: "HH:mm" } : false} needConfirm={timed && !wide}
        format={timed ? "YYYY-MM-DD HH:mm" : "YYYY-MM-DD"} placeholder={timed ? "选择日期和时间" : "选择日期"}
        onChange={(next: Dayjs | null) => onChange(next ? write(timed, next) : null)}
      />
      {timed && !value && !disabled && <Button onClick={() => onChange(write(true, toWall(new Date().toISOString())!))}>现在</Button>}
    </div>
  );
}
