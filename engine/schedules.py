"""Timer start events of processes in force, as rows with leases: when each starts its next cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, insert, or_, select, update

from engine.db import Instant, Tx, new_id
from engine.errors import printable
from engine.tables import schedules

S = schedules.c
ATTEMPTS = 3
LEASE = timedelta(minutes=10)
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=10))


def add(tx: Tx, *, deployment: str, process: str, element: str, expression: str, per: str | None, armed: Mapping[str, Any], now: datetime) -> None:  # fmt: skip
    tx.run(
        insert(schedules),
        {
            "id": new_id(),
            "deployment_id": deployment,
            "process": process,
            "element": element,
            "expression": expression,
            "per": per,
            "due_at": datetime.fromisoformat(armed["due"]),
            "armed": dict(armed),
            "state": "pending",
            "attempt": 0,
            "created_at": now,
        },
    )


def live(tx: Tx) -> list[Any]:
    """Every schedule that has not ended, the next one first."""
    return list(tx.run(select(schedules).where(S.state != "ended").order_by(S.due_at, S.process)))


def get(tx: Tx, schedule_id: str) -> Any:
    """The row under its lock, or None."""
    return tx.run(select(schedules).where(S.id == schedule_id).with_for_update()).one_or_none()


def adopt(tx: Tx, schedule_id: str, deployment: str, per: str | None) -> None:
    """A new version with the same start event: the schedule goes on."""
    tx.run(update(schedules).where(S.id == schedule_id).values(deployment_id=deployment, per=per))


def end(tx: Tx, schedule_id: str, now: datetime) -> None:
    tx.run(update(schedules).where(S.id == schedule_id).values(state="ended", ended_at=now, lease_until=None))


def lease(tx: Tx, now: datetime, limit: int = 5) -> list[str]:
    free = or_(S.lease_until.is_(None), S.lease_until <= now)
    query = select(S.id).where(S.state == "pending", S.due_at <= now, free).order_by(S.due_at).limit(limit)
    found = [str(key) for key in tx.run(query.with_for_update(skip_locked=True)).scalars()]
    if found:
        tx.run(update(schedules).where(S.id.in_(found)).values(lease_until=now + LEASE))
    return found


def turned(tx: Tx, schedule_id: str, armed: Mapping[str, Any]) -> None:
    """The next turn of a cycle."""
    due = datetime.fromisoformat(armed["due"])
    values = {"due_at": due, "armed": dict(armed), "lease_until": None, "attempt": 0, "error": None}
    tx.run(update(schedules).where(S.id == schedule_id).values(**values))


def failed(tx: Tx, schedule_id: str, error: str, now: datetime) -> None:
    """A turn failed; after some attempts a person has to look (`again`)."""
    row = get(tx, schedule_id)
    if row is None or row.state != "pending":
        return
    attempt = row.attempt + 1
    wait: timedelta = BACK_OFF[min(attempt - 1, len(BACK_OFF) - 1)]
    spent = attempt >= ATTEMPTS
    values = {
        "attempt": attempt,
        "error": printable(error)[:2000],
        "lease_until": None if spent else now + wait,
    }
    tx.run(
        update(schedules).where(S.id == schedule_id).values(state="failed" if spent else "pending", **values)
    )


def again(tx: Tx, schedule_id: str) -> bool:
    """Try a failed turn once more."""
    done = tx.run(
        update(schedules)
        .where(S.id == schedule_id, S.state == "failed")
        .values(state="pending", attempt=0, lease_until=None)
    )
    return bool(done.rowcount)


NEXT_DUE = select(
    func.min(case((S.lease_until > S.due_at, S.lease_until), else_=S.due_at), type_=Instant())
).where(S.state == "pending")
"""When the next turn may be taken: its moment, or when one that failed or is leased is free again."""
