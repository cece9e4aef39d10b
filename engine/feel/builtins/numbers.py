"""Numeric functions: the rounding family, modulo, roots and logarithms."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DecimalException,
)
from typing import Final

from engine.feel.errors import Fault
from engine.feel.values import NUMBERS

from .registry import Declaration, declare, functions

_EXACT: Final = Context(prec=6200, Emin=-9999, Emax=9999)
"""Room for the intermediate result of a rounding: a 34-digit number with any number of places."""


def rounded(mode: str) -> Callable[..., Decimal]:
    """A rounding to a number of decimal places (negative: to tens, hundreds …)."""

    def run(number: Decimal, scale: Decimal | None = None) -> Decimal:
        places = 0 if scale is None else int(scale)
        if not -6111 <= places <= 6176:
            raise Fault("arguments", "小数位数超出范围")
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -places:
            return number
        result = number.quantize(Decimal(1).scaleb(-places, _EXACT), mode, _EXACT)
        return NUMBERS.plus(result)

    return run


def _modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """`dividend - divisor * floor(dividend / divisor)`: the sign of the divisor."""
    if divisor == 0:
        raise Fault("division_by_zero", "除数为零")
    try:
        rest = NUMBERS.remainder(dividend, divisor)
    except DecimalException:
        raise Fault("overflow", "数字超出范围") from None
    return rest + divisor if rest and (rest < 0) != (divisor < 0) else rest


def _guarded(function: Callable[[Decimal], Decimal]) -> Callable[[Decimal], Decimal]:
    def run(number: Decimal) -> Decimal:
        try:
            result = function(number)
        except (DecimalException, OverflowError):
            raise Fault("overflow", "没有实数结果") from None
        if not result.is_finite():
            raise Fault("overflow", "没有实数结果")
        return result

    return run


def _parity(even: bool) -> Callable[[Decimal], bool]:
    def run(number: Decimal) -> bool:
        if number != number.to_integral_value():
            return False
        return (NUMBERS.remainder(number.to_integral_value(), Decimal(2)) == 0) is even

    return run


def _absolute() -> list[Declaration]:
    return [declare("n: number", abs), declare("n: duration", abs), declare("n: months", _absolute_months)]


def _absolute_months(value: object) -> object:
    months = value.months  # type: ignore[attr-defined]
    return type(value)(abs(months))  # type: ignore[call-arg]


def _optional_scale(mode: str) -> list[Declaration]:
    return [declare("n: number, scale: number?", rounded(mode))]


def _with_scale(mode: str) -> list[Declaration]:
    return [declare("n: number, scale: number", rounded(mode))]


FUNCTIONS = functions(
    decimal=_with_scale(ROUND_HALF_EVEN),
    floor=_optional_scale(ROUND_FLOOR),
    ceiling=_optional_scale(ROUND_CEILING),
    round_up=_with_scale(ROUND_UP),
    round_down=_with_scale(ROUND_DOWN),
    round_half_up=_with_scale(ROUND_HALF_UP),
    round_half_down=_with_scale(ROUND_HALF_DOWN),
    abs=_absolute(),
    modulo=[declare("dividend: number, divisor: number", _modulo)],
    sqrt=[declare("number: number", _guarded(NUMBERS.sqrt))],
    log=[declare("number: number", _guarded(NUMBERS.ln))],
    exp=[declare("number: number", _guarded(NUMBERS.exp))],
    odd=[declare("number: number", _parity(even=False))],
    even=[declare("number: number", _parity(even=True))],
)
