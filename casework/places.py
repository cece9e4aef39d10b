"""Where a case or a household has been: each change of area leaves the place before it, so that old and new tree agree.

A case that moves keeps the place it leaves with the number of the last row of its history written there: that part the
old area goes on reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, exists, false, func, insert, or_, select

from casework import kin
from casework.tables import leads, places
from engine import cases
from engine.calendar import ZONE
from engine.db import Tx, made
from engine.routing import Actor, within
from engine.tables import cases as cases_table

P = places.c
Why = Literal["reorganised", "handed_over"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place left: `seq` is the last row of the case's history written there."""

    area: str
    next_area: str
    until: date
    why: str
    seq: int | None


_COLUMNS = [P[name] for name in Place.__slots__]


def leave(
    tx: Tx,
    kind: Literal["case", "household"],
    subjects: Sequence[str],
    area: str,
    next_area: str,
    until: date,
    why: Why,
    now: datetime,
    seq: int | None = None,
) -> None:
    """These subjects have left an area for another; `until`: the first day they are no longer there."""
    if not subjects:
        return
    query = select(P.subject, func.count().label("n")).where(P.kind == kind, P.subject.in_(subjects))
    before = {row.subject: row.n for row in tx.run(query.group_by(P.subject))}
    rows = [
        {
            "kind": kind,
            "subject": subject,
            "n": before.get(subject, 0) + 1,
            "area": area,
            "next_area": next_area,
            "until": until,
            "why": why,
            "seq": seq,
            "entered_at": now,
        }
        for subject in subjects
    ]
    tx.run(insert(places), rows)


def move_case(
    tx: Tx,
    case_id: str,
    area: str,
    now: datetime,
    *,
    reason: str,
    why: Why,
    until: date | None = None,
    actor: Actor | None = None,
    **details: Any,
) -> None:
    """A case goes to another area with its open tasks and its lead; the place it leaves is kept.

    When the area itself changed the same people go on, so that what they hold stays in their hands.
    """
    before = tx.run(select(cases_table.c.area).where(cases_table.c.id == case_id)).scalar_one()
    kin.remember(tx, case_id)
    case = cases.move(
        tx,
        case_id,
        area,
        now,
        reason=reason,
        actor=actor,
        keep_holders=why == "reorganised",
        **details,
    )
    leave(tx, "case", [case_id], before, area, until or now.astimezone(ZONE).date(), why, now, case.seq)
    tx.run(leads.update().where(leads.c.case_id == case_id).values(area=area))


def of_case(tx: Tx, case_id: str) -> list[Place]:
    """Places left, oldest first."""
    query = select(*_COLUMNS).where(P.kind == "case", P.subject == case_id)
    return [made(Place, row) for row in tx.run(query.order_by(P.n))]


def of_all(tx: Tx, kind: str) -> dict[str, list[Place]]:
    """Subject → places left, oldest first, of everything of a kind that ever moved."""
    found: dict[str, list[Place]] = {}
    query = select(*_COLUMNS, P.subject).where(P.kind == kind)
    for row in tx.run(query.order_by(P.subject, P.n)):
        found.setdefault(row.subject, []).append(made(Place, row[:-1]))
    return found


def read_until(tx: Tx, actor: Actor, case_id: str) -> int | None:
    """The last row of a case's history that people of an area it has left may read; None: it was never in theirs."""
    seen = [
        place.seq
        for place in of_case(tx, case_id)
        if place.seq is not None and any(_covers(actor, place.area))
    ]
    return max(seen, default=None)


def _covers(actor: Actor, area: str) -> Iterable[bool]:
    return (within(area, own) for own in _own(actor))


def _own(actor: Actor) -> list[str]:
    """The actor's areas, and those that are no more and whose records they have taken over."""
    return [*(held.area for held in actor.appointments), *actor.formerly]


def once_in_sight(actor: Actor, root: str | None = None) -> ColumnElement[bool]:
    """The SQL for cases that have been handed over from the actor's areas."""
    inside = [or_(P.area == own, P.area.startswith(own + "/", autoescape=True)) for own in _own(actor)]
    where = [P.kind == "case", P.subject == cases_table.c.id, P.why == "handed_over", or_(false(), *inside)]
    if root is not None:
        where.append(or_(P.area == root, P.area.startswith(root + "/", autoescape=True)))
    return exists().where(*where)
