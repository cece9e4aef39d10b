"""Arithmetic on dates, times and durations. Python's own does it while it can; `wide` takes over beyond its years and microseconds."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from .errors import Fault
from .temporal import midnight, plain
from .values import NUMBERS, YearsMonths
from .wide import (
    CLOCKS,
    DAY,
    DAYS,
    INSTANTS,
    Clock,
    Day,
    Instant,
    Length,
    at_moment,
    checked_date,
    clock_of,
    day_number,
    length_of,
    make_clock,
    make_date,
    make_instant,
    make_length,
    moment,
    offset_of,
)


def add_months(value: Day, months: int) -> Day:
    """A date (or date and time) some months on; a day the month lacks becomes its last one. Raises `Fault`."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    last = monthrange(2000 + year % 400, month + 1)[1]
    day = checked_date(year, month + 1, min(value.day, last))
    if not isinstance(value, INSTANTS):
        return day
    return make_instant(day, clock_of(value), value.tzinfo)


def add_length(value: Day | Clock, length: Length) -> Day | Clock:
    """A date, time or date and time some duration on. Times wrap around midnight. Raises `Fault`."""
    if isinstance(value, CLOCKS):
        return make_clock(clock_of(value) + length_of(length), value.tzinfo)
    if isinstance(value, date) and isinstance(length, timedelta):
        try:
            return _python(plain(value), length)
        except OverflowError:
            pass
    if isinstance(value, INSTANTS):
        return at_moment(moment(value) + length_of(length), value.tzinfo)
    return make_date(day_number(value) + length_of(length) // DAY)


def _python(value: Day, length: timedelta) -> Day:
    if not isinstance(value, datetime):
        assert isinstance(value, date)
        return value + timedelta(days=length.days)
    if isinstance(value.tzinfo, ZoneInfo):
        # Python adds on the wall clock; a duration is elapsed time, also across a change of summer time
        return (value.astimezone(UTC) + length).astimezone(value.tzinfo)
    return value + length


def between(later: Day | Clock, earlier: Day | Clock) -> Length:
    """`later - earlier`; raises `Fault` for a mixture of times and dates or of local and zoned ones."""
    if isinstance(later, CLOCKS) and isinstance(earlier, CLOCKS):
        if (later.tzinfo is None) == (earlier.tzinfo is None):
            return make_length(second_of_day(later) - second_of_day(earlier))
    elif isinstance(later, DAYS) and isinstance(earlier, DAYS):
        first, second = _instant(later, earlier), _instant(earlier, later)
        if (first.tzinfo is None) == (second.tzinfo is None):
            return make_length(moment(first) - moment(second))
    raise Fault("type", "这两个时间不能相减（一个带时区、一个不带，或类型不同）")


def _instant(value: Day, other: Day) -> Instant:
    """A date as the midnight of UTC where it meets a zoned instant, as the standard has it, else a local one."""
    if isinstance(value, INSTANTS):
        return value
    zoned = isinstance(other, INSTANTS) and other.tzinfo is not None
    return midnight(value, UTC if zoned else None)


def second_of_day(value: Clock) -> int:
    """Billionths of a second since midnight, in UTC if the value has a zone (so it may be negative)."""
    return clock_of(value) - offset_of(value)


def scale(length: Length, factor: Decimal) -> Length:
    """A duration times a number, exact to the billionth of a second; raises `Fault`."""
    return _made(NUMBERS.multiply(Decimal(length_of(length)), factor))


def share(length: Length, parts: Decimal) -> Length:
    """A duration divided by a number other than zero; raises `Fault`."""
    return _made(NUMBERS.divide(Decimal(length_of(length)), parts))


def _made(billionths: Decimal) -> Length:
    if billionths.adjusted() > 40:
        raise Fault("overflow", "时长超出范围")
    return make_length(int(billionths))


def months_between(start: Day, end: Day) -> YearsMonths:
    """Whole months from `start` to `end` (negative if `end` is earlier)."""
    months = (end.year - start.year) * 12 + end.month - start.month
    tail_start, tail_end = _within_month(start), _within_month(end)
    if months > 0 and tail_end < tail_start:
        months -= 1
    elif months < 0 and tail_end > tail_start:
        months += 1
    return YearsMonths(months)


def _within_month(value: Day) -> tuple[int, int]:
    return value.day, clock_of(value) if isinstance(value, INSTANTS) else 0


def weekday(value: Day) -> int:
    """The day of the week, Monday 1 to Sunday 7."""
    return (day_number(value) - 1) % 7 + 1


def year_day(value: Day) -> int:
    """The day of the year, counted from 1."""
    return day_number(value) - day_number(checked_date(value.year, 1, 1)) + 1


def week(value: Day) -> int:
    """The week of the year as ISO 8601 has it: a week belongs to the year its Thursday is in."""
    thursday = make_date(day_number(value) + 4 - weekday(value))
    return (year_day(thursday) - 1) // 7 + 1


def month_end(value: Day) -> Day:
    """The last day of the month."""
    return checked_date(value.year, value.month, monthrange(2000 + value.year % 400, value.month)[1])
