"""`+ - * / **` and unary minus over numbers, strings, dates and durations. Faults say why there is no value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal, DecimalException
from typing import Any, Final

from .errors import Fault
from .limits import MAX_STRING
from .temporal import add_length, add_months, between, scale
from .values import NUMBERS, Value, YearsMonths, word

NUMERIC: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
    "/": NUMBERS.divide,
    "**": NUMBERS.power,
}


def number_fault(operator: str, b: Decimal) -> Fault:
    """Why an operation on two numbers has no value."""
    if operator == "/" and b == 0:
        return Fault("division_by_zero", "除数为零")
    return Fault("overflow", "数字超出范围，或运算没有实数结果")


def calculate(operator: str, a: Value, b: Value) -> Value:
    """`a operator b`; raises `Fault`."""
    try:
        if isinstance(a, Decimal) and isinstance(b, Decimal):
            return NUMERIC[operator](a, b)
        rule = _RULES.get(operator)
        result = rule(a, b) if rule else None
    except (DecimalException, OverflowError):
        raise number_fault(operator, b if isinstance(b, Decimal) else Decimal(1)) from None
    if result is None:
        raise Fault("type", f"{word(a)}与{word(b)}不能作“{operator}”运算")
    return result


def negative(value: Value) -> Value:
    """`-value`; raises `Fault`."""
    if isinstance(value, (Decimal, timedelta)):
        return -value
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    raise Fault("type", f"{word(value)}不能取负")


def _add(a: Value, b: Value) -> Value:
    if isinstance(a, str) and isinstance(b, str):
        if len(a) + len(b) > MAX_STRING:
            raise Fault("budget", "文本过长")
        return a + b
    if isinstance(a, timedelta) and isinstance(b, timedelta):
        return a + b
    if isinstance(a, YearsMonths) and isinstance(b, YearsMonths):
        return YearsMonths(a.months + b.months)
    if isinstance(a, (timedelta, YearsMonths)):
        a, b = b, a
    return _moved(a, b)


def _moved(a: Value, b: Value) -> Value:
    """A point in time moved by a duration, None if the two are nothing of the kind."""
    if isinstance(b, timedelta) and isinstance(a, (date, time)):
        return add_length(a, b)
    if isinstance(b, YearsMonths) and isinstance(a, date):
        return add_months(a, b.months)
    return None


def _subtract(a: Value, b: Value) -> Value:
    if isinstance(a, timedelta) and isinstance(b, timedelta):
        return a - b
    if isinstance(a, YearsMonths) and isinstance(b, YearsMonths):
        return YearsMonths(a.months - b.months)
    if isinstance(a, (date, time)) and isinstance(b, (date, time)):
        return between(a, b)
    if isinstance(b, (timedelta, YearsMonths)):
        return _moved(a, negative(b))
    return None


def _multiply(a: Value, b: Value) -> Value:
    if isinstance(a, Decimal):
        a, b = b, a
    if not isinstance(b, Decimal):
        return None
    if isinstance(a, timedelta):
        return scale(a, b)
    if isinstance(a, YearsMonths):
        return YearsMonths(int(NUMBERS.multiply(Decimal(a.months), b)))
    return None


def _divide(a: Value, b: Value) -> Value:
    if isinstance(a, timedelta):
        if isinstance(b, Decimal):
            return timedelta(microseconds=int(NUMBERS.divide(_micros(a), b))) if b else _by_zero()
        if isinstance(b, timedelta):
            return NUMBERS.divide(_micros(a), _micros(b)) if b else _by_zero()
    if isinstance(a, YearsMonths):
        if isinstance(b, Decimal):
            return YearsMonths(int(NUMBERS.divide(Decimal(a.months), b))) if b else _by_zero()
        if isinstance(b, YearsMonths):
            return NUMBERS.divide(Decimal(a.months), Decimal(b.months)) if b.months else _by_zero()
    return None


def _by_zero() -> Any:
    raise Fault("division_by_zero", "除数为零")


def _micros(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1))


_RULES: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
}
