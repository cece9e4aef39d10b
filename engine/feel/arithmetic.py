"""`+ - * / **` and unary minus over numbers, strings, dates and durations. Faults say why there is no value."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any, Final

from .errors import Fault
from .limits import MAX_STRING
from .spans import add_length, add_months, between, scale, share
from .values import NUMBERS, Value, YearsMonths, word
from .wide import CLOCKS, DAYS, LENGTHS, length_of, make_length

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
    if isinstance(value, Decimal):
        return -value
    if isinstance(value, LENGTHS):
        return make_length(-length_of(value))
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    raise Fault("type", f"{word(value)}不能取负")


def _add(a: Value, b: Value) -> Value:
    if isinstance(a, str) and isinstance(b, str):
        if len(a) + len(b) > MAX_STRING:
            raise Fault("budget", "文本过长")
        return a + b
    if isinstance(a, LENGTHS) and isinstance(b, LENGTHS):
        return make_length(length_of(a) + length_of(b))
    if isinstance(a, YearsMonths) and isinstance(b, YearsMonths):
        return YearsMonths(a.months + b.months)
    if isinstance(a, (*LENGTHS, YearsMonths)):
        a, b = b, a
    return _moved(a, b)


def _moved(a: Value, b: Value) -> Value:
    """A point in time moved by a duration, None if the two are nothing of the kind."""
    if isinstance(b, LENGTHS) and isinstance(a, (*DAYS, *CLOCKS)):
        return add_length(a, b)
    if isinstance(b, YearsMonths) and isinstance(a, DAYS):
        return add_months(a, b.months)
    return None


def _subtract(a: Value, b: Value) -> Value:
    if isinstance(a, LENGTHS) and isinstance(b, LENGTHS):
        return make_length(length_of(a) - length_of(b))
    if isinstance(a, YearsMonths) and isinstance(b, YearsMonths):
        return YearsMonths(a.months - b.months)
    if isinstance(a, (*DAYS, *CLOCKS)) and isinstance(b, (*DAYS, *CLOCKS)):
        return between(a, b)
    if isinstance(b, (*LENGTHS, YearsMonths)):
        return _moved(a, negative(b))
    return None


def _multiply(a: Value, b: Value) -> Value:
    if isinstance(a, Decimal):
        a, b = b, a
    if not isinstance(b, Decimal):
        return None
    if isinstance(a, LENGTHS):
        return scale(a, b)
    if isinstance(a, YearsMonths):
        return YearsMonths(int(NUMBERS.multiply(Decimal(a.months), b)))
    return None


def _divide(a: Value, b: Value) -> Value:
    if isinstance(a, LENGTHS):
        if isinstance(b, Decimal):
            return share(a, b) if b else _by_zero()
        if isinstance(b, LENGTHS):
            return NUMBERS.divide(Decimal(length_of(a)), Decimal(length_of(b))) if b else _by_zero()
    if isinstance(a, YearsMonths):
        if isinstance(b, Decimal):
            return YearsMonths(int(NUMBERS.divide(Decimal(a.months), b))) if b else _by_zero()
        if isinstance(b, YearsMonths):
            return NUMBERS.divide(Decimal(a.months), Decimal(b.months)) if b.months else _by_zero()
    return None


def _by_zero() -> Any:
    raise Fault("division_by_zero", "除数为零")


_RULES: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
}
