"""Functions over lists of numbers or booleans: each takes one list or any number of arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal, DecimalException

from engine.feel.compare import both, either, ranked
from engine.feel.errors import Fault
from engine.feel.values import NUMBERS, Value

from .registry import Declaration, declare, functions


def _numbers(items: list[Value]) -> list[Decimal]:
    if not all(isinstance(item, Decimal) for item in items):
        raise Fault("type", "列表里应都是数字")
    return items


def _extreme(sign: int) -> Callable[[list[Value]], Value]:
    def run(items: list[Value]) -> Value:
        if not items:
            raise Fault("arguments", "列表为空")
        best = items[0]
        if ranked(best, best) is None:
            raise Fault("type", "列表里有不能比较的值")
        for item in items[1:]:
            pair = ranked(item, best)
            if pair is None:
                raise Fault("type", "列表里有不能比较的值")
            if (pair[0] > pair[1]) - (pair[0] < pair[1]) == sign:
                best = item
        return best

    return run


def total(items: list[Value]) -> Decimal:
    """The sum of numbers; raises `Fault` for an empty list and anything else."""
    if not items:
        raise Fault("arguments", "列表为空")
    result = Decimal(0)
    for number in _numbers(items):
        result = NUMBERS.add(result, number)
    return result


def _product(items: list[Value]) -> Decimal:
    if not items:
        raise Fault("arguments", "列表为空")
    result = Decimal(1)
    for number in _numbers(items):
        result = NUMBERS.multiply(result, number)
    return result


def _mean(items: list[Value]) -> Decimal:
    return NUMBERS.divide(total(items), Decimal(len(items)))


def _median(items: list[Value]) -> Decimal:
    if not items:
        raise Fault("arguments", "列表为空")
    ordered = sorted(_numbers(items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2))


def _deviation(items: list[Value]) -> Decimal:
    """The deviation of a sample: divided by one less than the count."""
    if len(items) < 2:
        raise Fault("arguments", "至少需要两个数字")
    mean = _mean(items)
    squares = Decimal(0)
    for number in items:
        distance = NUMBERS.subtract(number, mean)
        squares = NUMBERS.add(squares, NUMBERS.multiply(distance, distance))
    return NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(items) - 1)))


def _mode(items: list[Value]) -> list[Value]:
    counts = Counter(_numbers(items))
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)


def _all(items: list[Value]) -> bool | None:
    result: bool | None = True
    for item in items:
        result = both(result, item if isinstance(item, bool) else None)
    return result


def _any(items: list[Value]) -> bool | None:
    result: bool | None = False
    for item in items:
        result = either(result, item if isinstance(item, bool) else None)
    return result


def _guarded(body: Callable[[list[Value]], Value]) -> Callable[[list[Value]], Value]:
    def run(items: list[Value]) -> Value:
        try:
            return body(items)
        except DecimalException:
            raise Fault("overflow", "数字超出范围") from None

    return run


def _over(body: Callable[[list[Value]], Value]) -> list[Declaration]:
    guarded = _guarded(body)
    return [declare("list: list", guarded), declare("n: any...", guarded)]


FUNCTIONS = functions(
    min=_over(_extreme(-1)),
    max=_over(_extreme(1)),
    sum=_over(total),
    product=_over(_product),
    mean=_over(_mean),
    median=_over(_median),
    stddev=_over(_deviation),
    mode=_over(_mode),
    all=_over(_all),
    any=_over(_any),
)
