"""Conversions: to dates, times, durations, numbers, strings, ranges; `not`, `is` and a few everyday helpers."""

from __future__ import annotations

from datetime import UTC, time, timedelta, timezone, tzinfo
from decimal import Decimal, DecimalException

from engine.feel.compare import equal, negate
from engine.feel.errors import Fault
from engine.feel.runtime import Run
from engine.feel.spans import months_between
from engine.feel.temporal import (
    checked_clock,
    clock_part,
    day_of,
    midnight,
    named_zone,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from engine.feel.text import text_of
from engine.feel.values import NUMBERS, Value, kind_of
from engine.feel.wide import (
    CLOCKS,
    INSTANTS,
    SECOND,
    Clock,
    Day,
    Instant,
    Length,
    at_moment,
    checked_date,
    clock_of,
    make_clock,
    make_instant,
    moment,
    offset_of,
)

from .registry import declare, functions


def whole(value: Decimal, what: str) -> int:
    """A number as an int; raises `Fault` if it has a fraction or is absurdly large."""
    if value != value.to_integral_value() or abs(value) > 10**18:
        raise Fault("arguments", f"{what}应为整数")
    return int(value)


def _date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> Day:
    return checked_date(whole(year, "年"), whole(month, "月"), whole(day, "日"))


def _date_and_time(day: Day, clock: Clock) -> Instant:
    return make_instant(day_of(day), clock_of(clock), clock.tzinfo)


def _instant_with_zone(value: Instant, zone: str) -> Instant:
    where = named_zone(zone)
    if value.tzinfo is None:
        return make_instant(day_of(value), clock_of(value), where)
    return at_moment(moment(value), where)


def _clock(hour: Decimal, minute: Decimal, second: Decimal) -> int:
    whole_second = int(second)
    clock = checked_clock(whole(hour, "时"), whole(minute, "分"), whole_second, f"{hour}:{minute}:{second}")
    return clock + int(NUMBERS.multiply(second - whole_second, Decimal(SECOND)))


def _time_from_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: Length | None = None) -> Clock:
    return make_clock(_clock(hour, minute, second), None if offset is None else _offset(offset))


def _offset(offset: Length) -> tzinfo:
    if not isinstance(offset, timedelta) or abs(offset) > timedelta(hours=18):
        raise Fault("conversion", "时区偏移超出范围")
    return timezone(offset)


def _instant_from_parts(
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    where: Length | str | None = None,
) -> Instant:
    zone = None if where is None else named_zone(where) if isinstance(where, str) else _offset(where)
    return make_instant(_date_from_parts(year, month, day), _clock(hour, minute, second), zone)


def _time_from(value: Day) -> Clock:
    return clock_part(value) if isinstance(value, INSTANTS) else time(tzinfo=UTC)


def _number(text: str, grouping: str | None = None, point: str | None = None) -> Decimal:
    if (
        grouping not in (None, " ", ",", ".")
        or point not in (None, ".", ",")
        or (grouping and grouping == point)
    ):
        raise Fault("arguments", "分隔符只能是空格、逗号或句点，且两者不同")
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point and point != "." else plain
    try:
        if not plain.isascii() or "_" in plain or len(plain) > 10_000:
            raise Fault("conversion", f"“{text[:60]}”不是数字")
        value = NUMBERS.create_decimal(plain)
    except DecimalException:
        raise Fault("conversion", f"“{text[:60]}”不是数字") from None
    if not value.is_finite():
        raise Fault("conversion", f"“{text[:60]}”不是数字")
    return value


def _string(run: Run, value: Value) -> str | None:
    return None if value is None else text_of(value, run.spend)


def _is(a: Value, b: Value) -> bool:
    """The same element of the semantic domain: times have the same clock and the same offset, however the zone is called."""
    if kind_of(a) != kind_of(b):
        return False
    if isinstance(a, (*INSTANTS, *CLOCKS)):
        return (
            (a.tzinfo is None) == (b.tzinfo is None) and offset_of(a) == offset_of(b) and equal(a, b) is True
        )
    return equal(a, b) is True


def _get_or_else(value: Value, default: Value) -> Value:
    return default if value is None else value


FUNCTIONS = functions(
    date=[
        declare("from: string", parse_date),
        declare("from: date", day_of),
        declare("year: number, month: number, day: number", _date_from_parts),
    ],
    date_and_time=[
        declare("from: string", parse_date_time),
        declare("from: instant", lambda value: value),
        declare("from: date", midnight),
        declare("date: date, time: time", _date_and_time),
        declare("date: instant, timezone: string", _instant_with_zone),
        declare(
            "year: number, month: number, day: number, hour: number, minute: number, second: number,"
            "offset: duration?",
            _instant_from_parts,
        ),
        declare(
            "year: number, month: number, day: number, hour: number, minute: number, second: number,"
            "timezone: string",
            _instant_from_parts,
        ),
    ],
    time=[
        declare("from: string", parse_time),
        declare("from: time", lambda value: value),
        declare("from: date", _time_from),
        declare("hour: number, minute: number, second: number, offset: null or duration?", _time_from_parts),
    ],
    duration=[
        declare("from: string", parse_duration),
        declare("from: duration", lambda value: value),
        declare("from: months", lambda value: value),
    ],
    years_and_months_duration=[declare("from: date, to: date", months_between)],
    number=[
        declare("from: string", _number),
        declare("from: number", lambda value: value),
        declare(
            "from: string, grouping separator: null or string, decimal separator: null or string?", _number
        ),
    ],
    string=[declare("from: any", _string, takes_run=True)],
    not_=[declare("negand: any", negate)],
    is_=[declare("value1: any, value2: any", _is)],
    is_defined=[declare("value: any", lambda value: value is not None)],
    get_or_else=[declare("value: any, default: any", _get_or_else)],
)
