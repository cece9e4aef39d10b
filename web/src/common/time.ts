/** Instants as people here read them: Shanghai wall-clock time, 「10月15日 16:30」. Never the machine's own zone. */
import dayjs, { type Dayjs } from "dayjs";
import utc from "dayjs/plugin/utc";

dayjs.extend(utc);

const SHANGHAI_MINUTES = 8 * 60; // no summer time since 1991
const WEEKDAYS = ["日", "一", "二", "三", "四", "五", "六"];

/** The instant on a Shanghai clock; null for nothing or nonsense. */
export function shanghai(instant: string | null | undefined): Dayjs | null {
  if (!instant) return null;
  const value = dayjs(instant);
  return value.isValid() ? value.utcOffset(SHANGHAI_MINUTES) : null;
}

/** 「10月15日 16:30」, with the year when it is not the year of `now`. */
export function when(instant: string | null | undefined, now: string | Date = new Date()): string {
  const value = shanghai(instant);
  if (!value) return "";
  const sameYear = value.year() === dayjs(now).utcOffset(SHANGHAI_MINUTES).year();
  return value.format(sameYear ? "M月D日 HH:mm" : "YYYY年M月D日 HH:mm");
}

/** A date without time: 「10月15日」; takes 2026-10-15 and instants. */
export function day(text: string | null | undefined, options: { weekday?: boolean; year?: boolean } = {}): string {
  if (!text) return "";
  const value = text.length === 10 ? dayjs(text) : shanghai(text);
  if (!value?.isValid()) return "";
  const date = value.format(options.year || value.year() !== dayjs().utcOffset(SHANGHAI_MINUTES).year() ? "YYYY年M月D日" : "M月D日");
  return options.weekday ? `${date}（周${WEEKDAYS[value.day()]}）` : date;
}

/** How long ago, in words; `passed` in milliseconds. */
export function ago(passed: number): string {
  const minutes = Math.floor(passed / 60_000);
  if (minutes < 1) return "刚刚";
  if (minutes < 60) return `${minutes} 分钟前`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} 小时前` : `${Math.floor(hours / 24)} 天前`;
}

/** Shanghai wall-clock of a date picker → instant with offset, to the minute. */
export function toInstant(wall: Dayjs): string {
  return `${wall.format("YYYY-MM-DDTHH:mm")}:00+08:00`;
}

/** Instant → a picker's value that shows the Shanghai wall clock whatever the machine's zone. */
export function toWall(instant: string | null | undefined): Dayjs | null {
  const value = shanghai(instant);
  return value ? dayjs(value.format("YYYY-MM-DDTHH:mm:ss")) : null;
}
