"""Dates from terms: the last lawful day, each day counted or skipped and why, pauses, extension, words and lights.

民法典 200–204: the day of the event is not counted, hours run from the moment, a month without the corresponding day ends on its last
day, a last day that is a rest day moves on where the term says so, and a day ends at 24:00.
"""

from __future__ import annotations

import calendar as months
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from engine.calendar import HOURS, ZONE, Calendar, midnight
from engine.terms import UNIT_WORDS, Term, Unit

DAY = timedelta(days=1)
LIMIT_DAYS = 3700
Pause = tuple[datetime | None, datetime | None, str]
Light = Literal["normal", "soon", "today", "overdue", "paused", "extended", "provisional", "none"]
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day between start and end. `why` is None for a day that is counted for no special reason."""

    date: date
    counted: bool
    why: str | None = None


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
    days: tuple[CountedDay, ...] = ()
    begun, closed = start.astimezone(ZONE), [p for p in pauses if p[0] is not None and p[1] is not None]
    if extension:
        term = replace(term, n=term.n + int(extension["n"]))
    if term.unit is Unit.HOURS:
        stood = sum((_overlap(p, begun) for p in closed), timedelta())
        due_at = begun + timedelta(hours=term.n) + stood
    elif term.unit is Unit.WORKING_HOURS:
        due_at = _working_hours(term, begun, calendar, closed, provisional)
    else:
        last, days = _days(term, begun.date(), calendar, closed, provisional)
        due_at = midnight(last + DAY)
    due = (due_at - timedelta(microseconds=1)).date()
    beyond = term.unit is not Unit.HOURS and any(
        not calendar.knows(y) for y in range(begun.year, due.year + 1)
    )
    return Deadline(term, start, due, due_at, beyond and asks_calendar(term), days, tuple(pauses), extension)


def asks_calendar(term: Term) -> bool:
    """Does the date depend on rest days?"""
    return term.roll or term.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS)


def _overlap(pause: Pause, start: datetime) -> timedelta:
    begun, ended = pause[0], pause[1]
    assert begun is not None
    assert ended is not None
    return max(ended - max(begun, start), timedelta())


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


def _windows(day: date, pauses: Sequence[Pause]) -> list[tuple[datetime, datetime]]:
    """The working hours of a day without what was paused."""
    parts = [(datetime.combine(day, a, ZONE), datetime.combine(day, b, ZONE)) for a, b in HOURS]
    for begun, ended, _ in pauses:
        if begun is not None and ended is not None:
            cut = [((a, min(b, begun)), (max(a, ended), b)) for a, b in parts]
            parts = [piece for pair in cut for piece in pair if piece[0] < piece[1]]
    return sorted(parts)


def _working_hours(
    term: Term, start: datetime, calendar: Calendar, pauses: Sequence[Pause], provisional: bool
) -> datetime:
    left, day = timedelta(hours=term.n), start.date()
    for _ in range(LIMIT_DAYS):
        if calendar.is_working_day(day, provisional):
            for begins, closed in _windows(day, pauses):
                opened = max(begins, start)
                if opened < closed:
                    if closed - opened >= left:
                        return opened + left
                    left -= closed - opened
        day += DAY
    raise OverflowError(f"term {term.key} does not end")


def share(term: Term, start: datetime, calendar: Calendar, part: float) -> datetime:
    """A reminder after a share of the term: the moment for hours, the opening hour of that day for days."""
    return part_of(compute(term, start, calendar, provisional=True), part)


def part_of(deadline: Deadline, part: float) -> datetime:
    """The same of a deadline with its pauses and extension: days that stood still are no part of it."""
    if deadline.term.unit in (Unit.HOURS, Unit.WORKING_HOURS):
        return deadline.start + (deadline.due_at - deadline.start) * part
    counted = [day.date for day in deadline.days if day.counted]
    if not counted:
        return deadline.start
    return opening(counted[min(max(math.ceil(len(counted) * part) - 1, 0), len(counted) - 1)])


def opening(day: date) -> datetime:
    """The first working hour of a day."""
    return datetime.combine(day, HOURS[0][0], ZONE)


def opening_of_due_day(deadline: Deadline) -> datetime:
    return opening(deadline.due)


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
    left = working_days_between(today, due, calendar)
    text = f"剩 {left} 个工作日 · {when}前" if left else f"剩 {(due - today).days} 天 · {when}前"
    if state == "provisional":
        return f"待公布放假安排，暂按 {when}"
    return f"{text}（已延期）" if extended else text


def _late(late: timedelta, due: date, today: date, calendar: Calendar) -> str:
    days = working_days_between(due, today, calendar)
    if late < DAY or not days:
        hours = int(late.total_seconds() // 3600)
        return f"{hours} 小时" if hours else f"{max(int(late.total_seconds() // 60), 1)} 分钟"
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


def sentence(deadline: Deadline) -> str:
    """The receipt in one sentence."""
    term, begun = deadline.term, deadline.start.astimezone(ZONE)
    event = term.start_event or "起算"
    if term.unit in (Unit.HOURS, Unit.WORKING_HOURS):
        due = deadline.due_at.astimezone(ZONE)
        return f"自{_day(begun.date())} {begun:%H:%M}（{event}）起 {term.n} {UNIT_WORDS[term.unit]}，至{_day(due.date())} {due:%H:%M}"
    special = next(
        (d.why for d in deadline.days if d.date == deadline.due and d.why == "make-up working day"), None
    )
    end = f"{_day(deadline.due)}（周{WEEKDAYS[deadline.due.weekday()]}{'，调休上班' if special else ''}）"
    skipped = [day for day in deadline.days if not day.counted]
    text = f"自{_day(begun.date())}（{event}）次日起算 {term.n} {UNIT_WORDS[term.unit]}，至{end}"
    if deadline.extension:
        text += f"，含延长 {deadline.extension['n']} {UNIT_WORDS[term.unit]}"
    if skipped:
        text += f"；不计 {len(skipped)} 天：" + "、".join(_reasons(skipped))
    return text + ("；暂定，待放假安排公布后重新计算" if deadline.provisional else "")


WHY_WORDS = {"weekend": "周末", "rolled over": "顺延", "make-up working day": "调休上班"}


def _reasons(days: Sequence[CountedDay]) -> list[str]:
    """`9月19日周末`, grouped: a whole holiday is named once."""
    shown: dict[str, list[date]] = {}
    for day in days:
        why = day.why or ""
        word = WHY_WORDS.get(why) or why.removeprefix("holiday ").replace(
            "paused supplement", "等待补正"
        ).replace("paused ", "中止：")
        shown.setdefault(word, []).append(day.date)
    return [
        f"{word}（{_day(found[0])}{'等' + str(len(found)) + '天' if len(found) > 1 else ''}）"
        for word, found in shown.items()
    ]


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
