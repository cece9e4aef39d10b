"""User tasks: who sees them, who holds them, who has signed.

Areas and posts match at query time, so a person appointed today sees the tasks that were open yesterday.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, false, func, insert, or_, select, update

from engine.clocks import Clock, binding
from engine.db import Tx
from engine.errors import Conflict, Forbidden, NotFound, StaleRevision
from engine.model import Node, Tier
from engine.routing import Actor, Route, reaches, route_of, stands_in_for
from engine.runner.values import Waiting
from engine.tables import cases, user_tasks

T = user_tasks.c
_ADD = insert(user_tasks)
CASE_COLUMNS = [cases.c.number, cases.c.title, cases.c.revision.label("case_revision"), cases.c.track]


@dataclass(frozen=True, slots=True)
class Signature:
    """One of several people who must act. `digest` covers what was signed: another content voids it."""

    person: str
    name: str
    at: str
    digest: str

    def as_dict(self) -> dict[str, str]:
        return {"person": self.person, "name": self.name, "at": self.at, "digest": self.digest}


def row_of(
    waiting: Waiting,
    node: Node,
    *,
    case_id: str,
    area: str,
    stage: str | None,
    urgent: bool,
    came_from: str | None,
    now: datetime,
    live: Iterable[Clock],
) -> dict[str, Any]:
    """The row for a new user task. Its due date is the earliest of its own limit, its stage's, and the drawing's."""
    route = route_of(node, waiting.candidate_groups, waiting.tier)
    limit = binding(live, (waiting.key, *waiting.owners))
    due = min((at for at in (waiting.due, limit.due_at if limit else None) if at is not None), default=None)
    bound = limit is not None and due == limit.due_at
    return {
        "id": waiting.key,
        "case_id": case_id,
        "process": waiting.process,
        "element": waiting.element,
        "name": node.name or node.id,
        "stage": stage,
        "area": waiting.area or area,
        "tier": route.tier,
        "posts": "," + ",".join(route.posts) + ",",
        "assignee": waiting.assignee,
        "form": node.form,
        "path": waiting.path,
        "owners": list(waiting.owners),
        "together": waiting.together,
        "acted": [],
        "recuse": node.properties.get("recuse"),
        "state": "open",
        "holder": waiting.assignee,
        "urgent": urgent,
        "priority": waiting.priority,
        "due_at": due,
        "due_term": limit.term if limit is not None and bound else None,
        "due_provisional": limit.provisional if limit is not None and bound else False,
        "due_state": state_of(limit) if bound else None,
        "follow_up": waiting.follow_up,
        "created_at": now,
        "came_from": came_from,
        "revision": 1,
    }


def add(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    tx.write(_ADD, list(rows))


_END = (
    update(user_tasks)
    .where(T.id.in_(bindparam("keys", expanding=True)), T.state == "open")
    .values(
        state=bindparam("word"),
        ended_at=bindparam("at"),
        ended_by=bindparam("who"),
        draft=None,
        revision=T.revision + 1,
    )
)


def end(tx: Tx, ids: Sequence[str], state: str, now: datetime, by: str | None) -> None:
    tx.write(_END, {"keys": list(ids), "word": state, "at": now, "who": by})


def change(tx: Tx, task_id: str, **values: Any) -> None:
    """Change an open task; its revision moves on."""
    tx.write(update(user_tasks).where(T.id == task_id).values(**values, revision=T.revision + 1))


def save_draft(tx: Tx, task_id: str, draft: Mapping[str, Any]) -> None:
    """What a person has typed so far. Not a change anybody else could miss, so the revision stays."""
    tx.run(update(user_tasks).where(T.id == task_id, T.state == "open").values(draft=dict(draft)))


def get(tx: Tx, task_id: str) -> Any:
    row = tx.run(select(user_tasks, *CASE_COLUMNS).join(cases).where(T.id == task_id)).one_or_none()
    if row is None:
        raise NotFound("没有这项任务，或您无权查看。", "No such task.")
    return row


def require_open(row: Any, revision: int) -> None:
    """The task is open and unchanged since the user saw it."""
    if row.state != "open":
        raise Conflict("这项任务已由他人办理或已被取消。", "The task is no longer open.")
    if row.revision != revision:
        raise StaleRevision(
            "任务已有更新，请刷新后再提交；您填写的内容仍在本页。",
            "The task has changed since you opened it.",
        )


def require_actor(row: Any, actor: Actor) -> None:
    """The actor's posts reach the task (or it was given to the actor by name), nobody else holds it.

    What an absent person holds is free for the substitute.
    """
    require_reach(row, actor)
    if held_by_another(row, actor):
        raise Conflict("这项任务正由他人办理。", "Somebody else holds the task.")
    if any(signed["person"] == actor.id for signed in row.acted):
        raise Forbidden("您已经签过，须由另一人办理。", "You have signed already; another person must act.")


def held_by_another(row: Any, actor: Actor) -> bool:
    """Is the task in the hands of somebody the actor does not stand in for?"""
    if row.holder in (None, actor.id):
        return False
    return row.holder not in stands_in_for(actor, route_of_row(row), row.area)


def require_answers(row: Any) -> None:
    """Nobody who was asked for an opinion or a signature before mine still has to speak."""
    if row.awaits:
        raise Conflict(
            f"还有 {row.awaits} 人的意见没有答复；请等待答复，或收回后再提交。",
            "Opinions asked for are outstanding.",
            code="opinions_outstanding",
        )


def require_reach(row: Any, actor: Actor) -> None:
    if actor.id not in (row.assignee, row.holder) and not reaches(actor, route_of_row(row), row.area):
        raise Forbidden("这项任务不在您的岗位和区域范围内。", "The task is outside your posts and areas.")


def route_of_row(row: Any) -> Route:
    return Route(row.tier, tuple(part for part in row.posts.split(",") if part))


# ------------------------------------------------------------------------------------------ lists
def in_reach(actor: Actor) -> ColumnElement[bool]:
    """The SQL of `routing.reaches` over open tasks."""
    reach = []
    for held in (*actor.appointments, *actor.outside):
        tiers = [held.tier, Tier.VILLAGE.value] if held.tier == Tier.GRID else [held.tier]
        area = or_(T.area == held.area, T.area.startswith(held.area + "/", autoescape=True))
        if held.tier == Tier.GRID:
            area = or_(area, T.area == held.area.rpartition("/")[0])
        posts = T.posts.contains(f",{held.post},", autoescape=True)
        if held not in actor.outside:
            posts = or_(T.posts == ",,", posts)
        reach.append(and_(or_(T.tier.is_(None), T.tier.in_(tiers)), posts, area))
    return or_(*reach) if reach else false()


def _of_the_absent(actor: Actor) -> ColumnElement[bool]:
    """Tasks held by people for whom the actor stands in, as far as the substitution reaches."""
    absent = tuple(held for held in actor.appointments if held.instead_of is not None)
    outside = tuple(held for held in actor.outside if held.instead_of is not None)
    if not absent and not outside:
        return false()
    return and_(
        T.holder.in_({held.instead_of for held in (*absent, *outside)}),
        in_reach(Actor(actor.id, actor.name, absent, outside=outside)),
    )


def _mine(actor: Actor, tab: str) -> ColumnElement[bool]:
    held = and_(T.state == "open", T.holder == actor.id)
    free = and_(T.state == "open", or_(T.holder.is_(None), _of_the_absent(actor)), in_reach(actor))
    by_tab = {
        "todo": or_(held, free),
        "claimable": free,
        "mine": held,
        "done": and_(T.state == "completed", T.ended_by == actor.id),
        "started": and_(T.state == "open", cases.c.opened_by == actor.id),
    }
    return by_tab[tab]


DAY = timedelta(days=1)
TABS = ("todo", "claimable", "mine", "done", "started")


def _order(now: datetime, tab: str, sort: str | None) -> list[Any]:
    if tab == "done":
        return [T.ended_at.desc(), T.id]
    if sort == "created":
        return [T.created_at.desc(), T.id]
    overdue = case((late(now), 0), else_=1)
    clockless = case((T.due_at.is_(None), 1), else_=0)
    if sort == "due":
        return [clockless, T.due_at, T.id]
    return [pressing(T.urgent, T.due_at, T.created_at, now), overdue, clockless, T.due_at, T.created_at, T.id]


def pressing(urgent: Any, due_at: Any, since: Any, now: datetime) -> Any:
    """0 for what of an urgent case is to be done within a day (without a limit: came within a day), else 1. Where the person has been helped,
    what is left has its own, later days and takes its turn by them."""
    soon = or_(due_at <= now + DAY, and_(due_at.is_(None), since > now - DAY))
    return case((and_(urgent, soon), 0), else_=1)


def page(
    tx: Tx,
    actor: Actor,
    tab: str,
    now: datetime,
    *,
    filters: Sequence[ColumnElement[bool]] = (),
    sort: str | None = None,
    offset: int = 0,
    limit: int = 20,
) -> tuple[list[Any], int]:
    """One page of a tab and how many there are in all."""
    base: Select[Any] = select(user_tasks, *CASE_COLUMNS).join(cases).where(_mine(actor, tab), *filters)
    total = tx.run(select(func.count()).select_from(base.order_by(None).subquery())).scalar_one()
    rows = tx.run(base.order_by(*_order(now, tab, sort)).offset(offset).limit(limit))
    return list(rows), int(total)


def counters(tx: Tx, actor: Actor, now: datetime) -> dict[str, dict[str, int]]:
    """For every tab: how many, and how many of them overdue."""
    columns: list[Any] = []
    for tab in TABS:
        mine = _mine(actor, tab)
        columns.append(func.count(case((mine, 1))).label(f"{tab}_all"))
        columns.append(func.count(case((and_(mine, T.state == "open", late(now)), 1))).label(f"{tab}_red"))
    relevant = or_(T.state == "open", T.ended_by == actor.id)
    row = tx.run(select(*columns).select_from(user_tasks.join(cases)).where(relevant)).one()
    return {tab: {"all": getattr(row, f"{tab}_all"), "red": getattr(row, f"{tab}_red")} for tab in TABS}


def open_of_case(tx: Tx, case_id: str) -> list[Any]:
    query = select(user_tasks, *CASE_COLUMNS).join(cases).where(T.case_id == case_id, T.state == "open")
    return list(tx.run(query.order_by(T.created_at, T.id)))


def actors_of(tx: Tx, case_id: str, elements: Iterable[str], path: str = "") -> list[str]:
    """Who has completed (or signed) one of these elements in the case: for separation of duties.

    Seen from `path`: what was done in another instance of a multi-instance body (another application of the household) is not of this matter.
    """
    query = select(T.ended_by, T.acted, T.path).where(
        T.case_id == case_id, T.element.in_(list(elements)), T.state == "completed"
    )
    people: dict[str, None] = {}
    for row in tx.run(query):
        if not _one_line(row.path, path):
            continue
        for person in [row.ended_by, *(signed["person"] for signed in row.acted)]:
            if person:
                people[person] = None
    return list(people)


def _one_line(one: str, other: str) -> bool:
    """Is one of these paths within the other?"""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/") or not one or not other


def state_of(limit: Clock | None) -> str | None:
    """What a limit is besides its date: `paused`, `extended`."""
    if limit is None:
        return None
    return "paused" if limit.state == "paused" else "extended" if limit.extension else None


def redate(tx: Tx, case_id: str, live: Sequence[Clock]) -> None:
    """After clocks moved: the open tasks of the case show the new earliest limit."""
    for row in tx.run(select(T.id, T.owners).where(T.case_id == case_id, T.state == "open")):
        limit = binding(live, (row.id, *row.owners))
        if limit is not None:
            values = {"due_at": limit.due_at, "due_term": limit.term, "due_provisional": limit.provisional}
            tx.run(update(user_tasks).where(T.id == row.id).values(**values, due_state=state_of(limit)))


def late(now: datetime) -> ColumnElement[bool]:
    """Overdue: its date is past and its clock is not standing still."""
    return and_(T.due_at < now, or_(T.due_state.is_(None), T.due_state != "paused"))


def open_by_case(tx: Tx, case_ids: Iterable[str]) -> dict[str, list[Any]]:
    """Open tasks per case, for lists of cases."""
    found: dict[str, list[Any]] = {}
    query = select(T.case_id, T.element, T.name, T.due_at).where(
        T.case_id.in_(list(case_ids)), T.state == "open"
    )
    for row in tx.run(query.order_by(T.created_at, T.id)):
        found.setdefault(row.case_id, []).append(row)
    return found


def in_sight(actor: Actor, area: Any, root: str | None = None) -> ColumnElement[bool]:
    """The SQL of `routing.sees` for an area column, narrowed to a subtree if asked."""
    sight = [
        or_(area == held.area, area.startswith(held.area + "/", autoescape=True))
        for held in actor.appointments
    ]
    grids = [area == held.area.rpartition("/")[0] for held in actor.appointments if held.tier == Tier.GRID]
    past = [or_(area == old, area.startswith(old + "/", autoescape=True)) for old in actor.formerly]
    seen = or_(false(), *sight, *grids, *past)
    if root is None:
        return seen
    return and_(seen, or_(area == root, area.startswith(root + "/", autoescape=True)))
