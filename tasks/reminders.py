"""E1 and E3: telling people about clocks. A reminder reaches who holds the task, else everybody who may do it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import func, select

from casework import books, staff
from engine import messages
from engine.calendar import ZONE
from engine.db import Tx
from engine.routing import at_tier
from engine.tables import cases, user_tasks
from engine.world import ClockEvent

ORDER = "supervision_order"
WORDS = {
    "half": "时限已过半",
    "most": "时限已过八成",
    "due_day": "今日到期",
    "second_period": "超期已达一个时限，转区局督办",
}


def _by(due_at: datetime) -> str:
    """Until when, as people say it: the exclusive midnight is the day before it."""
    due = due_at.astimezone(ZONE)
    if due.time() == time():
        return f"应于 {due - timedelta(days=1):%m 月 %d 日}下班前"
    return f"应于 {due:%m 月 %d 日 %H:%M} 前"


def _supervise(tx: Tx, event: ClockEvent, tier: str | None, now: datetime) -> None:
    """E3: a supervision order, once for each clock that ran out twice over; an order is not supervised in its turn.

    `tier` of the step that is late: the district answers for its own steps, the town for everything below.
    """
    c = cases.c
    process = tx.run(select(c.process).where(c.id == event.case_id)).scalar_one()
    if process == ORDER:
        return
    count = select(func.count()).where(c.parent == event.case_id, c.process == ORDER)
    number = f"{event.case_number}-DB{int(tx.run(count).scalar_one()) + 1}"
    matter = f"{event.case_number}（{event.title}）{event.name}，{_by(event.due_at)}办结，至今未办结。"
    home = messages.Home(event.area, number, f"督办：{event.title}", parent=event.case_id)
    own = tier == "district" or event.area == at_tier(event.area, "district")
    given = {
        "matter": matter,
        "about_case": event.case_number,
        "term": event.term,
        "late_tier": "district" if own else "town",
    }
    messages.deliver(tx, "supervision_needed", None, given, now=now, home=home)


def tell(tx: Tx, event: ClockEvent, now: datetime) -> None:
    """Inbox messages for one reminder."""
    row = tx.run(
        select(user_tasks).where(user_tasks.c.id == event.token, user_tasks.c.state == "open")
    ).one_or_none()
    if event.kind == "second_period":
        _supervise(tx, event, row.tier if row is not None else None, now)
        people = staff.holders(tx, ["district_area_officer"], event.area, now)
    elif row is not None and row.holder:
        people = [row.holder]
    elif row is not None:
        people = staff.holders(tx, [p for p in row.posts.split(",") if p], event.area, now)
    else:
        people = staff.holders(tx, ["town_service_office"], event.area, now)
    text = f"{event.case_number}：{event.name}，{_by(event.due_at)}办结。"
    books.tell(
        tx,
        people,
        kind="deadline",
        title=WORDS[event.kind],
        text=text,
        now=now,
        case_id=event.case_id,
        task_id=event.token if row is not None else None,
    )
