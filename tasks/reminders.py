"""E1 and E3: telling people about clocks. A reminder reaches who holds the task, else everybody who may do it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select

from casework import books, staff
from engine.calendar import ZONE
from engine.db import Tx
from engine.tables import user_tasks
from engine.world import ClockEvent

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


def tell(tx: Tx, event: ClockEvent, now: datetime) -> None:
    """Inbox messages for one reminder."""
    row = tx.run(
        select(user_tasks).where(user_tasks.c.id == event.token, user_tasks.c.state == "open")
    ).one_or_none()
    if event.kind == "second_period":
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
