"""Requests between people as lines of a list, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

from sqlalchemy import select

from api.schemas import RequestRow
from api.views.people import mask_title
from casework import areas, staff
from casework.reading import ANSWERS
from casework.sensitive import HIDDEN
from engine import definitions
from engine.db import Tx
from engine.definitions import Pinned
from engine.routing import Actor, Route, reaches, split
from engine.tables import cases, requests, user_tasks

KINDS = {"opinion": "征求意见", "presign": "前加签", "copy": "抄送", "urge": "催办", "jump": "跳转申请"}
STATES = {
    "open": {"copy": "待阅", "urge": "未读", "jump": "待批准"},
    "answered": {"jump": "已批准", "opinion": "已答复"},
    "read": {"copy": "已阅", "urge": "已读"},
}
SPOKEN = {"agree": "同意", "disagree": "不同意"}
Can = Literal["answer", "withdraw", "read", "decide", "reply"]


def about(tx: Tx, column: Any, value: str) -> list[Any]:
    """Requests of one task or case, oldest first, with what a line needs of case and task."""
    joined = requests.join(cases).outerjoin(user_tasks, user_tasks.c.id == requests.c.task_id)
    wanted = (
        requests,
        cases.c.number,
        cases.c.title,
        cases.c.area,
        cases.c.pins,
        user_tasks.c.state.label("task_state"),
        user_tasks.c.posts.label("task_posts"),
        user_tasks.c.tier.label("task_tier"),
    )
    query = select(*wanted).select_from(joined).where(column == value)
    return list(tx.run(query.order_by(requests.c.asked_at, requests.c.id)))


def rows(
    tx: Tx, actor: Actor, found: Sequence[Any], *, supervises: bool, lifted: bool = False
) -> list[RequestRow]:
    """`lifted`: the reader reads the sensitive answers of their case, and so what colleagues said to each other about it."""
    people = staff.names(tx, {p for row in found for p in (row.asked_by, row.asked_of) if p})
    places = areas.names(tx, {row.area for row in found})
    return [_row(tx, actor, row, people, places, supervises, lifted) for row in found]


def _row(
    tx: Tx,
    actor: Actor,
    row: Any,
    people: dict[str, str],
    places: dict[str, str],
    supervises: bool,
    lifted: bool,
) -> RequestRow:
    pinned = definitions.pinned(tx, row.pins)
    lapsed = row.state == "open" and row.kind != "copy" and row.task_state != "open"
    state = "lapsed" if lapsed else row.state
    own = actor.id in (row.asked_by, row.asked_of)

    def words(said: str | None) -> str | None:
        return said if not said or own or lifted or row.kind not in ANSWERS else HIDDEN

    return RequestRow(
        id=row.id,
        revision=row.revision,
        kind=row.kind,
        kind_text=KINDS[row.kind],
        state=cast(Any, state),
        state_text=_state(row, state),
        case_id=row.case_id,
        case_number=row.number,
        title=mask_title(row.title),
        place=places.get(row.area, row.area),
        task_id=row.task_id,
        task_name=name_of(pinned, row.element),
        target_name=name_of(pinned, row.target),
        asked_by=people.get(row.asked_by, row.asked_by),
        asked_of=people.get(row.asked_of) if row.asked_of else None,
        text=words(row.text) or "",
        asked_at=row.asked_at,
        opinion=row.opinion,
        answer=words(row.answer),
        answered_at=row.answered_at or row.read_at,
        can=_can(actor, row, state, supervises),
    )


def _state(row: Any, state: str) -> str:
    if row.opinion:
        return SPOKEN[row.opinion]
    plain = {
        "open": "待答复",
        "answered": "已答复",
        "read": "已阅",
        "withdrawn": "已收回",
        "refused": "未批准",
    }
    return STATES.get(state, {}).get(row.kind) or plain.get(state, "任务已撤下，不再需要")


def _can(actor: Actor, row: Any, state: str, supervises: bool) -> list[Can]:
    found: list[Can] = []
    if (
        row.kind == "urge"
        and row.state in ("open", "read")
        and row.task_state == "open"
        and _does(actor, row)
    ):
        found.append("reply")
    if state != "open":
        return found
    awaited = row.kind in ("opinion", "presign")
    if awaited and row.asked_of == actor.id:
        found.append("answer")
    if awaited and row.asked_by == actor.id:
        found.append("withdraw")
    if row.kind in ("copy", "urge") and row.asked_of == actor.id:
        found.append("read")
    if row.kind == "jump" and supervises and row.asked_by != actor.id:
        found.append("decide")
    return found


def _does(actor: Actor, row: Any) -> bool:
    """May the actor do the urged task? Lists that do not know the task's posts offer it to whom it was sent."""
    if row.asked_of is not None:
        return bool(row.asked_of == actor.id)
    posts = getattr(row, "task_posts", None)
    return posts is not None and reaches(actor, Route(row.task_tier, split(posts)), row.area)


def name_of(pinned: Pinned, element: str | None) -> str | None:
    """The words on the drawing for an element."""
    for process in pinned.processes.values():
        if element is not None and element in process.nodes:
            return process.nodes[element].name or element
    return element
