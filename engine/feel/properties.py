"""What stands behind the dot on dates, times, durations and ranges. Nothing else of a value can be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from .temporal import offset_of
from .values import Range, Value, YearsMonths

Property = Callable[[Any], Value]


def _zone_offset(value: datetime | time) -> Value:
    return None if value.tzinfo is None else offset_of(value)


def _zone_name(value: datetime | time) -> Value:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _second(value: datetime | time) -> Value:
    return (
        Decimal(value.second) + Decimal(value.microsecond).scaleb(-6)
        if value.microsecond
        else Decimal(value.second)
    )


def _part(length: timedelta, unit: int, whole: int) -> Decimal:
    """A component of a duration; all components of a negative one are negative."""
    micros = length // timedelta(microseconds=1)
    part = Decimal(abs(micros) % whole // unit if whole else abs(micros) // unit)
    return -part if micros < 0 and part else part


_SECOND, _MINUTE, _HOUR, _DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000


def _duration_seconds(length: timedelta) -> Decimal:
    micros = length // timedelta(microseconds=1)
    part = Decimal(abs(micros) % _MINUTE)
    part = part / _SECOND
    return -part if micros < 0 and part else part


_DATE: Final[Mapping[str, Property]] = {
    "year": lambda v: Decimal(v.year),
    "month": lambda v: Decimal(v.month),
    "day": lambda v: Decimal(v.day),
    "weekday": lambda v: Decimal(v.isoweekday()),
}
_TIME: Final[Mapping[str, Property]] = {
    "hour": lambda v: Decimal(v.hour),
    "minute": lambda v: Decimal(v.minute),
    "second": _second,
    "time offset": _zone_offset,
    "timezone": _zone_name,
}
_DATE_TIME: Final[Mapping[str, Property]] = {**_DATE, **_TIME}
_DAYS_TIME: Final[Mapping[str, Property]] = {
    "days": lambda v: _part(v, _DAY, 0),
    "hours": lambda v: _part(v, _HOUR, _DAY),
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
_BASES: Final[tuple[tuple[type, Mapping[str, Property]], ...]] = (
    (datetime, _DATE_TIME),
    (date, _DATE),
    (time, _TIME),
    (timedelta, _DAYS_TIME),
    (YearsMonths, _YEARS_MONTHS),
    (Range, _RANGE),
)
_NONE: Final[Mapping[str, Property]] = {}


def properties(value: Value) -> Mapping[str, Property]:
    """The components of a value by name, none for values that have no components."""
    for kind, known in _BASES:
        if isinstance(value, kind):
            return known
    return _NONE
