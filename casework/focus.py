"""重点户: the lists a household may stand on, how often it is visited for it, and when the next visit is due. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from engine import deadline
from engine.calendar import ZONE, Calendar, midnight
from engine.deadline import Deadline
from engine.terms import Terms

CATEGORIES: Mapping[str, str] = {
    "elderly_alone": "独居老人",
    "disabled": "残疾人",
    "serious_illness": "重病患者",
    "child_lost": "失独家庭",
    "single_parent": "单亲家庭",
    "child_in_difficulty": "困境儿童",
    "tekun_scattered": "散居特困",
    "marginal": "边缘户",
    "antipoverty_monitored": "防返贫监测对象",
    "other": "其他",
}
"""R19 names the first five; the others are C-46, R5 and R32 (policy.md D.2)."""
MONTHLY, QUARTERLY = "visit.month", "visit.quarter"


def term_of(
    focus: Iterable[str], programmes: Iterable[Mapping[str, Any]], monthly: Iterable[str]
) -> str | None:
    """The term under which a household is visited; None: the quarter's round is enough."""
    lists = set(focus)
    if lists & set(monthly):
        return MONTHLY
    return QUARTERLY if lists or any(programmes) else None


def due(
    term: str | None,
    since: date,
    last_visit: datetime | None,
    terms: Terms,
    calendar: Calendar,
) -> Deadline | None:
    """When the next visit is due by cadence: counted from the last visit, else from the day the list was made."""
    if term is None:
        return None
    start = last_visit or midnight(since)
    found = terms.get(term, start.astimezone(ZONE).date())
    return deadline.compute(found, start, calendar, provisional=True)


def next_day(by_cadence: Deadline | None, asked: date | None) -> date | None:
    """The earlier of the cadence's day and the day the last visitor asked for."""
    days = [day for day in (by_cadence.due if by_cadence else None, asked) if day is not None]
    return min(days, default=None)
