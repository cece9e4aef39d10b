"""What is looked at every day at a fixed hour, beside the cases: yesterday's silence. One turn per day, whoever takes it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import func, insert, select, update

from casework import coverage
from casework.tables import watches
from engine.calendar import ZONE
from engine.db import Database, Tx

SILENCE = "silence"
HOUR = time(8)
"""Before the town's office opens: the morning after, never later."""


def _next(now: datetime) -> datetime:
    local = now.astimezone(ZONE)
    turn = datetime.combine(local.date(), HOUR, ZONE)
    return turn if turn > local else turn + timedelta(days=1)


def run_due(db: Database, now: datetime) -> int:
    """Take the turn that is due. A database that was never watched gets its first turn; the past is not made up for beyond a week."""
    with db.reading() as tx:
        due = tx.run(select(watches.c.due_at).where(watches.c.key == SILENCE)).scalar_one_or_none()
    if due is not None and due > now:
        return 0
    with db.transaction() as tx:
        return _turn(tx, now)


def _turn(tx: Tx, now: datetime) -> int:
    w = watches.c
    due = tx.run(select(w.due_at).where(w.key == SILENCE).with_for_update()).scalar_one_or_none()
    if due is None:
        tx.run(insert(watches), {"key": SILENCE, "due_at": _next(now)})
        return 0
    if due > now:
        return 0
    day = max(due, now - timedelta(days=7)).astimezone(ZONE).date() - timedelta(days=1)
    while day < now.astimezone(ZONE).date():
        coverage.alarm(tx, day, now)
        day += timedelta(days=1)
    tx.run(update(watches).where(w.key == SILENCE).values(due_at=_next(now)))
    return 1


NEXT_DUE = select(func.min(watches.c.due_at))
