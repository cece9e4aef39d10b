"""Dates from terms: the last lawful day, each day counted or skipped and why, pauses, extension, words and lights.

民法典 200–204: the day of the event is not counted, hours run from the moment, a month without the corresponding day ends on its last
day, a last day that is a rest day moves on where the term says so, and a day ends at 24:00.
"""

from __future__ import annotations

import calendar as months
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from engine.calendar import ZONE, Calendar, midnight
from engine.terms import HOURLY, Term, Unit

DAY = timedelta(days=1)
LIMIT_DAYS = 3700
Pause = tuple[datetime | None, datetime | None, str]
Span = tuple[datetime, datetime]
Light = Literal["normal", "soon", "today", "overdue", "paused", "extended", "provisional", "none"]


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day between start and end. `why` is None for a day that is counted for no special reason.

    `spans`: what of the day was counted, for a term in hours.
    """

    date: date
    counted: bool
    why: str | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due`: the last lawful day; `due_at`: the exclusive end (for hours the instant)."""

    term: Term
    start: datetime
    due: date
    due_at: datetime
    provisional: bool
    days: tuple[CountedDay, ...] = ()
    pauses: tuple[Pause, ...] = ()
    extension: Mapping[str, Any] | None = None
    calendar: Calendar = field(default_factory=Calendar, repr=False, compare=False)

    @property
    def spans(self) -> list[Span]:
        """What was counted of a term in hours, piece by piece."""
        return [span for day in self.days for span in day.spans]

    @property
    def citation(self) -> str | None:
        return self.term.citation


def compute(
    term: Term,
    start: datetime,
    calendar: Calendar,
    *,
    provisional: bool = False,
    pauses: Sequence[Pause] = (),
    extension: Mapping[str, Any] | None = None,
) -> Deadline:
    """The date of a term that began at `start` (aware).

    `pauses`: (from, to, reason); one that is still open has consumed nothing yet. `extension`: {"n": …} more units.
    Raises CalendarMissing where working days of an unknown year are needed and no provisional date is wanted.
    """
    days: tuple[CountedDay, ...]
    begun, closed = start.astimezone(ZONE), [p for p in pauses if p[0] is not None and p[1] is not None]
    if extension:
        term = replace(term, n=term.n + int(extension["n"]))
    if term.unit in HOURLY:
        due_at, days = _hours(term, begun, calendar, closed, provisional)
    else:
        last, days = _days(term, begun.date(), calendar, closed, provisional)
        due_at = midnight(last + DAY)
    due = _last_day(due_at)
    beyond = term.unit is not Unit.HOURS and any(
        not calendar.knows(y) for y in range(begun.year, due.year + 1)
    )
    provisional = beyond and asks_calendar(term)
    return Deadline(term, start, due, due_at, provisional, days, tuple(pauses), extension, calendar)


def asks_calendar(term: Term) -> bool:
    """Does the date depend on rest days?"""
    return term.roll or term.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS)


def _paused(day: date, pauses: Sequence[Pause]) -> str | None:
    """The reason a day does not count: like every period, a pause does not count its first day and counts its last."""
    for begun, ended, reason in pauses:
        if (
            begun is not None
            and ended is not None
            and begun.astimezone(ZONE).date() < day <= ended.astimezone(ZONE).date()
        ):
            return f"paused {reason}"
    return None


def _days(
    term: Term, first: date, calendar: Calendar, pauses: Sequence[Pause], provisional: bool
) -> tuple[date, tuple[CountedDay, ...]]:
    """The last day of a term in days or months, with the receipt of every day."""
    day = first if term.start == "next_day" else first - DAY
    days: list[CountedDay] = []
    left = term.n if term.unit is not Unit.MONTHS else (add_months(first, term.n) - first).days
    while left > 0:
        day += DAY
        if len(days) > LIMIT_DAYS:
            raise OverflowError(f"term {term.key} does not end")
        paused = _paused(day, pauses)
        why = calendar.why(day, provisional) if term.unit is Unit.WORKING_DAYS else None
        counted = paused is None and (
            term.unit is not Unit.WORKING_DAYS or calendar.is_working_day(day, provisional)
        )
        days.append(CountedDay(day, counted, paused or why))
        left -= counted
    if term.roll:
        while not calendar.is_working_day(day, provisional):
            days[-1] = replace(days[-1], why=days[-1].why or calendar.why(day, provisional))
            day += DAY
            days.append(CountedDay(day, False, calendar.why(day, provisional) or "rolled over"))
    return day, tuple(days)


