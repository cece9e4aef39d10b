"""What stands behind the dot on dates, times, durations and ranges. Nothing else of a value can be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from .spans import weekday
from .values import NUMBERS, Range, Value, YearsMonths
from .wide import (
    CLOCKS,
    DAY,
    DAYS,
    INSTANTS,
    LENGTHS,
    SECOND,
    Clock,
    Instant,
    Length,
    clock_of,
    length_of,
    make_length,
    offset_of,
    second_of,
)

Property = Callable[[Any], Value]


def _zone_offset(value: Instant | Clock) -> Value:
    return None if value.tzinfo is None else make_length(offset_of(value))


def _zone_name(value: Instant | Clock) -> Value:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _of_clock(unit: int, whole: int) -> Property:
    """A component of a time of day."""
    return lambda value: Decimal(clock_of(value) % whole // unit)


def _part(length: Length, unit: int, whole: int) -> Decimal:
    """A component of a duration; all components of a negative one are negative."""
    billionths = length_of(length)
    part = Decimal(abs(billionths) % whole // unit if whole else abs(billionths) // unit)
    return -part if billionths < 0 and part else part


_MINUTE, _HOUR = 60 * SECOND, 3600 * SECOND


def _duration_seconds(length: Length) -> Decimal:
    part = _part(length, 1, _MINUTE)
    return NUMBERS.divide(part, Decimal(SECOND))


_DATE: Final[Mapping[str, Property]] = {
    "year": lambda v: Decimal(v.year),
    "month": lambda v: Decimal(v.month),
    "day": lambda v: Decimal(v.day),
    "weekday": lambda v: Decimal(weekday(v)),
}
_TIME: Final[Mapping[str, Property]] = {
    "hour": _of_clock(_HOUR, DAY),
    "minute": _of_clock(_MINUTE, _HOUR),
    "second": second_of,
    "time offset": _zone_offset,
    "timezone": _zone_name,
}
_DATE_TIME: Final[Mapping[str, Property]] = {**_DATE, **_TIME}
_DAYS_TIME: Final[Mapping[str, Property]] = {
    "days": lambda v: _part(v, DAY, 0),
    "hours": lambda v: _part(v, _HOUR, DAY),
    "minutes": lambda v: _part(v, _MINUTE, _HOUR),
    "seconds": _duration_seconds,
}


def _months(value: YearsMonths, whole: bool) -> Decimal:
    part = Decimal(abs(value.months) // 12 if whole else abs(value.months) % 12)
    return -part if value.months < 0 and part else part


_YEARS_MONTHS: Final[Mapping[str, Property]] = {
    "years": lambda v: _months(v, True),
    "months": lambda v: _months(v, False),
}
_RANGE: Final[Mapping[str, Property]] = {
    "start": lambda v: v.low,
    "end": lambda v: v.high,
    "start included": lambda v: v.low_included,
    "end included": lambda v: v.high_included,
}
_BASES: Final[tuple[tuple[tuple[type, ...], Mapping[str, Property]], ...]] = (
    (INSTANTS, _DATE_TIME),
    (DAYS, _DATE),
    (CLOCKS, _TIME),
    (LENGTHS, _DAYS_TIME),
    ((YearsMonths,), _YEARS_MONTHS),
    ((Range,), _RANGE),
)
_NONE: Final[Mapping[str, Property]] = {}


def properties(value: Value) -> Mapping[str, Property]:
    """The components of a value by name, none for values that have no components."""
    for kind, known in _BASES:
        if isinstance(value, kind):
            return known
    return _NONE
