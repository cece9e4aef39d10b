"""The receipt of a date in one sentence: from when, how long, what was counted and what not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from engine.calendar import ZONE, by_day
from engine.deadline import CountedDay, Deadline
from engine.terms import HOURLY, PAUSES, UNIT_WORDS, Term, Unit

WEEKDAYS = "一二三四五六日"
WHY_WORDS = {"weekend": "周末", "rolled over": "顺延", "make-up working day": "调休上班"}
SPANS = 4
"""So many pieces of working time are named one by one; the days of the receipt have the rest."""


def sentence(deadline: Deadline) -> str:
    """The receipt in one sentence. The first date names its year, later ones theirs where it is another."""
    term, year = deadline.term, deadline.start.astimezone(ZONE).year
    text = _from(deadline) + f"{term.n} {UNIT_WORDS[term.unit]}，至{_end(deadline, year)}"
    if deadline.extension:
        text += f"，含延长 {deadline.extension['n']} {UNIT_WORDS[term.unit]}"
    if term.unit is Unit.WORKING_HOURS and 1 < len(deadline.spans) <= SPANS:
        text += "；计入" + "、".join(f"{_day(a.date(), year)} {a:%H:%M}–{b:%H:%M}" for a, b in deadline.spans)
    skipped = [day for day in deadline.days if not day.counted]
    if term.unit in HOURLY:
        text += _stood(deadline, year)
        skipped = [day for day in skipped if not (day.why or "").startswith("paused ")]
    if skipped:
        text += f"；不计 {len(skipped)} 天：" + "、".join(_reasons(skipped, year))
    return text + ("；暂定，待放假安排公布后重新计算" if deadline.provisional else "")


def rule(term: Term) -> str:
    """A limit by its rule alone, for a paper that leaves the house before the calendar can name the last day."""
    begins = "次日起算" if term.start == "next_day" else "起算"
    rolls = "；期限的最后一日是法定休假日的，顺延到休假日后的第一个工作日" if term.roll else ""
    return f"自{term.start_event or '收到'}{begins} {term.words}{rolls}"


def acted(deadline: Deadline, at: datetime, entered: datetime, *, late: bool) -> str:
    """When the act was done that the limit asks for, and when it was entered: 「办结于9月15日（9月20日 14:30 录入）」."""
    year = deadline.start.astimezone(ZONE).year
    notes = []
    if by_day(at) and deadline.term.unit in HOURLY:
        notes.append("只记日期，按当日终了计")
    if late:
        notes.append(f"{moment(entered, year)} 录入")
    return f"办结于{moment(at, year)}" + (f"（{'，'.join(notes)}）" if notes else "")


def moment(at: datetime, year: int | None = None) -> str:
    """An instant as people say it; an act of which the day alone is known, by the day."""
    local = at.astimezone(ZONE)
    return _day(local.date(), year) + ("" if by_day(at) else f" {local:%H:%M}")


def _from(deadline: Deadline) -> str:
    """`自2026年9月7日（受理）次日起算 `; a term that counts the day itself says so."""
    term, begun = deadline.term, deadline.start.astimezone(ZONE)
    event = term.start_event or "起算"
    if term.unit in HOURLY:
        return f"自{_day(begun.date())} {begun:%H:%M}（{event}）起 "
    how = "次日起算 " if term.start == "next_day" else "起算（当日计入）"
    return f"自{_day(begun.date())}（{event}）{how}"


def _end(deadline: Deadline, year: int) -> str:
    if deadline.term.unit in HOURLY:
        due = deadline.due_at.astimezone(ZONE)
        return f"{_day(due.date(), year)} {due:%H:%M}"
    made_up = any(d.date == deadline.due and d.why == "make-up working day" for d in deadline.days)
    return (
        f"{_day(deadline.due, year)}（周{WEEKDAYS[deadline.due.weekday()]}{'，调休上班' if made_up else ''}）"
    )


def _stood(deadline: Deadline, year: int) -> str:
    """The pauses of a term in hours that took part of its time."""
    told = []
    for begun, ended, reason in deadline.pauses:
        if begun is None or ended is None or begun >= deadline.due_at or ended <= deadline.start:
            continue
        a, b = begun.astimezone(ZONE), ended.astimezone(ZONE)
        told.append(
            f"{pause_words(reason)}（{_day(a.date(), year)} {a:%H:%M} 至 {_day(b.date(), year)} {b:%H:%M}）"
        )
    return "；中止：" + "、".join(told) if told else ""


def pause_words(reason: str) -> str:
    """Why a clock stands still. Never a code."""
    return PAUSES.get(reason, "中止计时")


def why_words(why: str | None) -> str:
    """Why a day counts or not: `holiday 国庆节` → 国庆节, `paused supplement` → 等待补正."""
    if why is None:
        return ""
    if why.startswith("paused "):
        return pause_words(why.removeprefix("paused "))
    return WHY_WORDS.get(why) or why.removeprefix("holiday ")


def _reasons(days: Sequence[CountedDay], year: int) -> list[str]:
    """`周末（9月19日等2天）`, grouped: a whole holiday is named once."""
    shown: dict[str, list[date]] = {}
    for day in days:
        shown.setdefault(why_words(day.why), []).append(day.date)
    return [
        f"{word}（{_day(found[0], year)}{'等' + str(len(found)) + '天' if len(found) > 1 else ''}）"
        for word, found in shown.items()
    ]


def _day(day: date, year: int | None = None) -> str:
    """With its year, unless that is the year the reader knows already."""
    text = f"{day.month}月{day.day}日"
    return text if day.year == year else f"{day.year}年{text}"
