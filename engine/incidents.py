"""Steps that could not be taken, as something a person sees, understands and retries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, insert, or_, select, update

from engine.db import Tx, fixed, new_id
from engine.errors import Conflict, NotFound, StaleRevision, printable
from engine.tables import clocks, incidents, messages


def open_(
    tx: Tx,
    case_id: str,
    process: str,
    element: str,
    kind: str,
    ref: str,
    code: str,
    message: str,
    now: datetime,
) -> str:
    """Open an incident, or count one more attempt on the one that is open for the same thing. The case is locked."""
    message = printable(message)
    known = tx.run(
        select(incidents.c.id).where(
            incidents.c.kind == kind, incidents.c.ref == ref, incidents.c.state == "open"
        )
    ).scalar_one_or_none()
    if known is not None:
        tx.run(
            update(incidents)
            .where(incidents.c.id == known)
            .values(
                attempts=incidents.c.attempts + 1,
                revision=incidents.c.revision + 1,
                element=element,
                code=code,
                message=message,
            )
        )
        return str(known)
    incident = new_id()
    tx.run(
        insert(incidents),
        {
            "id": incident,
            "case_id": case_id,
            "process": process,
            "element": element,
            "kind": kind,
            "ref": ref,
            "code": code,
            "message": message,
            "attempts": 1,
            "state": "open",
            "revision": 1,
            "created_at": now,
        },
    )
    return incident


def case_of(tx: Tx, incident_id: str) -> str:
    """Whose it is, without a lock."""
    found = tx.run(select(incidents.c.case_id).where(incidents.c.id == incident_id)).scalar_one_or_none()
    if found is None:
        raise NotFound("没有这条异常记录。", "No such incident.")
    return str(found)


def take(tx: Tx, incident_id: str, revision: int) -> Any:
    """The open incident, locked, for a retry. Its case is locked already."""
    row = tx.run(select(incidents).where(incidents.c.id == incident_id).with_for_update()).one()
    if row.state != "open":
        raise Conflict("这条异常已经处理。", "The incident is resolved already.")
    if row.revision != revision:
        raise StaleRevision("异常记录已更新，请刷新后再试。", "The incident has changed.")
    return row


def resolve(tx: Tx, kind: str, ref: str, now: datetime, by: str | None = None) -> None:
    """Close what is open about a job, timer or task that went through after all, or is no longer wanted."""
    tx.run(
        update(incidents)
        .where(incidents.c.kind == kind, incidents.c.ref == ref, incidents.c.state == "open")
        .values(state="resolved", resolved_at=now, resolved_by=by, revision=incidents.c.revision + 1)
    )


def open_for(case_id: Any) -> ColumnElement[bool]:
    """Has a case an open incident?"""
    return exists().where(incidents.c.case_id == case_id, incidents.c.state == fixed("open"))


_TROUBLED = select(open_for(bindparam("case")))


def settle(
    tx: Tx,
    case_id: str,
    ended: Sequence[str],
    now: datetime,
    *,
    over: bool = False,
    troubled: bool | None = None,
) -> None:
    """Close what is open about tasks, jobs and timers that have `ended` – gone through, or no longer wanted – and about reminders
    where none is left untold. Of a case that is `over` everything, but what it has sent and nobody got. `troubled`: has it open ones, where
    the caller knows that under the case's lock."""
    if not (ended or over):
        return
    if not (tx.run(_TROUBLED, {"case": case_id}).scalar_one() if troubled is None else troubled):
        return
    i, m, c = incidents.c, messages.c, clocks.c
    silent = exists().where(
        c.case_id == case_id, c.state == "running", c.next_at.is_(None), c.next_kind.is_not(None)
    )
    row_ended = and_(i.kind.in_(["task", "job", "timer"]), i.ref.in_(list(ended)))
    unsent = and_(i.kind == "message", exists().where(m.id == i.ref, m.sender == case_id))
    done = ~unsent if over else or_(row_ended, and_(i.kind == "clock", ~silent))
    tx.write(
        update(incidents)
        .where(i.case_id == case_id, i.state == "open", done)
        .values(state="resolved", resolved_at=now, revision=i.revision + 1)
    )


def of_case(tx: Tx, case_id: str) -> list[Any]:
    query = select(incidents).where(incidents.c.case_id == case_id).order_by(incidents.c.created_at)
    return list(tx.run(query))


def troubled(tx: Tx, case_ids: Iterable[str]) -> set[str]:
    """Which of these cases have an open incident."""
    query = select(incidents.c.case_id).where(
        incidents.c.case_id.in_(list(case_ids)), incidents.c.state == "open"
    )
    return set(tx.run(query).scalars())
