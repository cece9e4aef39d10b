"""Days and months in an address: written as people write them, within the years the books can reckon with."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from engine.errors import Field, Invalid

FIRST, LAST = 1900, 2199
"""Beyond these a year is mistyped, and nothing can be counted from it or up to it."""
BOUNDS = f"年份须在 {FIRST} 至 {LAST} 之间"


def _held(day: date) -> date:
    if not FIRST <= day.year <= LAST:
        raise PydanticCustomError("year_out_of_range", BOUNDS)
    return day


Day = Annotated[date, AfterValidator(_held)]
From = Annotated[Day | None, Query(alias="from")]
"""The first day of a period; `to`, the last, is a `Day`."""


def month(text: str) -> date:
    """The first day of `2026-09` (a day of it will do). Raises Invalid that says how a month is written."""
    try:
        first = date.fromisoformat(f"{text[:7]}-01")
    except ValueError as error:
        words = "月份须写作 2026-09"
        raise Invalid(f"{words}。", "A month looks like 2026-09.", fields=[Field("month", words)]) from error
    if not FIRST <= first.year <= LAST:
        words = f"月份的{BOUNDS}"
        raise Invalid(f"{words}。", f"The year is not within {FIRST}–{LAST}.", fields=[Field("month", words)])
    return first
