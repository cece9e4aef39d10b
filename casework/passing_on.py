"""Open steps whose place has changed: who had a hand in them where they were, and reaches them no more, gives it up – the step, a signature
under it, an answer that is awaited. Posts that stood by do so no more, unless too few are left here, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from casework import able, books, nobody_left, staff
from engine import definitions, hands, locking, requests, worklist
from engine.db import Tx
from engine.errors import NotFound
from engine.routing import Actor, Route, reaches, route_of, sees, split
from engine.tables import user_tasks

T = user_tasks.c
Hands = Mapping[str, frozenset[str]]
"""Step → the people with a hand in it who reach it."""


def now_on(tx: Tx, where: ColumnElement[bool], now: datetime) -> Hands:
    """Of the open steps `where`: taken before their place changes."""
    return {row.id: _reaching(tx, row, {}, now) for row in _open(tx, where)}


def let_go(tx: Tx, before: Hands, now: datetime) -> list[str]:
    """Their place has changed: who was `before` on a step and reaches it no more gives it up. Returns the steps nobody has now for that."""
    known: dict[str, Actor | None] = {}
    freed = []
    ids = sorted(before)
    for start in range(0, len(ids), 500):
        for one in _open(tx, T.id.in_(ids[start : start + 500])):
            gone = before[one.id] - _reaching(tx, one, known, now)
            if not gone:
                continue
            _, row = locking.task_row(tx, one.id)
            kept = [signed for signed in row.acted if signed["person"] not in gone]
            changed: dict[str, Any] = {"acted": kept} if kept != row.acted else {}
            if gone & {row.holder, row.assignee}:
                changed |= {"holder": None, "assignee": None}
                freed.append(row.id)
            if changed:
                tx.run(update(user_tasks).where(T.id == row.id).values(**changed, revision=T.revision + 1))
            for person in sorted(gone):
                hands.no_longer_asked(tx, row, person, now)
    return freed


def look(
    tx: Tx, case_id: str, now: datetime, only: Iterable[str] | None = None, *, tell: bool = False
) -> None:
    """The free steps of a case that has come to other people (`only` these): whoever is too few, or nobody, is told of. `tell`: the posts."""
    case = locking.case_of(tx, case_id)
    pinned = definitions.pinned(tx, case.pins)
    wanted = None if only is None else set(only)
    free = []
    for row in worklist.open_of_case(tx, case_id):
        if row.holder is not None or row.assignee or (wanted is not None and row.id not in wanted):
            continue
        task = dict(row._mapping)
        node = pinned.node(task["process"], task["element"])
        if task["tier"] is None and able.standby(node) is not None:
            route = route_of(node)
            own = {"tier": route.tier, "posts": f",{','.join(route.posts)},"}
            worklist.change(tx, task["id"], **own)
            task |= own
        free.append(task)
    if tell:
        for task, people in zip(
            free, staff.reached(tx, [(_route(t), t["area"]) for t in free], now), strict=True
        ):
            text = f"{case.number}“{task['name']}”因区划调整转到本地，请认领办理。"
            about = {"case_id": case_id, "task_id": task["id"]}
            books.tell(tx, people, kind="transfer", title="区划调整转来的任务", text=text, now=now, **about)
    if free:
        nobody_left.look(tx, case, free, now)


def _route(task: Mapping[str, Any]) -> Route:
    return Route(task["tier"], split(task["posts"]))


def _open(tx: Tx, where: ColumnElement[bool]) -> list[Any]:
    return list(tx.run(select(user_tasks).where(T.state == "open", where).order_by(T.case_id, T.id)))


def _reaching(tx: Tx, row: Any, known: dict[str, Actor | None], now: datetime) -> frozenset[str]:
    """Who of those that hold, are named for or have signed a step may do it; who of those asked about it may see it."""
    doing = {row.holder, row.assignee, *(one["person"] for one in row.acted)} - {None}
    asked = set()
    if row.awaits:
        listed = requests.of_task(tx, row.id)
        asked = {one.asked_of for one in listed if one.state == "open" and one.kind in requests.AWAITED}
    found = set()
    for person in doing | asked:
        if person not in known:
            known[person] = _actor(tx, person, now)
        actor, route = known[person], Route(row.tier, split(row.posts))
        if actor is not None and (
            (person in doing and reaches(actor, route, row.area))
            or (person in asked and sees(actor, row.area))
        ):
            found.add(person)
    return frozenset(found)


def _actor(tx: Tx, person: str, now: datetime) -> Actor | None:
    try:
        return staff.actor_of(tx, person, now)
    except NotFound:
        return None
