"""Dates, times and durations as texts: reading and writing them. Arithmetic on them is in `spans`, what they are in `wide`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import Fault
from .values import YearsMonths
from .wide import (
    DAY,
    SECOND,
    Clock,
    Day,
    Instant,
    Length,
    WideInstant,
    checked_date,
    clock_of,
    day_number,
    length_of,
    make_clock,
    make_date,
    make_instant,
    make_length,
    offset_of,
)

_DATE = r"(-?(?:\d{4}|[1-9]\d{4,8}))-(\d\d)-(\d\d)"
_ZONE = r"(?:(Z|z|[+-]\d\d:\d\d(?::\d\d)?)|@([A-Za-z][\w+/-]{0,60}))?"
_TIME = r"(\d\d):(\d\d):(\d\d)(\.\d{1,30})?" + _ZONE
_DATE_RE = re.compile(_DATE, re.ASCII)
_TIME_RE = re.compile("T?" + _TIME, re.ASCII)
_DATE_TIME_RE = re.compile(_DATE + "T" + _TIME, re.ASCII)
_DAYS_TIME_RE = re.compile(
    r"(-)?P(?:(\d{1,15})D)?(?:T(?=\d)(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,18})(\.\d{0,30})?S)?)?",
    re.ASCII,
)
_YEARS_MONTHS_RE = re.compile(r"(-)?P(?:(\d{1,10})Y)?(?:(\d{1,11})M)?", re.ASCII)


def bad(kind: str, text: str) -> Fault:
    """The fault of a text that is no `kind`."""
    return Fault("conversion", f"“{text[:60]}”不是{kind}")


def parse_date(text: str) -> Day:
    """`2026-09-14`; raises `Fault`."""
    match = _DATE_RE.fullmatch(text)
    if not match:
        raise bad("日期", text)
    return _date(match.groups(), text)


def _date(groups: tuple[str | None, ...], text: str) -> Day:
    year, month, day = (int(part or 0) for part in groups)
    try:
        return checked_date(year, month, day)
    except Fault:
        raise bad("日期", text) from None


def parse_time(text: str) -> Clock:
    """`10:30:00`, with offset or `@Zone`; raises `Fault`."""
    match = _TIME_RE.fullmatch(text)
    if not match:
        raise bad("时间", text)
    clock, where = _clock(match.groups(), text)
    return make_clock(clock, where)


def _clock(groups: tuple[str | None, ...], text: str) -> tuple[int, tzinfo | None]:
    hour, minute, second, fraction, offset, name = groups
    clock = checked_clock(int(hour or 0), int(minute or 0), int(second or 0), text)
    return clock + _billionths(fraction), zone(offset, name, text)


def checked_clock(hour: int, minute: int, second: int, text: str) -> int:
    """A time of day in billionths of a second since midnight; raises `Fault`."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise bad("时间", text)
    return ((hour * 60 + minute) * 60 + second) * SECOND


def _billionths(fraction: str | None) -> int:
    return int((fraction or ".")[1:10].ljust(9, "0"))


def zone(offset: str | None, name: str | None, text: str) -> tzinfo | None:
    """The zone of an offset or a zone name, None for neither; raises `Fault`."""
    if name:
        return named_zone(name)
    if not offset:
        return None
    if offset in ("Z", "z"):
        return UTC
    parts = [int(p) for p in offset[1:].split(":")]
    hours, minutes, seconds = (*parts, 0)[:3]
    if hours > 18 or minutes > 59 or seconds > 59:
        raise bad("时区", text)
    delta = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-delta if offset[0] == "-" else delta)


