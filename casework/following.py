"""What follows when an area becomes another: open cases with their tasks and leads, households, posts. What is closed stays.

A table whose rows belong to living people or running work of an area is added here; books of the past are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from casework import places, transferring
from casework.appointing import LIAISON
from casework.tables import appointments, households, persons, recognitions, service_points, substitutions
from engine.db import Tx, new_id
from engine.tables import cases, user_tasks

A = appointments.c


@dataclass(frozen=True, slots=True)
class Step:
    """One area's records become another's on a day. `homes`: only those of these households (a split), `heads`: the names nobody else there
    bears, by which a case is theirs that names no household."""

    old: str
    new: str
    on: date
    reason: str
    homes: frozenset[str] | None = None
    heads: frozenset[str] | None = None


def records(tx: Tx, step: Step, now: datetime) -> Counter[str]:
    """Move households, open cases, payments in force and service points. → how many of each."""
    counted: Counter[str] = Counter()
    here = tx.run(select(households.c.id).where(households.c.area == step.old).order_by(households.c.id))
    ids = [one for one in here.scalars() if step.homes is None or one in step.homes]
    _keep_numbers_apart(tx, ids, step)
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        tx.run(update(households).where(households.c.id.in_(some)).values(area=step.new))
        places.leave(tx, "household", some, step.old, step.new, step.on, "reorganised", now)
    counted["households"] = len(ids)
    moved = _cases(tx, step)
    for case_id in moved:
        places.move_case(tx, case_id, step.new, now, reason=step.reason, why="reorganised", until=step.on)
    counted["cases"] = len(moved)
    transferring.follow(tx, step.old, step.new, moved, step.heads is None, now)
    r = recognitions.c
    paid = [r.area == step.old, r.state == "active"]
    if step.heads is not None:
        paid.append(or_(r.household.in_(ids), and_(r.household.is_(None), r.title.in_(step.heads))))
    counted["recognitions"] = tx.run(update(recognitions).where(*paid).values(area=step.new)).rowcount
    if step.heads is None:
        _papers(tx, step)
        points = update(service_points).where(service_points.c.area == step.old).values(area=step.new)
        counted["service_points"] = tx.run(points).rowcount
    return counted


def _cases(tx: Tx, step: Step) -> list[str]:
    """Open cases of the area; of some households theirs, with what was started by them."""
    c = cases.c
    running = select(c.id, c.title, c.subject).where(c.area == step.old, c.status == "active")
    here = list(tx.run(running.order_by(c.id)))
    if step.homes is None or step.heads is None:
        return [row.id for row in here]
    homes, heads = step.homes, step.heads
    theirs = {row.id for row in here if (row.subject in homes if row.subject else row.title in heads)}
    theirs |= set(transferring.with_it(tx, sorted(theirs)))
    return [row.id for row in here if row.id in theirs]


def _papers(tx: Tx, step: Step) -> None:
    """Steps that stay where a paper hangs, of cases that are elsewhere by now."""
    t = user_tasks.c
    query = update(user_tasks).where(t.area == step.old, t.state == "open")
    tx.run(query.values(area=step.new, revision=t.revision + 1))


def _keep_numbers_apart(tx: Tx, ids: Sequence[str], step: Step) -> None:
    """A household whose number is taken in the new village keeps it behind the code of the old one: `101201-001`."""
    h = households.c
    taken = set(tx.run(select(h.number).where(h.area == step.new, h.number.is_not(None))).scalars())
    moving = set(ids)
    rows = list(tx.run(select(h.id, h.number).where(h.area == step.old, h.number.in_(sorted(taken)))))
    for row in rows:
        if row.id in moving:
            tx.run(update(households).where(h.id == row.id).values(number=f"{step.old[-6:]}-{row.number}"))


def posts(tx: Tx, old: str, new: str, on: date, liaison: str | None) -> Counter[str]:
    """Appointments of an area go on in another from that day; of the liaisons only `liaison` (a person) does.

    A substitution goes along with the appointment it is for.
    """
    counted: Counter[str] = Counter()
    query = select(appointments).where(A.area == old, or_(A.valid_to.is_(None), A.valid_to > on))
    held = select(A.person, A.post).where(A.area == new, or_(A.valid_to.is_(None), A.valid_to > on))
    there = {(row.person, row.post) for row in tx.run(held)}
    for row in list(tx.run(query.order_by(A.id))):
        begins = max(on, row.valid_from)
        tx.run(update(appointments).where(A.id == row.id).values(valid_to=begins))
        if (row.person, row.post) in there or (row.post == LIAISON and row.person != liaison):
            counted["posts_ended"] += 1
            continue
        there.add((row.person, row.post))
        made = {**row._mapping, "id": new_id(), "area": new, "valid_from": begins}
        tx.run(insert(appointments), made)
        s = substitutions.c
        tx.run(
            update(substitutions)
            .where(s.appointment == row.id, s.valid_to > on)
            .values(appointment=made["id"])
        )
        counted["posts"] += 1
    return counted


def liaisons(tx: Tx, area: str, on: date) -> list[Any]:
    """The liaison of an area that day: `person`, `name` (none or one)."""
    query = select(A.id, A.person, persons.c.name).join(persons, persons.c.id == A.person)
    in_office = (A.valid_from <= on, or_(A.valid_to.is_(None), A.valid_to > on))
    return list(tx.run(query.where(A.area == area, A.post == LIAISON, *in_office)))


def end_post(tx: Tx, appointment: str, on: date) -> None:
    tx.run(update(appointments).where(A.id == appointment).values(valid_to=on))
