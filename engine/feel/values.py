"""FEEL's values and how Python's values become FEEL values.

| FEEL | Python |
| --- | --- |
| number | `Decimal`, 34 digits (`int` and `float` are converted when they are read) |
| string, boolean, null | `str`, `bool`, `None` |
| date, time, date and time | `date`, `time`, `datetime` (subclasses are kept as they are); `wide.WideDate` … beyond them |
| days and time duration | `timedelta`; `wide.WideLength` beyond it |
| years and months duration | `YearsMonths` |
| range | `Range` |
| list, context | `list`, `dict` with string keys |
| function | `Function` |

Anything else read from a context is null: there is no way from an expression to a Python object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, InvalidOperation, Overflow
from decimal import DivisionByZero as DecimalDivisionByZero
from enum import Enum
from functools import total_ordering
from typing import Any, Final

from .errors import BudgetExceeded
from .limits import MAX_LIST, MAX_NESTING
from .wide import WideDate, WideInstant, WideLength, WideTime

NUMBERS: Final = Context(
    prec=34, Emin=-6143, Emax=6144, traps=[InvalidOperation, Overflow, DecimalDivisionByZero]
)
"""IEEE 754 decimal128, the arithmetic the standard asks for. Faults raise `decimal.DecimalException`."""


@total_ordering
@dataclass(frozen=True, slots=True)
class YearsMonths:
    """A duration of whole months; `months` may be negative."""

    months: int

    def __lt__(self, other: YearsMonths) -> bool:
        return self.months < other.months

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        body = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if self.months < 0 else ''}P{body}"


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """An interval. `None` as a bound means unbounded on that side (then the flag of that side is false)."""

    low: Any
    high: Any
    low_included: bool = True
    high_included: bool = True
    sign: str = ""
    """`=` for the range of `= x`, the one point `low`; `!=` for everything but that point."""

    @property
    def excluded(self) -> bool:
        """True for the range of `!= x`."""
        return self.sign == "!="


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function written in FEEL (or a knowledge model). `call` takes one value per parameter."""

    parameters: tuple[str, ...]
    call: Callable[..., Any]
    types: tuple[Any, ...] = ()
    result: Any = None
    """The type the result is made to fit."""
    gives: Any = None
    """The type the result has by what is written, which nothing is made to fit."""
    name: str = field(default="function")


Value = Any
"""Any of the Python types in the table above; mypy has no closed recursive union worth its noise here."""

AS_IS: Final = frozenset(
    {
        Decimal, str, bool, type(None), dict, date, datetime, timedelta, YearsMonths, Range, time,
        WideDate, WideInstant, WideTime, WideLength,
    }
)  # fmt: skip
"""Types a read value may have without being looked at further."""

_SCALARS: Final = AS_IS - {dict}


def to_feel(value: object, depth: int = 0) -> Value:
    """The FEEL value of a Python value. Lists are converted to the bottom, contexts entry by entry when read."""
    kind = type(value)
    if kind in AS_IS:
        return value
    if depth > MAX_NESTING:
        raise BudgetExceeded
    if isinstance(value, (list, tuple)):
        return _to_list(value, depth)
    if isinstance(value, (date, time, timedelta, Function, Decimal)):
        return value
    if isinstance(value, Enum):
        return to_feel(value.value, depth + 1)
    if isinstance(value, int):
        return NUMBERS.create_decimal(value)
    if isinstance(value, float):
        number = NUMBERS.create_decimal(repr(value))
        return number if number.is_finite() else None
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return dict(value)
    return None


def _to_list(values: Sequence[object], depth: int) -> list[Value]:
    if len(values) > MAX_LIST:
        raise BudgetExceeded
    if type(values) is list and AS_IS.issuperset(map(type, values)):
        return values
    return [v if type(v) in AS_IS else to_feel(v, depth + 1) for v in values]


def entry(context: Mapping[str, object], key: str) -> Value:
    """The FEEL value of a context entry, null if there is none."""
    value = context.get(key)
    return value if type(value) in AS_IS else to_feel(value)


def entries(context: Mapping[str, object]) -> dict[str, Value]:
    """A context with every entry read."""
    return {k: v if type(v) in AS_IS else to_feel(v) for k, v in context.items()}


def settle(value: Value, spend: Callable[[int], None], depth: int = 0) -> Value:
    """A result, converted to the bottom: what an evaluation hands out holds FEEL values only.

    `spend` is charged per element, since a small expression can build a list that shares its parts a million times.
    """
    if type(value) is list:
        if depth > MAX_NESTING:
            raise BudgetExceeded
        spend(len(value))
        return [v if type(v) in _SCALARS else settle(v, spend, depth + 1) for v in value]
    if type(value) is dict:
        if depth > MAX_NESTING:
            raise BudgetExceeded
        spend(len(value))
        return {k: v if type(v) in _SCALARS else settle(v, spend, depth + 1) for k, v in value.items()}
    read = to_feel(value)
    return settle(read, spend, depth + 1) if read is not value and type(read) in (list, dict) else read


KIND_WORDS: Final = {
    "number": "数字",
    "string": "文本",
    "boolean": "是否值",
    "date": "日期",
    "time": "时间",
    "date and time": "日期时间",
    "days and time duration": "时长",
    "years and months duration": "年月时长",
    "list": "列表",
    "context": "上下文",
    "range": "区间",
    "function": "函数",
    "Null": "空值",
}


def kind_of(value: Value) -> str:
    """The name of a value's FEEL type, without its inner types."""
    fixed = _KINDS.get(type(value))
    if fixed is not None:
        return fixed
    for base, name in _BASES:
        if isinstance(value, base):
            return name
    return "Any"


_KINDS: Final = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    type(None): "Null",
    datetime: "date and time",
    date: "date",
    time: "time",
    timedelta: "days and time duration",
    WideInstant: "date and time",
    WideDate: "date",
    WideTime: "time",
    WideLength: "days and time duration",
    YearsMonths: "years and months duration",
    Range: "range",
    list: "list",
    dict: "context",
}
_BASES: Final[tuple[tuple[type, str], ...]] = (
    (datetime, "date and time"),
    (date, "date"),
    (time, "time"),
    (timedelta, "days and time duration"),
    (Decimal, "number"),
    (Function, "function"),
)


def word(value: Value) -> str:
    """A value's type in the user's words."""
    kind = kind_of(value)
    return KIND_WORDS.get(kind, kind)