@lru_cache(256)
def named_zone(name: str) -> tzinfo:
    """A zone of the IANA database; raises `Fault`."""
    if name in ("UTC", "Etc/UTC", "Z"):
        return ZoneInfo("Etc/UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise bad("时区", name) from None


def parse_date_time(text: str) -> Instant:
    """`2026-09-14T10:30:00+08:00`, or a date alone (midnight); raises `Fault`."""
    match = _DATE_TIME_RE.fullmatch(text)
    if not match:
        if _DATE_RE.fullmatch(text):
            return make_instant(parse_date(text), 0, None)
        raise bad("日期时间", text)
    parts = match.groups()
    day, clock = _date(parts[:3], text), parts[3:]
    if clock[0] == "24" and clock[1] == clock[2] == "00" and not _billionths(clock[3]):
        # ISO 8601 allows 24:00:00 as the end of a day
        return make_instant(make_date(day_number(day) + 1), *_clock(("0", *clock[1:]), text))
    return make_instant(day, *_clock(clock, text))


def parse_duration(text: str) -> Length | YearsMonths:
    """`P3D`, `PT36H`, `P1Y6M`; raises `Fault` (a mixture of months and days has no length)."""
    match = _YEARS_MONTHS_RE.fullmatch(text)
    if match and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonths(-months if match[1] else months)
    match = _DAYS_TIME_RE.fullmatch(text)
    if not match or not any(match.groups()[1:5]):
        raise bad("时长", text)
    sign, days, hours, minutes, seconds, fraction = match.groups()
    minute = (int(hours or 0)) * 60 + int(minutes or 0)
    length = int(days or 0) * DAY + (minute * 60 + int(seconds or 0)) * SECOND + _billionths(fraction)
    return make_length(-length if sign else length)


def parse_any(text: str) -> Day | Clock | Length | YearsMonths:
    """The value of `@"…"`; raises `Fault`."""
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    if _DATE_RE.fullmatch(text):
        return parse_date(text)
    if _DATE_TIME_RE.fullmatch(text):
        return parse_date_time(text)
    return parse_time(text)


def duration_text(value: Length) -> str:
    """ISO 8601 text of a duration, normalised: `P1DT2H`, `-PT0.5S`, `PT0S`."""
    whole = length_of(value)
    seconds, rest = divmod(abs(whole), SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    tail = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or rest:
        tail += f"{seconds}{_fraction(rest)}S"
    body = (f"{days}D" if days else "") + (f"T{tail}" if tail else "")
    return ("-" if whole < 0 else "") + "P" + (body or "T0S")


def _fraction(billionths: int) -> str:
    return f".{billionths:09d}".rstrip("0") if billionths else ""


def zone_text(value: Instant | Clock) -> str:
    """The zone as it is written behind a time: nothing, `Z`, `+08:00` or `@Asia/Shanghai`."""
    where = value.tzinfo
    if where is None:
        return ""
    if isinstance(where, ZoneInfo):
        return "@" + where.key
    seconds = offset_of(value) // SECOND
    if seconds == 0:
        return "Z"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}" + (f":{rest:02d}" if rest else "")


def time_text(value: Instant | Clock) -> str:
    """`10:30:00`, fraction and zone where there are any."""
    seconds, rest = divmod(clock_of(value), SECOND)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}{_fraction(rest)}{zone_text(value)}"


def date_text(value: Day) -> str:
    """`2026-09-14`; a year has at least four digits."""
    return f"{'-' if value.year < 0 else ''}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"


def date_time_text(value: Instant) -> str:
    """`2026-09-14T10:30:00+08:00`."""
    return f"{date_text(value)}T{time_text(value)}"


def plain(value: Day) -> Day:
    """The same moment without what a host's subclass adds: sums are no longer the host's value."""
    if type(value) in (date, datetime) or not isinstance(value, date):
        return value
    if isinstance(value, datetime):
        return datetime.combine(value.date(), value.timetz())
    return date(value.year, value.month, value.day)


def day_of(value: Day) -> Day:
    """The date alone of a date, or of a date and time."""
    if isinstance(value, datetime):
        return value.date()
    return checked_date(value.year, value.month, value.day) if isinstance(value, WideInstant) else value


def clock_part(value: Instant) -> Clock:
    """The time alone of a date and time, with its zone."""
    return value.timetz() if isinstance(value, datetime) else make_clock(value.clock, value.tzinfo)


def midnight(value: Day, where: tzinfo | None = None) -> Instant:
    """A date as an instant: its midnight."""
    if isinstance(value, date):
        return datetime.combine(value, time(), where)
    return make_instant(value, 0, where)
