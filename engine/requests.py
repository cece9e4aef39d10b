"""What people ask of each other about a case: opinions, signatures before their own, copies to read, urgings, moves by two.

A request moves no token. One that a task awaits (`opinion`, `presign`) is alive as long as its task is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from engine.db import Tx, new_id
from engine.errors import Conflict, NotFound, StaleRevision
from engine.tables import cases, requests, user_tasks

R = requests.c
Kind = Literal["opinion", "presign", "copy", "urge", "jump"]
AWAITED = ("opinion", "presign")
Tab = Literal["answer", "copies", "asked", "moves"]


def add(
    tx: Tx,
    kind: Kind,
    *,
    case_id: str,
    asked_by: str,
    asked_of: Sequence[str | None],
    text: str,
    now: datetime,
    task_id: str | None = None,
    element: str | None = None,
    target: str | None = None,
    day: date | None = None,
) -> list[str]:
    """One request for each person asked (None: whoever may do it); their ids."""
    common = {"case_id": case_id, "task_id": task_id, "element": element, "kind": kind, "state": "open"}
    rows = [
        {
            **common,
            "id": new_id(),
            "asked_by": asked_by,
            "asked_of": person,
            "text": text,
            "target": target,
            "asked_at": now,
            "day": day,
            "revision": 1,
        }
        for person in asked_of
    ]
    tx.write(insert(requests), rows)
    return [str(row["id"]) for row in rows]


def get(tx: Tx, request_id: str) -> Any:
    row = tx.run(select(requests).where(R.id == request_id)).one_or_none()
    if row is None:
        raise NotFound("没有这条协办事项，或您无权查看。", "No such request.")
    return row


def require_open(row: Any, revision: int) -> None:
    if row.state != "open":
        raise Conflict("这条协办事项已经处理过了。", "The request is no longer open.")
    if row.revision != revision:
        raise StaleRevision("协办事项已有更新，请刷新后再试。", "The request has changed.")


def change(tx: Tx, request_id: str, **values: Any) -> None:
    tx.write(update(requests).where(R.id == request_id).values(**values, revision=R.revision + 1))


def of_task(tx: Tx, task_id: str) -> list[Any]:
    """Everything asked about a task, oldest first."""
    return list(tx.run(select(requests).where(R.task_id == task_id).order_by(R.asked_at, R.id)))


def of_case(tx: Tx, case_id: str) -> list[Any]:
    return list(tx.run(select(requests).where(R.case_id == case_id).order_by(R.asked_at, R.id)))


def urged(tx: Tx, task_id: str, day: date) -> bool:
    query = select(R.id).where(R.task_id == task_id, R.kind == "urge", R.day == day)
    return tx.run(query).first() is not None


def _alive() -> ColumnElement[bool]:
    return and_(R.state == "open", user_tasks.c.state == "open")


def _of(person: str, tab: Tab, sight: ColumnElement[bool]) -> ColumnElement[bool]:
    by_tab = {
        "answer": and_(R.asked_of == person, R.kind.in_(AWAITED), _alive()),
        "copies": and_(R.asked_of == person, R.kind == "copy"),
        "asked": R.asked_by == person,
        "moves": and_(R.kind == "jump", _alive(), R.asked_by != person, sight),
    }
    return by_tab[tab]


def page(
    tx: Tx, person: str, tab: Tab, sight: ColumnElement[bool], *, offset: int = 0, limit: int = 20
) -> tuple[list[Any], int]:
    """A person's requests of one tab, unread and open ones first. `sight`: the cases whose moves the person may approve."""
    joined = requests.join(cases).outerjoin(user_tasks, user_tasks.c.id == R.task_id)
    where = _of(person, tab, sight)
    total = tx.run(select(func.count()).select_from(joined).where(where)).scalar_one()
    query = (
        select(
            requests,
            cases.c.number,
            cases.c.title,
            cases.c.area,
            cases.c.pins,
            user_tasks.c.state.label("task_state"),
        )
        .select_from(joined)
        .where(where)
        .order_by(or_(R.state != "open", R.read_at.is_not(None)), R.asked_at.desc(), R.id)
    )
    return list(tx.run(query.offset(offset).limit(limit))), int(total)


def waiting(tx: Tx, person: str, sight: ColumnElement[bool]) -> dict[str, int]:
    """How many wait for the person: to answer, to read, to approve."""
    joined = requests.join(cases).outerjoin(user_tasks, user_tasks.c.id == R.task_id)
    unread = and_(R.asked_of == person, R.kind == "copy", R.state == "open")
    found = {"answer": _of(person, "answer", sight), "copies": unread, "moves": _of(person, "moves", sight)}
    return {
        key: int(tx.run(select(func.count()).select_from(joined).where(where)).scalar_one())
        for key, where in found.items()
    }
