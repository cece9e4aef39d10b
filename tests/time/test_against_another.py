"""Legal time against a second implementation that shares no line with ours: it walks days (and minutes) one by one, and takes
its working days from the published arrangements as another library has them.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import ZONE, load_calendar
from engine.deadline import compute, part_of
from engine.terms import Term, Unit
from tests.conftest import PROCESSES

CALENDAR = load_calendar(PROCESSES / "calendars")
DAY = timedelta(days=1)
STARTS = st.dates(date(2024, 1, 1), date(2026, 6, 30))
PAUSES = st.lists(st.tuples(st.integers(-3, 60), st.integers(0, 20)), max_size=3)
"""Days after the start, and how long."""


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)


def another(
    start: date, n: int, counts: Callable[[date], bool], pauses: list[tuple[date, date]], *, roll: bool
) -> date:
    """The n-th day after `start` that counts and in which nothing stood still; on a rest day the next working day."""
    day, seen = start, 0
    while seen < n:
        day += DAY
        stood = any(begun < day <= ended for begun, ended in pauses)
        seen += 1 if counts(day) and not stood else 0
    while roll and not chinese_calendar.is_workday(day):
        day += DAY
    return day


def placed(start: date, drawn: list[tuple[int, int]]) -> list[tuple[date, date]]:
    return [(start + DAY * after, start + DAY * (after + long)) for after, long in drawn]


@settings(max_examples=200, deadline=None)
@given(
    start=STARTS,
    n=st.integers(1, 60),
    more=st.integers(0, 20),
    drawn=PAUSES,
    roll=st.booleans(),
    working=st.booleans(),
)
def test_days_over_pauses_holidays_and_extensions(
    start: date, n: int, more: int, drawn: list[tuple[int, int]], roll: bool, working: bool
) -> None:
    pauses = placed(start, drawn)
    counts = chinese_calendar.is_workday if working else lambda _day: True
    term = Term("x", n, Unit.WORKING_DAYS if working else Unit.CALENDAR_DAYS, roll=roll)
    found = compute(
        term,
        noon(start),
        CALENDAR,
        pauses=[(noon(a), noon(b), "supplement") for a, b in pauses],
        extension={"n": more} if more else None,
    )
    assert found.due == another(start, n + more, counts, pauses, roll=roll)
    assert sum(day.counted for day in found.days) == n + more


@pytest.mark.parametrize(
    "start", ["2026-02-14", "2026-02-28", "2026-09-20", "2026-10-10", "2024-02-29", "2025-09-28"]
)
def test_a_term_that_begins_on_a_make_up_day_or_ends_around_one(start: str) -> None:
    for n in range(1, 40):
        found = compute(Term("x", n, Unit.WORKING_DAYS), noon(date.fromisoformat(start)), CALENDAR)
        assert found.due == another(date.fromisoformat(start), n, chinese_calendar.is_workday, [], roll=False)


@given(start=STARTS, n=st.integers(1, 60), drawn=PAUSES)
@settings(max_examples=100, deadline=None)
def test_extended_on_its_last_day_it_ends_where_a_longer_term_would(
    start: date, n: int, drawn: list[tuple[int, int]]
) -> None:
    pauses = [(noon(a), noon(b), "supplement") for a, b in placed(start, drawn)]
    term = Term("x", n, Unit.WORKING_DAYS)
    longer = compute(replace(term, n=n + 5), noon(start), CALENDAR, pauses=pauses)
    extended = compute(term, noon(start), CALENDAR, pauses=pauses, extension={"n": 5})
    assert (extended.due, extended.days) == (longer.due, longer.days)
    first = compute(term, noon(start), CALENDAR, pauses=pauses)
    assert extended.days[: len(first.days)] == first.days


@given(start=st.dates(date(2023, 1, 1), date(2030, 1, 1)), n=st.integers(1, 24))
@settings(deadline=None)
def test_months_end_on_the_corresponding_day_or_the_last(start: date, n: int) -> None:
    year, month = start.year, start.month
    for _ in range(n):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    day = min(start.day, months.monthrange(year, month)[1])
    assert compute(Term("x", n, Unit.MONTHS), noon(start), CALENDAR).due == date(year, month, day)


@settings(max_examples=40, deadline=None)
@given(
    start=st.datetimes(datetime(2026, 9, 14), datetime(2026, 10, 12)),
    n=st.integers(1, 12),
    drawn=st.lists(st.tuples(st.integers(-120, 3_000), st.integers(0, 2_000)), max_size=2),
)
def test_working_hours_minute_by_minute(start: datetime, n: int, drawn: list[tuple[int, int]]) -> None:
    begun = start.replace(second=0, microsecond=0, tzinfo=ZONE)
    minute = timedelta(minutes=1)
    pauses = [(begun + minute * a, begun + minute * (a + b)) for a, b in drawn]
    found = compute(
        Term("x", n, Unit.WORKING_HOURS, start="moment"),
        begun,
        CALENDAR,
        pauses=[(a, b, "supplement") for a, b in pauses],
    )
    at, seen = begun, 0
    while seen < n * 60:
        clock = at.hour * 60 + at.minute
        open_ = 510 <= clock < 720 or 810 <= clock < 1050
        stood = any(a <= at < b for a, b in pauses)
        seen += 1 if open_ and not stood and chinese_calendar.is_workday(at.date()) else 0
        at += minute
    assert found.due_at == at


def test_a_reminder_leaves_out_what_stood_still() -> None:
    start = noon(date(2026, 9, 14))
    term = Term("x", 10, Unit.WORKING_DAYS)
    paused = compute(term, start, CALENDAR, pauses=[(start, start + 4 * DAY, "supplement")])
    assert part_of(compute(term, start, CALENDAR), 0.5).date() == date(2026, 9, 20)
    assert part_of(paused, 0.5).date() == date(2026, 9, 24)