def add_months(day: date, n: int) -> date:
    """The corresponding day n months on, or the month's last day."""
    year, month = divmod(day.month - 1 + n, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, months.monthrange(year, month)[1]))


def _open(term: Term, start: datetime, calendar: Calendar, provisional: bool) -> Iterator[Span]:
    """When the time of a term in hours runs, day by day from its start: always, or in the working hours of working days."""
    for n in range(LIMIT_DAYS):
        day = start.date() + n * DAY
        if term.unit is Unit.HOURS:
            yield max(midnight(day), start), midnight(day + DAY)
        elif calendar.is_working_day(day, provisional):
            for opens, closes in term.hours:
                begins, ends = datetime.combine(day, opens, ZONE), datetime.combine(day, closes, ZONE)
                if ends > start:
                    yield max(begins, start), ends


def _without(span: Span, pauses: Sequence[Pause]) -> list[Span]:
    """A span without what was paused of it. Pauses that overlap take their time once."""
    parts = [span]
    for begun, ended, _ in pauses:
        if begun is not None and ended is not None:
            cut = [((a, min(b, begun)), (max(a, ended), b)) for a, b in parts]
            parts = [piece for pair in cut for piece in pair if piece[0] < piece[1]]
    return sorted(parts)


def _hours(
    term: Term, start: datetime, calendar: Calendar, pauses: Sequence[Pause], provisional: bool
) -> tuple[datetime, tuple[CountedDay, ...]]:
    """The instant a term in hours ends, with what was counted of every day."""
    left, at, counted = timedelta(hours=term.n), start, dict[date, list[Span]]()
    pauses = [(a.astimezone(ZONE), b.astimezone(ZONE), why) for a, b, why in pauses if a and b]
    for opened in _open(term, start, calendar, provisional) if left else ():
        for begins, ends in _without(opened, pauses):
            at = min(ends, begins + left)
            left -= at - begins
            counted.setdefault(begins.date(), []).append((begins, at))
            if not left:
                break
        if not left:
            break
    if left:
        raise OverflowError(f"term {term.key} does not end")
    days = []
    for n in range((at.date() - start.date()).days + 1):
        day = start.date() + n * DAY
        why = calendar.why(day, provisional) if term.unit is Unit.WORKING_HOURS else None
        if day not in counted:
            why = why or next(
                (f"paused {reason}" for a, b, reason in pauses if a and b and a.date() <= day <= b.date()),
                None,
            )
        days.append(CountedDay(day, day in counted, why, tuple(counted.get(day, ()))))
    return at, tuple(days if days[-1].counted or len(days) == 1 else days[:-1])


def share(term: Term, start: datetime, calendar: Calendar, part: float) -> datetime:
    """A reminder after a share of the term: the moment for hours, the opening hour of that day for days."""
    return part_of(compute(term, start, calendar, provisional=True), part)


def part_of(deadline: Deadline, part: float) -> datetime:
    """The same of a deadline with its pauses and extension: time that stood still is no part of it."""
    if deadline.term.unit in HOURLY:
        left = sum((b - a for a, b in deadline.spans), timedelta()) * part
        for begins, ends in deadline.spans:
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
        return deadline.due_at
    counted = [day.date for day in deadline.days if day.counted]
    if not counted:
        return deadline.start
    return opening(deadline, counted[min(max(math.ceil(len(counted) * part) - 1, 0), len(counted) - 1)])


def second_period(deadline: Deadline) -> datetime:
    """When the same term, counted once more from its end, has run out: without the pauses of the first, on its own days."""
    term = deadline.term
    if term.unit in HOURLY:
        begins = deadline.due_at
    else:
        begins = midnight(deadline.due if term.start == "next_day" else deadline.due + DAY)
    return compute(term, begins, deadline.calendar, provisional=True).due_at


def opening(deadline: Deadline, day: date) -> datetime:
    """The first working hour of a day."""
    return datetime.combine(day, deadline.term.hours[0][0], ZONE)


def opening_of_due_day(deadline: Deadline) -> datetime:
    return opening(deadline, deadline.due)


