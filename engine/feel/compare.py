"""Equality and order of FEEL values, membership in ranges: three-valued, null where the standard has null."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, Final

from .errors import BudgetExceeded
from .limits import MAX_NESTING, MAX_STEPS
from .spans import second_of_day
from .values import Function, Range, Value, YearsMonths, entry, kind_of, to_feel
from .wide import CLOCKS, DAY, DAYS, INSTANTS, LENGTHS, SECOND, clock_of, day_number, length_of, moment

ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def equal(a: Value, b: Value) -> bool | None:
    """`a = b`. Null equals null only; values of different types are not comparable (None)."""
    return _Equality().equal(a, b, 0)


class _Equality:
    """One comparison, with a count of the parts it has looked at."""

    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen = 0

    def equal(self, a: Value, b: Value, depth: int) -> bool | None:
        """The contract of `equal`, at some depth inside the values."""
        if a is None or b is None:
            return a is b
        kind = type(a)
        if kind is type(b) and kind in (Decimal, str, bool, timedelta, YearsMonths):
            return bool(a == b)
        if depth > MAX_NESTING:
            raise BudgetExceeded
        if isinstance(a, list) and isinstance(b, list):
            return self.all_equal(a, b, depth)
        if isinstance(a, dict) and isinstance(b, dict):
            if a.keys() != b.keys():
                return False
            return self.all_equal([entry(a, k) for k in a], [entry(b, k) for k in a], depth)
        if isinstance(a, Range) and isinstance(b, Range):
            flags = (a.low_included, a.high_included, a.sign) == (b.low_included, b.high_included, b.sign)
            return flags and self.all_equal([a.low, a.high], [b.low, b.high], depth)
        if isinstance(a, Function) and isinstance(b, Function):
            return a is b
        pair = comparable(a, b)
        if pair is not None:
            return _same_second(*pair) if isinstance(a, (*INSTANTS, *CLOCKS)) else bool(pair[0] == pair[1])
        # a local and a zoned time are of one type, yet never the same moment
        return False if kind_of(a) == kind_of(b) and isinstance(a, (*DAYS, *CLOCKS)) else None

    def all_equal(self, a: list[Value], b: list[Value], depth: int) -> bool | None:
        """Element by element: false wins over null."""
        if len(a) != len(b):
            return False
        self.seen += len(a)
        if self.seen > MAX_STEPS:
            raise BudgetExceeded
        unknown = False
        for x, y in zip(a, b, strict=True):
            same = self.equal(to_feel(x), to_feel(y), depth + 1)
            if same is False:
                return False
            unknown = unknown or same is None
        return None if unknown else True


def _same_second(a: Any, b: Any) -> bool:
    """Points of time are equal by hour, minute and second (10.3.2.3.4); their order and difference know fractions."""
    if isinstance(a, datetime):
        return bool(a.replace(microsecond=0) == b.replace(microsecond=0))
    return bool(a // SECOND == b // SECOND)


def same(a: Value, b: Value) -> bool:
    """Two-valued equality, for `list contains`, `distinct values` and the like."""
    return equal(a, b) is True


def comparable(a: Value, b: Value) -> tuple[Any, Any] | None:
    """Two values in a form that Python compares as FEEL does, or None if they are of different kinds.

    A local and a zoned value are None as well: they are never equal. Their order has a rule of its own, see `ranked`.
    """
    if isinstance(a, INSTANTS):
        if not isinstance(b, INSTANTS) or (a.tzinfo is None) != (b.tzinfo is None):
            return None
        return (a, b) if isinstance(a, datetime) and isinstance(b, datetime) else (moment(a), moment(b))
    if isinstance(a, DAYS):
        is_date = isinstance(b, DAYS) and not isinstance(b, INSTANTS)
        return (day_number(a), day_number(b)) if is_date else None
    if isinstance(a, CLOCKS):
        if isinstance(b, CLOCKS) and (a.tzinfo is None) == (b.tzinfo is None):
            return second_of_day(a), second_of_day(b)
        return None
    if isinstance(a, LENGTHS):
        return (length_of(a), length_of(b)) if isinstance(b, LENGTHS) else None
    for kind in (Decimal, str, YearsMonths):
        if isinstance(a, kind):
            return (a, b) if isinstance(b, kind) else None
    return None


def ranked(a: Value, b: Value) -> tuple[Any, Any] | None:
    """Two values in a form that Python orders as FEEL does, or None if they have no order.

    A value without offset takes on the other's (10.3.2.15): both clocks are compared as they hang on the wall.
    """
    pair = comparable(a, b)
    if pair is not None:
        return pair
    if isinstance(a, INSTANTS) and isinstance(b, INSTANTS):
        return (day_number(a) * DAY + clock_of(a), day_number(b) * DAY + clock_of(b))
    if isinstance(a, CLOCKS) and isinstance(b, CLOCKS):
        return clock_of(a), clock_of(b)
    return None


def ordered(operator: str, a: Value, b: Value) -> bool | None:
    """`a < b` and its kin; None if the two have no order."""
    pair = ranked(a, b)
    return None if pair is None else ORDER[operator](*pair)


def in_range(value: Value, among: Range) -> bool | None:
    """Is the value inside the range? None if the bounds have no order with it."""
    if among.excluded:
        result = equal(value, among.low)
        return None if result is None else not result
    if among.low is None and among.high is None:
        return None
    if among.low is not None and among.low is among.high:
        return equal(value, among.low)
    low: bool | None = True
    if among.low is not None:
        low = ordered(">=" if among.low_included else ">", value, among.low)
    high: bool | None = True
    if among.high is not None:
        high = ordered("<=" if among.high_included else "<", value, among.high)
    return both(low, high)


def both(a: bool | None, b: bool | None) -> bool | None:
    """Three-valued and."""
    if a is False or b is False:
        return False
    return True if a is True and b is True else None


def either(a: bool | None, b: bool | None) -> bool | None:
    """Three-valued or."""
    if a is True or b is True:
        return True
    return False if a is False and b is False else None


def negate(a: Value) -> bool | None:
    """Three-valued not; None for anything that is no boolean."""
    return (not a) if isinstance(a, bool) else None


def member(value: Value, test: Value) -> bool | None:
    """One test of `value in (…)`: a range, a list of values or ranges, a function result, or a value to equal."""
    if isinstance(test, Range):
        return True if isinstance(value, Range) and same(value, test) else in_range(value, test)
    if isinstance(test, list):
        if isinstance(value, list) and same(value, test):
            return True
        result: bool | None = False
        for item in test:
            inside = in_range(value, item) if isinstance(item, Range) else bool(equal(value, item))
            result = either(result, inside)
            if result is True:
                return True
        return result
    return equal(value, test)
