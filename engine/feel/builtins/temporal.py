"""Calendar functions. None asks a clock: `now()` and `today()` come from the host, which knows the case's time."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Final

from .registry import declare, functions

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _last_day(day: date) -> date:
    return date(day.year, day.month, monthrange(day.year, day.month)[1])


FUNCTIONS = functions(
    day_of_year=[declare("date: date", lambda day: Decimal(day.timetuple().tm_yday))],
    day_of_week=[declare("date: date", lambda day: _DAYS[day.weekday()])],
    month_of_year=[declare("date: date", lambda day: _MONTHS[day.month - 1])],
    week_of_year=[declare("date: date", lambda day: Decimal(day.isocalendar().week))],
    last_day_of_month=[declare("date: date", _last_day)],
)
