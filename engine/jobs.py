"""Jobs (machine work) and timers as rows with leases. The database is the queue; a bell only hastens it.

A worker leases due rows, works on each in a transaction of its own, and the row ends in that same
transaction. A crash leaves the lease to run out; then somebody else takes the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, Table, bindparam, case, exists, func, insert, or_, select, update

from engine.db import Instant, Tx, fixed, made
from engine.errors import printable
from engine.runner.values import Waiting
from engine.tables import incidents, jobs, timers

LEASE = timedelta(minutes=2)
BACK_OFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
TIMER_ATTEMPTS = 3

_ADD_JOBS = insert(jobs)
_ADD_TIMERS = insert(timers)
_MOVE_TIMER = (
    update(timers)
    .where(timers.c.id == bindparam("key"), timers.c.state == "pending")
    .values(due_at=bindparam("due"), moved_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Leased:
    """A row a worker holds until `lease_until`."""

    id: str
    case_id: str


def add_jobs(
    tx: Tx, case_id: str, opened: Sequence[Waiting], now: datetime, opened_by: str | None = None
) -> None:
    tx.write(
        _ADD_JOBS,
        [
            {
                "id": w.key,
                "case_id": case_id,
                "process": w.process,
                "element": w.element,
                "type": w.type,
                "headers": dict(w.headers),
                "variables": dict(w.variables),
                "path": w.path,
                "state": "ready",
                "due_at": now,
                "attempt": 0,
                "retries": w.retries,
                "opened_by": opened_by,
                "created_at": now,
            }
            for w in opened
        ],
    )


def add_timers(tx: Tx, case_id: str, opened: Sequence[Waiting], now: datetime) -> None:
    tx.write(
        _ADD_TIMERS,
        [
            {
                "id": w.key,
                "case_id": case_id,
                "process": w.process,
                "element": w.element,
                "owners": list(w.owners),
                "path": w.path,
                "due_at": w.due,
                "basis": dict(w.basis) if w.basis else None,
                "calendar": tx.world.calendar.serial if w.basis else None,
                "state": "pending",
                "attempt": 0,
                "created_at": now,
            }
            for w in opened
        ],
    )


_END = {
    table.name: update(table)
    .where(table.c.id.in_(bindparam("keys", expanding=True)), table.c.ended_at.is_(None))
    .values(state=bindparam("word"), ended_at=bindparam("at"))
    for table in (jobs, timers)
}


def end(tx: Tx, table: Table, ids: Sequence[str], state: str, now: datetime) -> None:
    """End rows that still wait. `state`: completed, fired or cancelled."""
    tx.write(_END[table.name], {"keys": list(ids), "word": state, "at": now})


def move(tx: Tx, due: Sequence[tuple[str, datetime | None]], now: datetime) -> None:
    """Give waiting timers another instant (None: suspended)."""
    if due:
        tx.write(_MOVE_TIMER, [{"key": key, "due": due_at, "at": now} for key, due_at in due])


def _free(table: Table, waiting: str) -> Select[Any]:
    held = or_(table.c.lease_until.is_(None), table.c.lease_until < bindparam("now"))
    return (
        select(table.c.id, table.c.case_id)
        .where(table.c.state == fixed(waiting), table.c.due_at <= bindparam("now"), held)
        .order_by(table.c.due_at, table.c.id)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
    )


_FREE = {table.name: _free(table, waiting) for table, waiting in ((jobs, "ready"), (timers, "pending"))}


def _lease(tx: Tx, table: Table, now: datetime, limit: int) -> list[Leased]:
    rows = [made(Leased, row) for row in tx.run(_FREE[table.name], {"now": now, "limit": limit})]
    if rows:
        tx.write(update(table).where(table.c.id.in_([r.id for r in rows])).values(lease_until=now + LEASE))
    return rows


def lease_jobs(tx: Tx, now: datetime, limit: int = 20) -> list[Leased]:
    return _lease(tx, jobs, now, limit)


def lease_timers(tx: Tx, now: datetime, limit: int = 20) -> list[Leased]:
    return _lease(tx, timers, now, limit)


def _one(table: Table) -> Select[Any]:
    troubled = exists().where(incidents.c.case_id == table.c.case_id, incidents.c.state == fixed("open"))
    return select(table, troubled.label("troubled")).where(table.c.id == bindparam("key"))


_ONE = {table.name: _one(table) for table in (jobs, timers)}
"""A row, and whether its case has open incidents: asked under the case's lock, the coming step need not ask."""


def job(tx: Tx, job_id: str) -> Any:
    return tx.run(_ONE["jobs"], {"key": job_id}).one_or_none()


def timer(tx: Tx, timer_id: str) -> Any:
    return tx.run(_ONE["timers"], {"key": timer_id}).one_or_none()


def failed(tx: Tx, row: Any, error: str, now: datetime) -> bool:
    """Note a failed attempt. True when the retries are used up: the caller opens an incident."""
    attempt = row.attempt + 1
    spent = attempt >= max(row.retries, 1)
    wait = BACK_OFF[min(attempt - 1, len(BACK_OFF) - 1)]
    tx.run(
        update(jobs)
        .where(jobs.c.id == row.id, jobs.c.state == "ready")
        .values(
            attempt=attempt,
            error=printable(error),
            lease_until=None,
            due_at=row.due_at if spent else now + wait,
            state="failed" if spent else "ready",
        )
    )
    return bool(spent)


def timer_failed(tx: Tx, row: Any, now: datetime) -> bool:
    """As `failed`, for a timer whose step could not be taken."""
    attempt = row.attempt + 1
    spent = attempt >= TIMER_ATTEMPTS
    values = {"attempt": attempt, "lease_until": None if spent else now + BACK_OFF[min(attempt - 1, 2)]}
    tx.run(
        update(timers)
        .where(timers.c.id == row.id, timers.c.state == "pending")
        .values(state="failed" if spent else "pending", **values)
    )
    return bool(spent)


def again(tx: Tx, table: Table, row_id: str, now: datetime) -> None:
    """After an incident: try once more with fresh retries."""
    state = "ready" if table is jobs else "pending"
    values: dict[str, Any] = {"state": state, "attempt": 0, "lease_until": None}
    if table is jobs:
        values["due_at"] = now
    tx.run(update(table).where(table.c.id == row_id, table.c.state == "failed").values(**values))


def _next_due(table: Table, state: str) -> Select[Any]:
    held = case((table.c.lease_until > table.c.due_at, table.c.lease_until), else_=table.c.due_at)
    return select(func.min(held, type_=Instant())).where(
        table.c.state == fixed(state), table.c.due_at.is_not(None)
    )


NEXT_DUE = (_next_due(jobs, "ready"), _next_due(timers, "pending"))
"""When the earliest waiting job, and timer, can be taken (a leased one: when its lease runs out)."""
