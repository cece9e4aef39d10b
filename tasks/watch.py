"""What is done every day at a fixed hour, beside the cases: yesterday's silence is told, the history of all cases
anchored, and whatever still hangs and must not is asked for.

One turn per day and kind, whoever takes it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import func, insert, select, update

from casework import coverage, takedowns
from casework.tables import watches
from engine import history
from engine.calendar import ZONE
from engine.db import Database, Tx

log = structlog.get_logger("watch")
HOUR = time(8)
"""Before the town's office opens: the morning after, never later."""
AGAIN = timedelta(minutes=10)
"""When a turn that failed is tried once more; nothing else waits for it."""


def _next(now: datetime) -> datetime:
    local = now.astimezone(ZONE)
    turn = datetime.combine(local.date(), HOUR, ZONE)
    return turn if turn > local else turn + timedelta(days=1)


def _silence(tx: Tx, due: datetime, now: datetime) -> None:
    """Told for each day since the last turn; the past is not made up for beyond a week."""
    day = max(due, now - timedelta(days=7)).astimezone(ZONE).date() - timedelta(days=1)
    while day < now.astimezone(ZONE).date():
        coverage.alarm(tx, day, now)
        day += timedelta(days=1)


def _anchor(tx: Tx, _due: datetime, now: datetime) -> None:
    day = now.astimezone(ZONE).date()
    log.info("anchor", day=day.isoformat(), digest=history.anchor(tx, day, now))


def _takedowns(tx: Tx, _due: datetime, now: datetime) -> None:
    takedowns.every(tx, now)


KINDS: dict[str, Callable[[Tx, datetime, datetime], None]] = {
    "silence": _silence,
    "anchor": _anchor,
    "takedowns": _takedowns,
}


def run_due(db: Database, now: datetime, _limit: int = 0) -> int:
    """Take the turns that are due. A kind that was never taken gets its first turn."""
    w = watches.c
    with db.reading() as tx:
        known = {row.key: row.due_at for row in tx.run(select(w.key, w.due_at))}
    done = 0
    for key in KINDS:
        if key in known and known[key] > now:
            continue
        try:
            with db.transaction() as tx:
                done += _turn(tx, key, now)
        except Exception:
            log.exception("daily turn failed", kind=key)
            with db.transaction() as tx:
                late = update(watches).where(w.key == key, w.due_at <= now)
                tx.run(late.values(due_at=now + AGAIN))
    return done


def _turn(tx: Tx, key: str, now: datetime) -> int:
    w = watches.c
    due = tx.run(select(w.due_at).where(w.key == key).with_for_update()).scalar_one_or_none()
    if due is None:
        tx.run(insert(watches), {"key": key, "due_at": _next(now)})
        return 0
    if due > now:
        return 0
    KINDS[key](tx, due, now)
    tx.run(update(watches).where(w.key == key).values(due_at=_next(now)))
    return 1


NEXT_DUE = select(func.min(watches.c.due_at))
