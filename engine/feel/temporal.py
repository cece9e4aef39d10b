"""Dates, times and durations: reading and writing their texts, and arithmetic on them.

Years 1 to 9999 and microseconds are what Python's types hold; texts beyond are refused (null), never rounded
in silence – except digits after the sixth of a second, which no paper of ours has.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import Fault
from .values import YearsMonths

_DATE = r"(-?(?:\d{4}|[1-9]\d{4,8}))-(\d\d)-(\d\d)"
_ZONE = r"(?:(Z|z|[+-]\d\d:\d\d(?::\d\d)?)|@([A-Za-z][\w+/-]{0,60}))?"
_TIME = r"(\d\d):(\d\d):(\d\d)(\.\d{1,30})?" + _ZONE
_DATE_RE = re.compile(_DATE, re.ASCII)
_TIME_RE = re.compile("T?" + _TIME, re.ASCII)
_DATE_TIME_RE = re.compile(_DATE + "T" + _TIME, re.ASCII)
_DAYS_TIME_RE = re.compile(
    r"(-)?P(?:(\d{1,12})D)?(?:T(?=\d)(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,15})(\.\d{1,30})?S)?)?",
    re.ASCII,
)
_YEARS_MONTHS_RE = re.compile(r"(-)?P(?:(\d{1,10})Y)?(?:(\d{1,11})M)?", re.ASCII)
REFERENCE_DAY = date(1970, 1, 1)
"""The day on which a time with a zone name is placed when its offset is needed."""


def bad(kind: str, text: str) -> Fault:
    """The fault of a text that is no `kind`."""
    return Fault("conversion", f"“{text[:60]}”不是{kind}")


def parse_date(text: str) -> date:
    """`2026-09-14`; raises `Fault`."""
    match = _DATE_RE.fullmatch(text)
    if not match:
        raise bad("日期", text)
    return make_date(int(match[1]), int(match[2]), int(match[3]), text)


def make_date(year: int, month: int, day: int, text: str = "") -> date:
    """A date of its parts; raises `Fault`."""
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise bad("日期", text or f"{year}-{month}-{day}") from None


def parse_time(text: str) -> time:
    """`10:30:00`, with offset or `@Zone`; raises `Fault`."""
    match = _TIME_RE.fullmatch(text)
    if not match:
        raise bad("时间", text)
    return _make_time(match.groups(), text)


def _make_time(groups: tuple[str | None, ...], text: str) -> time:
    hour, minute, second, fraction, offset, name = groups
    micro = int(((fraction or ".0")[1:] + "000000")[:6])
    try:
        return time(int(hour or 0), int(minute or 0), int(second or 0), micro, zone(offset, name, text))
    except ValueError:
        raise bad("时间", text) from None


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


def parse_date_time(text: str) -> datetime:
    """`2026-09-14T10:30:00+08:00`, or a date alone (midnight); raises `Fault`."""
    match = _DATE_TIME_RE.fullmatch(text)
    if not match:
        if _DATE_RE.fullmatch(text):
            return datetime.combine(parse_date(text), time())
        raise bad("日期时间", text)
    year, month, day, *clock = match.groups()
    first = make_date(int(year), int(month), int(day), text)
    if clock[0] == "24" and clock[1] == clock[2] == "00":
        # ISO 8601 allows 24:00:00 as the end of a day
        return datetime.combine(first + timedelta(days=1), _make_time(("0", *clock[1:]), text))
    return datetime.combine(first, _make_time(tuple(clock), text))


def parse_duration(text: str) -> timedelta | YearsMonths:
    """`P3D`, `PT36H`, `P1Y6M`; raises `Fault` (a mixture of months and days has no length)."""
    match = _YEARS_MONTHS_RE.fullmatch(text)
    if match and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonths(-months if match[1] else months)
    match = _DAYS_TIME_RE.fullmatch(text)
    if not match or not any(match.groups()[1:5]):
        raise bad("时长", text)
    sign, days, hours, minutes, seconds, fraction = match.groups()
    try:
        length = timedelta(
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(seconds or 0),
            microseconds=int(((fraction or ".0")[1:] + "000000")[:6]),
        )
    except OverflowError:
        raise bad("时长", text) from None
    return -length if sign else length


def parse_any(text: str) -> date | time | timedelta | YearsMonths:
    """The value of `@"…"`; raises `Fault`."""
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    if _DATE_RE.fullmatch(text):
        return parse_date(text)
    if _DATE_TIME_RE.fullmatch(text):
        return parse_date_time(text)
    return parse_time(text)


def duration_text(value: timedelta) -> str:
    """ISO 8601 text of a duration, normalised: `P1DT2H`, `-PT0.5S`, `PT0S`."""
    micros = value // timedelta(microseconds=1)
    seconds, micro = divmod(abs(micros), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    tail = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or micro:
        tail += f"{seconds}" + (f".{micro:06d}".rstrip("0") if micro else "") + "S"
    body = (f"{days}D" if days else "") + (f"T{tail}" if tail else "")
    return ("-" if micros < 0 else "") + "P" + (body or "T0S")


def zone_text(value: datetime | time) -> str:
    """The zone as it is written behind a time: nothing, `Z`, `+08:00` or `@Asia/Shanghai`."""
    where = value.tzinfo
    if where is None:
        return ""
    if isinstance(where, ZoneInfo):
        return "@" + where.key
    seconds = int(offset_of(value).total_seconds())
    if seconds == 0:
        return "Z"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}" + (f":{rest:02d}" if rest else "")


def time_text(value: time | datetime) -> str:
    """`10:30:00`, fraction and zone where there are any."""
    fraction = f".{value.microsecond:06d}".rstrip("0") if value.microsecond else ""
    return f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{fraction}{zone_text(value)}"


def date_time_text(value: datetime) -> str:
    """`2026-09-14T10:30:00+08:00`."""
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d}T{time_text(value)}"


def offset_of(value: datetime | time) -> timedelta:
    """The offset from UTC of an aware value."""
    if isinstance(value, datetime):
        return value.utcoffset() or timedelta()
    return datetime.combine(REFERENCE_DAY, value).utcoffset() or timedelta()


def second_of_day(value: time) -> timedelta:
    """The time since midnight, in UTC if the value has a zone (so it may be negative)."""
    since = timedelta(
        hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
    )
    return since if value.tzinfo is None else since - offset_of(value)


def midnight(value: date, like: datetime | None = None) -> datetime:
    """A date as an instant: its midnight – in UTC where it meets an aware one, as the standard has it."""
    return datetime.combine(value, time(), UTC if like is not None and like.tzinfo is not None else None)


def add_months(value: date, months: int) -> date:
    """A date (or date and time) some months on; a day the month lacks becomes its last one. Raises `Fault`."""
    value = plain(value)
    total = value.year * 12 + value.month - 1 + months
    year, month = divmod(total, 12)
    if not 1 <= year <= 9999:
        raise Fault("overflow", "日期超出范围")
    return value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))


def add_length(value: date | time, length: timedelta) -> date | time:
    """A date, time or date and time some duration on. Times wrap around midnight. Raises `Fault`."""
    try:
        if isinstance(value, datetime):
            return _shift(datetime.combine(value.date(), value.timetz()), length)
        if isinstance(value, date):
            return (midnight(value) + length).date()
        moved = datetime.combine(REFERENCE_DAY, value.replace(tzinfo=None)) + timedelta(
            seconds=length.seconds, microseconds=length.microseconds
        )
        return moved.time().replace(tzinfo=value.tzinfo)
    except OverflowError:
        raise Fault("overflow", "日期超出范围") from None


def plain(value: date) -> date:
    """The same moment without what a host's subclass adds: sums are no longer the host's value."""
    if type(value) in (date, datetime):
        return value
    if isinstance(value, datetime):
        return datetime.combine(value.date(), value.timetz())
    return date(value.year, value.month, value.day)


def _shift(value: datetime, length: timedelta) -> datetime:
    if isinstance(value.tzinfo, ZoneInfo):
        # Python adds on the wall clock; a duration is elapsed time, also across a change of summer time
        return (value.astimezone(UTC) + length).astimezone(value.tzinfo)
    return value + length


def between(later: date | time, earlier: date | time) -> timedelta:
    """`later - earlier`; raises `Fault` for a mixture of times and dates or of local and zoned ones."""
    if isinstance(later, time) and isinstance(earlier, time):
        if (later.tzinfo is None) == (earlier.tzinfo is None):
            return second_of_day(later) - second_of_day(earlier)
    elif isinstance(later, date) and isinstance(earlier, date):
        first = later if isinstance(later, datetime) else midnight(later, _instant(earlier))
        second = earlier if isinstance(earlier, datetime) else midnight(earlier, _instant(later))
        if (first.tzinfo is None) == (second.tzinfo is None):
            return _shift_utc(first) - _shift_utc(second)
    raise Fault("type", "这两个时间不能相减（一个带时区、一个不带，或类型不同）")


def _instant(value: date) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _shift_utc(value: datetime) -> datetime:
    return value if value.tzinfo is None else value.astimezone(UTC)


def scale(length: timedelta, factor: Decimal) -> timedelta:
    """A duration times a number, exact to the microsecond; raises `Fault`."""
    try:
        micros = length // timedelta(microseconds=1)
        return timedelta(microseconds=int(micros * factor))
    except (OverflowError, ArithmeticError):
        raise Fault("overflow", "时长超出范围") from None


def months_between(start: date, end: date) -> YearsMonths:
    """Whole months from `start` to `end` (negative if `end` is earlier)."""
    if isinstance(start, datetime) != isinstance(end, datetime):
        start = start if isinstance(start, datetime) else midnight(start, _instant(end))
        end = end if isinstance(end, datetime) else midnight(end, _instant(start))
    months = (end.year - start.year) * 12 + end.month - start.month
    tail_start, tail_end = _within_month(start), _within_month(end)
    if months > 0 and tail_end < tail_start:
        months -= 1
    elif months < 0 and tail_end > tail_start:
        months += 1
    return YearsMonths(months)


def _within_month(value: date) -> tuple[int, time]:
    return value.day, value.time() if isinstance(value, datetime) else time()