# ------------------------------------------------------------------------------------------ words and lights
def working_days_between(first: date, last: date, calendar: Calendar) -> int:
    """Working days after `first` up to and including `last` (provisional years as well as they are known)."""
    day, count = first, 0
    while day < last:
        day += DAY
        count += calendar.is_working_day(day, provisional=True)
    return count


def light(
    due_at: datetime,
    now: datetime,
    calendar: Calendar,
    *,
    provisional: bool = False,
    paused: bool = False,
    extended: bool = False,
) -> Light:
    """The state of a deadline: paused, overdue, today, soon (at most two working days), then the quiet ones."""
    today, due = now.astimezone(ZONE).date(), _last_day(due_at)
    if paused:
        return "paused"
    if now >= due_at:
        return "overdue"
    if due <= today:
        return "today"
    if working_days_between(today, due, calendar) <= 2:
        return "soon"
    if provisional:
        return "provisional"
    return "extended" if extended else "normal"


def words(
    due_at: datetime,
    now: datetime,
    calendar: Calendar,
    *,
    provisional: bool = False,
    paused: bool = False,
    extended: bool = False,
) -> str:
    """What stands beside the light, always: 「剩 6 个工作日 · 10月15日前」."""
    state = light(due_at, now, calendar, provisional=provisional, paused=paused, extended=extended)
    today, due = now.astimezone(ZONE).date(), _last_day(due_at)
    when = _when(due_at, due, today)
    if state == "paused":
        return f"已中止计时 · 原定 {when}"
    if state == "overdue":
        return f"已超 {_late(now - due_at, due, today, calendar)}"
    if state == "today":
        return f"今日到期 · {when}前" if _is_hour(due_at) else "今日到期"
    text = f"剩 {_left(due_at, now, calendar)} · {when}前"
    if state == "provisional":
        return f"待公布放假安排，暂按 {when}"
    return f"{text}（已延期）" if extended else text


def opens_words(due_at: datetime, now: datetime, *, provisional: bool = False, paused: bool = False) -> str:
    """The same of a term that must run out first: from when something may be done, 「2月24日起可办（还有 54 天）」."""
    opens, today = due_at.astimezone(ZONE), now.astimezone(ZONE).date()
    when = f"{_when(due_at, opens.date(), today)}起可办"
    if paused:
        return f"已中止计时 · 原定 {when}"
    if provisional:
        return f"待公布放假安排，暂按 {when}"
    days = (opens.date() - today).days
    return f"{when}（还有 {days} 天）" if days > 0 else when


def _left(due_at: datetime, now: datetime, calendar: Calendar) -> str:
    """What is left: an instant less than a day away in hours or minutes, all else in days."""
    if _is_hour(due_at) and due_at - now < DAY:
        return _hours_words(due_at - now)
    today, due = now.astimezone(ZONE).date(), _last_day(due_at)
    days = working_days_between(today, due, calendar)
    return f"{days} 个工作日" if days else f"{(due - today).days} 天"


def _hours_words(length: timedelta) -> str:
    hours = int(length.total_seconds() // 3600)
    return f"{hours} 小时" if hours else f"{max(int(length.total_seconds() // 60), 1)} 分钟"


def _late(late: timedelta, due: date, today: date, calendar: Calendar) -> str:
    days = working_days_between(due, today, calendar)
    if late < DAY or not days:
        return _hours_words(late)
    return f"{days} 个工作日"


def _last_day(due_at: datetime) -> date:
    return (due_at.astimezone(ZONE) - timedelta(microseconds=1)).date()


def _is_hour(due_at: datetime) -> bool:
    local = due_at.astimezone(ZONE)
    return (local.hour, local.minute) != (0, 0)


def last_words(due_at: datetime, now: datetime) -> str:
    """The last lawful day (or instant) as people say it: 「10月15日」, 「10月15日 16:30」."""
    return _when(due_at, _last_day(due_at), now.astimezone(ZONE).date())


def _when(due_at: datetime, due: date, today: date) -> str:
    year = "" if due.year == today.year else f"{due.year}年"
    hour = f" {due_at.astimezone(ZONE):%H:%M}" if _is_hour(due_at) else ""
    return f"{year}{due.month}月{due.day}日{hour}"
