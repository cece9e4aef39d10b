"""Where all open cases stand: tokens by process and element, for the people who steer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, case, literal, null, or_, select, union_all

from engine.db import Tx
from engine.tables import cases, incidents, jobs, subscriptions, timers, user_tasks

CASES_SHOWN = 20


@dataclass
class Place:
    """One element with everything that stands there now."""

    process: str
    element: str
    count: int = 0
    overdue: int = 0
    incidents: int = 0
    oldest_since: datetime | None = None
    cases: dict[str, None] = field(default_factory=dict)


def places(tx: Tx, scope: ColumnElement[bool], now: datetime, process: str | None = None) -> list[Place]:
    """Every element where a token of an open case in scope waits (boundary events included: the caller knows the drawing)."""
    parts = []
    sources = (
        (user_tasks, "open"),
        (jobs, "ready"),
        (jobs, "failed"),
        (timers, "pending"),
        (subscriptions, "open"),
    )
    for table, state in sources:
        moving = or_(user_tasks.c.due_state.is_(None), user_tasks.c.due_state != "paused")
        running = case((moving, user_tasks.c.due_at))
        due = running if table is user_tasks else null()
        query = select(
            table.c.process,
            table.c.element,
            table.c.case_id,
            table.c.created_at,
            due.label("due_at"),
            literal(0).label("bad"),
        )
        query = query.join(cases, cases.c.id == table.c.case_id).where(table.c.state == state, scope)
        parts.append(query.where(table.c.process == process) if process else query)
    bad = select(
        incidents.c.process,
        incidents.c.element,
        incidents.c.case_id,
        incidents.c.created_at,
        null().label("due_at"),
        literal(1).label("bad"),
    ).join(cases, cases.c.id == incidents.c.case_id)
    bad = bad.where(incidents.c.state == "open", scope)
    parts.append(bad.where(incidents.c.process == process) if process else bad)
    found: dict[tuple[str, str], Place] = {}
    for row in tx.run(union_all(*parts)):
        place = found.setdefault((row.process, row.element), Place(row.process, row.element))
        if row.bad:
            place.incidents += 1
            continue
        place.count += 1
        place.overdue += bool(row.due_at is not None and row.due_at < now)
        place.oldest_since = min(filter(None, (place.oldest_since, row.created_at)))
        if len(place.cases) < CASES_SHOWN:
            place.cases[row.case_id] = None
    return sorted(found.values(), key=lambda place: (-place.overdue, -place.count, place.element))
