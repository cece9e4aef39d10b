"""FEEL values as JSON: plain Python values for any encoder, or JSON text with every digit kept."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from json import dumps
from typing import Any

from .text import number_text, text_of
from .values import Function, Value, to_feel


def to_json(value: Value) -> Any:
    """A value made of dict, list, str, int, float, bool and None.

    A whole number becomes an int. A fraction becomes the nearest float – whose shortest text is the decimal's own
    text as long as that has at most 15 significant digits; beyond that use `json_text`, which keeps all 34.
    Dates, times and durations become ISO 8601 text, ranges FEEL text (`[1..5)`), functions null.
    """
    read = to_feel(value)
    if isinstance(read, Decimal):
        return int(read) if read == read.to_integral_value() and abs(read) < 10**40 else float(read)
    if read is None or isinstance(read, (str, bool)):
        return read
    if isinstance(read, list):
        return [to_json(v) for v in read]
    if isinstance(read, Mapping):
        return {str(k): to_json(v) for k, v in read.items()}
    return None if isinstance(read, Function) else text_of(read, _free)


def json_text(value: Value) -> str:
    """One JSON document of any length with exact numbers; accepts what `to_json` accepts and plain Python values."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join([json_text(v) for v in value]) + "]"
    if isinstance(value, Mapping):
        entries = [f"{dumps(str(k), ensure_ascii=False)}: {json_text(v)}" for k, v in value.items()]
        return "{" + ", ".join(entries) + "}"
    read = to_feel(value)
    return number_text(read) if isinstance(read, Decimal) else dumps(to_json(read), ensure_ascii=False)


def _free(_: int) -> None:
    """Values handed out were counted when they were made."""
