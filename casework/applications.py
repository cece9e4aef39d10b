"""Applications that are open, and the one household that must not have two of a programme at once (C-8).

The second is held where it would be accepted: not accepted, with the number of the one it is joined to – or, for expenditure of another
cause, accepted with the reason a person gives. Emergency relief has no acceptance and is never held up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, or_, select, text

from casework.tables import decisions, households
from engine.db import Tx
from engine.runner.values import covers
from engine.tables import cases, jobs, subscriptions, timers, user_tasks

RECEIPT, RELEASED = "application.receipt", "objection.release"
"""Jobs that tell of an acceptance, and of an application that ended without a decision."""
LEAD, REOPENED = "active_discovery", ("relief_application", "dibao", "tekun")
C, J = cases.c, jobs.c
WAITING = (
    (user_tasks, ("open",)),
    (jobs, ("ready", "failed")),
    (timers, ("pending", "failed")),
    (subscriptions, ("open",)),
)
_ALONE = text("select pg_advisory_xact_lock(hashtextextended('application ' || cast(:key as text), 0))")


def open_ones(tx: Tx, asked: Mapping[str, Any]) -> list[str]:
    """Numbers of the other open applications for the `programme` of the household of the case whose lead is `lead`, besides `application`.
    `applicant`: the household the form names, if it does.

    Two acceptances in one moment are asked one after the other: whoever asks first has the household until the end of the transaction.
    """
    case = tx.run(
        select(C.id, C.subject, C.title, C.area).where(C.number == str(asked.get("lead")), C.process == LEAD)
    ).one_or_none()
    programme, own = asked.get("programme"), asked.get("application")
    if case is None or not programme:
        return []
    homes = {case.subject} if case.subject else set()
    named = str(asked.get("applicant") or "")
    if named and tx.run(select(households.c.id).where(households.c.id == named)).first() is not None:
        homes.add(named)
    _alone(tx, [*homes, f"{case.area}:{case.title}"], str(programme))
    same = or_(C.subject.in_(homes), and_(C.title == case.title, C.area == case.area))
    query = select(C.id, C.process, C.variables).where(same, C.status == "active")
    found = list(tx.run(query.where(C.process.in_((LEAD, *REOPENED)))))
    numbers = _accepted(tx, [row.id for row in found], str(programme))
    numbers |= {
        str(row.variables["application_no"])
        for row in found
        if row.process in REOPENED and row.variables.get("programme") == programme
    }
    return sorted(numbers - {str(own)})


def _alone(tx: Tx, keys: list[str], programme: str) -> None:
    """On SQLite there is one writer anyway."""
    if tx.together:
        for key in sorted(keys):
            tx.run(_ALONE, {"key": f"{programme}:{key}"})


def _accepted(tx: Tx, case_ids: list[str], programme: str) -> set[str]:
    """Applications of these cases that were accepted, have neither a decision nor an end without one, and still go on: what a case has
    left for another way (who was believed dead, a step taken up from before) is nobody's application."""
    rows = tx.run(
        select(J.type, J.case_id, J.path, J.variables)
        .where(J.case_id.in_(case_ids), J.type.in_((RECEIPT, RELEASED)), J.state != "cancelled")
        .order_by(J.created_at, J.id)
    )
    going_on = _going_on(tx, case_ids)
    live: dict[str, str] = {}
    for row in rows:
        number = row.variables.get("application_no")
        if row.type == RECEIPT and row.variables.get("programme") == programme:
            if any(covers(row.path, path) for path in going_on.get(row.case_id, ())):
                live[str(number)] = row.case_id
        elif row.type == RELEASED:
            live = {n: of for n, of in live.items() if of != row.case_id or number not in (None, n)}
    decided = select(decisions.c.application_no).where(decisions.c.application_no.in_(live))
    return set(live) - set(tx.run(decided).scalars())


def _going_on(tx: Tx, case_ids: list[str]) -> dict[str, set[str]]:
    """Where something of these cases waits: its paths."""
    found: dict[str, set[str]] = {}
    for table, states in WAITING:
        query = select(table.c.case_id, table.c.path).where(
            table.c.case_id.in_(case_ids), table.c.state.in_(states)
        )
        for row in tx.run(query):
            found.setdefault(row.case_id, set()).add(row.path)
    return found
