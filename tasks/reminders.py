"""E1 and E3: telling people about clocks. A reminder reaches who holds the task, else everybody who may do it.

Nothing is sent while a clock is paused (it has no next moment); what is not urgent goes into one digest a person and day. The morning
after the last day a 催办通知书 is drafted, after a second period the district is asked for an order (people.md 4.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from casework import books, ladder, referring, staff
from engine import definitions
from engine.calendar import ZONE
from engine.db import Tx
from engine.routing import within
from engine.tables import cases, user_tasks
from engine.world import ClockEvent, ToPosts

WORDS = {
    "half": "时限已过半",
    "most": "时限已过八成",
    "due_day": "今日到期",
    "day_after": "已经超期，已起草催办通知书",
    "second_period": "超期已达一个时限，转区局督办",
    "at_once": "已经超期，转区局督办",
}
DEPARTMENT_WORDS = WORDS | {"day_after": "已经超期，请尽快答复", "second_period": "超期已达一个时限"}
ORDERED = ("second_period", "at_once")
"""Moments that bring a supervision order: after a second period, or when the term runs out where it says so."""


def _by(due_at: datetime) -> str:
    """Until when, as people say it: the exclusive midnight is the day before it."""
    due = due_at.astimezone(ZONE)
    if due.time() == time():
        last = due - timedelta(days=1)
        return f"应于 {last.month} 月 {last.day} 日下班前"
    return f"应于 {due.month} 月 {due.day} 日 {due:%H:%M} 前"


RUNGS = ("day_after", *ORDERED)


def _task_of(event: ClockEvent, rows: Sequence[Any]) -> Any:
    """The open step a clock is about: its own, or the oldest inside its stage."""
    return next((row for row in rows if row.id == event.token), None) or next(
        (row for row in rows if event.token in row.owners), None
    )


def _drawn_tier(tx: Tx, event: ClockEvent) -> str | None:
    """The tier of the lane in which something outside the house is awaited: it answers for the waiting."""
    pins = tx.run(select(cases.c.pins).where(cases.c.id == event.case_id)).scalar_one()
    for process in definitions.pinned(tx, pins).processes.values():
        node = process.nodes.get(event.element)
        if node is not None and node.lane is not None:
            return node.lane.properties.get("tier")
    return None


def _climb(tx: Tx, event: ClockEvent, process: str, task: Any, now: datetime) -> bool:
    """Take the next rung if it is time; False when there is nothing to tell."""
    if event.kind not in RUNGS:
        return True
    if process in ladder.OWN:
        return False  # an order is not supervised in its turn
    of = ladder.About(event.case_id, event.case_number, event.area, event.title)
    matter = f"{event.case_number}（{event.title}）{event.name}，{_by(event.due_at)}办结，至今未办结。"
    if event.kind in ORDERED:
        tier = task.tier if task is not None and task.id == event.token else _drawn_tier(tx, event)
        ladder.raise_order(tx, of, matter, now, term=event.term, tier=tier)
        return True
    return task is not None and ladder.draft_notice(tx, of, task.tier, matter, event.term, now) is not None


def _free_to(absent: Mapping[str, Sequence[staff.Standing]], task: Any, area: str) -> list[str]:
    """Who may take what an absent person holds: the substitutes at a post of the step that reaches the area."""
    posts = task.posts.split(",")
    standing = absent.get(task.holder, ())
    return [one.substitute for one in standing if one.post in posts and within(area, one.area)]


def tell_all(tx: Tx, events: Sequence[ClockEvent], now: datetime) -> None:
    """Tell people about many clocks: what is asked is asked once for all of them, what is written is written at once."""
    t, c, ids = user_tasks.c, cases.c, {event.case_id for event in events}
    of_case: dict[str, list[Any]] = {}
    tasks = select(t.id, t.case_id, t.owners, t.holder, t.posts, t.tier, t.area)
    for row in tx.run(tasks.where(t.case_id.in_(ids), t.state == "open").order_by(t.created_at, t.id)):
        of_case.setdefault(row.case_id, []).append(row)
    facts = {row.id: row for row in tx.run(select(c.id, c.process, c.urgent).where(c.id.in_(ids)))}
    told: list[tuple[ClockEvent, Any, tuple[str, str] | None]] = []
    asked = referring.awaited(tx, {event.token for event in events})
    outside: list[tuple[ClockEvent, str, tuple[str, str]]] = []
    for event in events:
        task = _task_of(event, of_case.get(event.case_id, []))
        if event.token in asked:
            letter = asked[event.token]
            post = referring.post_of(tx.world.posts, letter.department)
            if post is not None:
                outside.append((event, letter.reference, (post, event.area)))
        if not _climb(tx, event, facts[event.case_id].process, task, now):
            continue
        if event.kind in ORDERED:
            posts: str | None = "district_area_officer"
        elif task is not None:
            posts = None if task.holder else task.posts
        else:
            posts = "town_service_office"
        place = event.area if task is None or event.kind in ORDERED else task.area
        told.append((event, task, (posts, place) if posts is not None else None))
    pairs = {pair for _, _, pair in told if pair is not None} | {pair for *_, pair in outside}
    holders = staff.holders_of_many(tx, pairs, now)
    absent = staff.instead_of(tx, [task.holder for _, task, pair in told if pair is None], now)
    reminded: list[ladder.Reminder] = []
    urgent: list[books.Message] = []
    lines: list[books.Line] = []
    for event, task, pair in told:
        people = holders[pair] if pair is not None else [task.holder, *_free_to(absent, task, task.area)]
        text, word = f"{event.case_number}：{event.name}，{_by(event.due_at)}办结。", WORDS[event.kind]
        own = event.token if task is not None and task.id == event.token else None
        reminded.append(ladder.Reminder(event.case_id, event.area, f"{event.clock}:{event.kind}", text))
        if facts[event.case_id].urgent:
            urgent += [books.Message(p, "deadline", word, text, event.case_id, own) for p in people]
        else:
            lines += [books.Line(p, f"{word}｜{text}", event.case_id, own) for p in people]
    for event, reference, pair in outside:
        text = f"转介 {reference}：{event.name}，{_by(event.due_at)}答复。"
        word = DEPARTMENT_WORDS[event.kind]
        if facts[event.case_id].urgent:
            urgent += [books.Message(p, "referral", word, text) for p in holders[pair]]
        else:
            lines += [books.Line(p, f"{word}｜{text}") for p in holders[pair]]
    ladder.reminded(tx, reminded, now)
    books.tell_each(tx, urgent, now)
    books.digest(tx, lines, now)


def tell_posts(tx: Tx, notice: ToPosts, now: datetime) -> None:
    """A message to the holders of posts; with `once` only to those who have none of that title yet."""
    people = staff.holders(tx, notice.posts, notice.area, now)
    if notice.once and people:
        told = books.told(tx, people, notice.kind, notice.title)
        people = [person for person in people if person not in told]
    books.tell(
        tx, people, kind=notice.kind, title=notice.title, text=notice.text, now=now, case_id=notice.case_id
    )
