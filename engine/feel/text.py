"""Values as text: what `string(…)` gives, and FEEL text that reads back as the same value."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from .errors import BudgetExceeded
from .limits import MAX_NESTING
from .temporal import date_text, date_time_text, duration_text, time_text
from .values import Function, Range, Value, YearsMonths, entry
from .wide import CLOCKS, DAYS, INSTANTS, LENGTHS


def number_text(value: Decimal) -> str:
    """A number without exponent and without trailing zeros: `1200`, `0.5`."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def text_of(value: Value, spend: Callable[[int], None], quoted: bool = False, depth: int = 0) -> str:
    """A value's text; strings inside lists and contexts are `quoted`. `spend` is charged per element."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if quoted else value
    if isinstance(value, Decimal):
        return number_text(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    simple = _temporal_text(value)
    if simple is not None:
        return simple
    spend(8)
    if depth > MAX_NESTING:
        raise BudgetExceeded
    if isinstance(value, list):
        return "[" + ", ".join(text_of(v, spend, True, depth + 1) for v in value) + "]"
    if isinstance(value, dict):
        inner = (f"{_key_text(k)}: {text_of(entry(value, k), spend, True, depth + 1)}" for k in value)
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, Range):
        return _range_text(value, spend, depth)
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters)})"
    return "null"


def literal(value: Value) -> str | None:
    """FEEL text of a date, time, duration or range, which reads back as the very same value; None for anything else."""
    if isinstance(value, Range):
        return _range_text(value, lambda _: None, 0)
    text = _temporal_text(value)
    return None if text is None else f'@"{text}"'


def _temporal_text(value: Value) -> str | None:
    if isinstance(value, INSTANTS):
        return date_time_text(value)
    if isinstance(value, DAYS):
        return date_text(value)
    if isinstance(value, CLOCKS):
        return time_text(value)
    if isinstance(value, LENGTHS):
        return duration_text(value)
    return str(value) if isinstance(value, YearsMonths) else None


def _key_text(key: str) -> str:
    return key if key.replace(" ", "_").isidentifier() else '"' + key.replace('"', '\\"') + '"'


def _range_text(value: Range, spend: Callable[[int], None], depth: int) -> str:
    def bound(side: Value) -> str:
        text = _temporal_text(side)
        return text_of(side, spend, True, depth + 1) if text is None else f'@"{text}"'

    if value.sign:
        return f"({value.sign}{bound(value.low)})"
    if value.low is None:
        return f"({'<=' if value.high_included else '<'}{bound(value.high)})"
    if value.high is None:
        return f"({'>=' if value.low_included else '>'}{bound(value.low)})"
    opening, closing = "[" if value.low_included else "(", "]" if value.high_included else ")"
    return f"{opening}{bound(value.low)}..{bound(value.high)}{closing}"
