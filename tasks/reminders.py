"""E1 and E3: telling people about clocks. A reminder reaches who holds the task, else everybody who may do it.

Nothing is sent while a clock is paused (it has no next moment); what is not urgent goes into one digest a person and day. The morning
after the last day a 催办通知书 is drafted, after a second period the district is asked for an order (people.md 4.3).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from casework import books, ladder, staff
from engine import definitions
from engine.calendar import ZONE
from engine.db import Tx
from engine.tables import cases, user_tasks
from engine.world import ClockEvent

WORDS = {
    "half": "时限已过半",
    "most": "时限已过八成",
    "due_day": "今日到期",
    "day_after": "已经超期，已起草催办通知书",
    "second_period": "超期已达一个时限，转区局督办",
    "at_once": "已经超期，转区局督办",
}
ORDERED = ("second_period", "at_once")
"""Moments that bring a supervision order: after a second period, or when the term runs out where it says so."""


def _by(due_at: datetime) -> str:
    """Until when, as people say it: the exclusive midnight is the day before it."""
    due = due_at.astimezone(ZONE)
    if due.time() == time():
        return f"应于 {due - timedelta(days=1):%m 月 %d 日}下班前"
    return f"应于 {due:%m 月 %d 日 %H:%M} 前"


def _open_task(tx: Tx, event: ClockEvent) -> Any:
    """The open step a clock is about: its own, or the oldest inside its stage."""
    t = user_tasks.c
    query = (
        select(user_tasks).where(t.case_id == event.case_id, t.state == "open").order_by(t.created_at, t.id)
    )
    rows = list(tx.run(query))
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


def _climb(tx: Tx, event: ClockEvent, task: Any, now: datetime) -> bool:
    """Take the next rung if it is time; False when there is nothing to tell."""
    if event.kind not in ("day_after", *ORDERED):
        return True
    process = tx.run(select(cases.c.process).where(cases.c.id == event.case_id)).scalar_one()
    if process in ladder.OWN:
        return False  # an order is not supervised in its turn
    of = ladder.About(event.case_id, event.case_number, event.area, event.title)
    matter = f"{event.case_number}（{event.title}）{event.name}，{_by(event.due_at)}办结，至今未办结。"
    if event.kind in ORDERED:
        tier = task.tier if task is not None and task.id == event.token else _drawn_tier(tx, event)
        ladder.raise_order(tx, of, matter, now, term=event.term, tier=tier)
        return True
    return task is not None and ladder.draft_notice(tx, of, task.tier, matter, event.term, now) is not None


def tell(tx: Tx, event: ClockEvent, now: datetime) -> None:
    """Inbox messages for one reminder."""
    task = _open_task(tx, event)
    if not _climb(tx, event, task, now):
        return
    if event.kind in ORDERED:
        people = staff.holders(tx, ["district_area_officer"], event.area, now)
    elif task is not None and task.holder:
        people = [task.holder]
    elif task is not None:
        people = staff.holders(tx, [p for p in task.posts.split(",") if p], event.area, now)
    else:
        people = staff.holders(tx, ["town_service_office"], event.area, now)
    text = f"{event.case_number}：{event.name}，{_by(event.due_at)}办结。"
    task_id = event.token if task is not None and task.id == event.token else None
    ladder.reminded(tx, event.case_id, event.area, f"{event.clock}:{event.kind}", text, now)
    urgent = tx.run(select(cases.c.urgent).where(cases.c.id == event.case_id)).scalar_one()
    if urgent:
        books.tell(
            tx, people, kind="deadline", title=WORDS[event.kind], text=text, now=now, case_id=event.case_id, task_id=task_id,
        )  # fmt: skip
    else:
        books.digest(
            tx, people, f"{WORDS[event.kind]}｜{text}", now=now, case_id=event.case_id, task_id=task_id
        )
