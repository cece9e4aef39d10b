"""Calendar functions. None asks a clock: `now()` and `today()` come from the host, which knows the case's time."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from engine.feel.spans import month_end, week, weekday, year_day

from .registry import declare, functions

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


FUNCTIONS = functions(
    day_of_year=[declare("date: date", lambda day: Decimal(year_day(day)))],
    day_of_week=[declare("date: date", lambda day: _DAYS[weekday(day) - 1])],
    month_of_year=[declare("date: date", lambda day: _MONTHS[day.month - 1])],
    week_of_year=[declare("date: date", lambda day: Decimal(week(day)))],
    last_day_of_month=[declare("date: date", month_end)],
)
