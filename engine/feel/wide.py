"""Dates, times and durations beyond what Python's types hold, and all of them as plain numbers.

The standard's years run from -999,999,999 to 999,999,999 (10.3.2.3.5) and its seconds are decimals; Python's end at year 9999 and
at the microsecond. A value is one of Python's types wherever it fits and one of the types here where it does not – never
both – so that hosts meet what they know. Seconds are kept to the billionth; what is finer is cut off.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from .errors import Fault

MAX_YEAR: Final = 999_999_999
SECOND: Final = 1_000_000_000
DAY: Final = 86_400 * SECOND
_MICRO: Final = timedelta(microseconds=1)
_CYCLE: Final = 146_097
"""Days in 400 years, after which the calendar repeats itself."""
_BEFORE: Final = date(2000, 1, 1).toordinal()
_LONGEST: Final = 999_999_999 * DAY
REFERENCE_DAY: Final = date(1970, 1, 1)
"""The day on which a time with a zone name is placed when its offset is needed."""


@dataclass(frozen=True, slots=True)
class WideDate:
    """A date whose year Python has not."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class WideInstant(WideDate):
    """A date and time with such a year, or with billionths of a second. `clock`: billionths since midnight."""

    clock: int
    tzinfo: tzinfo | None


@dataclass(frozen=True, slots=True)
class WideTime:
    """A time with billionths of a second."""

    clock: int
    tzinfo: tzinfo | None


@dataclass(frozen=True, slots=True)
class WideLength:
    """A days and time duration of more than 999,999,999 days, or with billionths of a second."""

    billionths: int

    def __abs__(self) -> Length:
        return make_length(abs(self.billionths))

    def __bool__(self) -> bool:
        return self.billionths != 0


Day = date | WideDate
"""A date, or a date and time (which are dates here as they are in Python)."""
Instant = datetime | WideInstant
Clock = time | WideTime
Length = timedelta | WideLength

DAYS: Final = (date, WideDate)
INSTANTS: Final = (datetime, WideInstant)
CLOCKS: Final = (time, WideTime)
LENGTHS: Final = (timedelta, WideLength)


def day_number(value: Day) -> int:
    """The day, counted from 1 January of year 1 (which is 1)."""
    return value.toordinal() if isinstance(value, date) else ordinal(value.year, value.month, value.day)


def ordinal(year: int, month: int, day: int) -> int:
    """The number of a day of any year, in the calendar of today carried on in both directions."""
    cycles, near = divmod(year - 2000, 400)
    return date(2000 + near, month, day).toordinal() + cycles * _CYCLE


def parts(number: int) -> tuple[int, int, int]:
    """Year, month and day of a day number."""
    cycles, near = divmod(number - _BEFORE, _CYCLE)
    day = date.fromordinal(near + _BEFORE)
    return day.year + cycles * 400, day.month, day.day


def clock_of(value: Instant | Clock) -> int:
    """Billionths of a second since midnight, where the clock hangs."""
    if isinstance(value, (WideInstant, WideTime)):
        return value.clock
    return ((value.hour * 60 + value.minute) * 60 + value.second) * SECOND + value.microsecond * 1000


def length_of(value: Length) -> int:
    """A duration in billionths of a second."""
    return value.billionths if isinstance(value, WideLength) else value // _MICRO * 1000


def second_of(value: Instant | Clock) -> Decimal:
    """The second of the minute with its fraction."""
    whole, rest = divmod(clock_of(value) % (60 * SECOND), SECOND)
    return Decimal(whole) + Decimal(rest).scaleb(-9).normalize() if rest else Decimal(whole)


def offset_of(value: Instant | Clock) -> int:
    """The offset from UTC in billionths of a second, 0 for a local value.

    A zone's rules beyond Python's years are those of a year alike: its last ones in the future, its first in the past.
    """
    if value.tzinfo is None:
        return 0
    if isinstance(value, datetime):
        return _offset(value.tzinfo, value)
    if isinstance(value, WideInstant):
        return _offset(value.tzinfo, _alike(value.year, value.month, value.day, value.clock))
    return _offset(value.tzinfo, _alike(1970, 1, 1, clock_of(value)))


def _offset(zone: tzinfo, at: datetime) -> int:
    return length_of(zone.utcoffset(at) or timedelta())


def _alike(year: int, month: int, day: int, clock: int) -> datetime:
    """Python's nearest to an instant, for asking a zone."""
    if year < 2:
        year, month, day = 2, 1, 1
    elif year > 9998:
        year = 9200 + year % 400
    return datetime.combine(date(year, month, day), time()) + timedelta(microseconds=clock // 1000)


def moment(value: Instant) -> int:
    """Billionths of a second on the line of time: in UTC for a zoned value, else on the local clock."""
    return day_number(value) * DAY + clock_of(value) - offset_of(value)


def make_date(number: int) -> Day:
    """The date of a day number; raises `Fault` outside the standard's years."""
    if 1 <= number <= date.max.toordinal():
        return date.fromordinal(number)
    return checked_date(*parts(number))


def checked_date(year: int, month: int, day: int) -> Day:
    """A date of its parts; raises `Fault` for one that does not exist or lies outside the standard's years."""
    if 1 <= year <= 9999:
        try:
            return date(year, month, day)
        except ValueError:
            raise Fault("conversion", f"“{year:04d}-{month:02d}-{day:02d}”不是日期") from None
    if abs(year) > MAX_YEAR:
        raise Fault("overflow", "日期超出范围")
    if not (1 <= month <= 12 and 1 <= day <= monthrange(2000 + year % 400, month)[1]):
        raise Fault("conversion", f"“{year}-{month:02d}-{day:02d}”不是日期")
    return WideDate(year, month, day)


def make_clock(clock: int, zone: tzinfo | None) -> Clock:
    """A time of the billionths since midnight, which wrap around it."""
    seconds, rest = divmod(clock % DAY, SECOND)
    if rest % 1000:
        return WideTime(clock % DAY, zone)
    minutes, second = divmod(seconds, 60)
    return time(minutes // 60, minutes % 60, second, rest // 1000, zone)


def make_instant(day: Day, clock: int, zone: tzinfo | None) -> Instant:
    """A date and time of a date and the billionths since its midnight (fewer than a day's)."""
    if clock % 1000 or not isinstance(day, date):
        return WideInstant(day.year, day.month, day.day, clock, zone)
    plain = make_clock(clock, zone)
    assert isinstance(plain, time)
    return datetime.combine(day, plain)


def at_moment(billionths: int, zone: tzinfo | None) -> Instant:
    """The inverse of `moment`; raises `Fault` outside the standard's years."""
    if zone is None or zone is UTC:
        number, clock = divmod(billionths, DAY)
        return make_instant(make_date(number), clock, zone)
    there = at_moment(billionths, UTC)
    if isinstance(there, datetime):
        try:
            return there.astimezone(zone)
        except OverflowError:
            pass  # the zone's own clock is in a year that Python has not
    near = _alike(there.year, there.month, there.day, clock_of(there)).replace(tzinfo=UTC).astimezone(zone)
    number, clock = divmod(billionths + _offset(zone, near), DAY)
    return make_instant(make_date(number), clock, zone)


def make_length(billionths: int) -> Length:
    """A duration of billionths of a second."""
    if billionths % 1000 or abs(billionths) > _LONGEST:
        return WideLength(billionths)
    return timedelta(microseconds=billionths // 1000)
