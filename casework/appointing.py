"""任职: who is appointed to which post over which area, from when to when; one liaison per village (R34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from casework import audit, books, staff
from casework.organisation import (
    active_person,
    area_row,
    in_force,
    place_of,
    post_label,
    require_keeper,
    today,
)
from casework.tables import appointments, households, persons
from engine import hands
from engine.db import Tx, new_id
from engine.errors import Conflict, Field, Invalid, NotFound
from engine.locking import reason
from engine.routing import Actor, within
from engine.tables import cases, user_tasks

LIAISON = "village_liaison"
A = appointments.c


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a change of liaison found and moved (R34)."""

    before: str | None
    after: str
    households: int
    open_cases: int
    tasks: int
    put_back: int


def appoint(
    tx: Tx,
    actor: Actor,
    *,
    person: str,
    post: str,
    area: str,
    begins: date,
    until: date | None,
    now: datetime,
) -> str:
    """任职 from `begins` up to and without `until`. Returns the appointment's id.

    Raises Invalid for a post that does not exist at that tier or dates in the wrong order, Conflict for a second liaison
    or the same post twice.
    """
    require_keeper(actor, area)
    place, who = area_row(tx, area, begins), active_person(tx, person)
    known = tx.world.posts.get(post)
    if known is None or place.tier not in known["tiers"]:
        raise Invalid(
            f"{place.name}不设“{post_label(tx, post)}”岗位。",
            "The post does not exist at that tier.",
            fields=[Field("post", "这一层级没有此岗位")],
        )
    _in_order(begins, until)
    _not_twice(tx, person, post, area, begins, until)
    if post == LIAISON:
        _no_other_liaison(tx, area, place.name, begins, until)
    made = new_id()
    row = {"id": made, "person": person, "post": post, "tier": place.tier, "area": area}
    tx.run(insert(appointments), {**row, "valid_from": begins, "valid_to": until})
    text = f"{who.name}任{place.name}{known['label']}，自 {begins:%Y-%m-%d} 起"
    if until is not None:
        text += f"至 {until:%Y-%m-%d}（不含）"
    details = {"post": post, "appointment": made, "from": begins.isoformat()}
    audit.record(tx, actor.id, "appointed", text, now, area=area, person=person, **details)
    return made


def _in_order(begins: date, until: date | None) -> None:
    if until is not None and until <= begins:
        raise Invalid(
            "任期结束日期须晚于开始日期。",
            "The dates are in the wrong order.",
            fields=[Field("until", "须晚于开始日期")],
        )


def _overlaps(begins: date, until: date | None) -> Any:
    later = or_(A.valid_to.is_(None), A.valid_to > begins)
    return later if until is None else later & (A.valid_from < until)


def _not_twice(tx: Tx, person: str, post: str, area: str, begins: date, until: date | None) -> None:
    same = select(A.id).where(A.person == person, A.post == post, A.area == area, _overlaps(begins, until))
    if tx.run(same.limit(1)).first() is not None:
        raise Conflict(
            "此人这一时期已担任该岗位。", "The person holds that post already.", code="appointed_already"
        )


def _no_other_liaison(tx: Tx, area: str, name: str, begins: date, until: date | None) -> None:
    held = (
        select(persons.c.name, A.valid_from, A.valid_to)
        .join(persons, persons.c.id == A.person)
        .where(A.post == LIAISON, A.area == area, _overlaps(begins, until))
    )
    row = tx.run(held.limit(1)).one_or_none()
    if row is not None:
        raise Conflict(
            f"{name}已有联络员{row.name}，每个村（居）只能有一名；请办理联络员交接。",
            "The village has a liaison already.",
            code="liaison_taken",
        )


def get(tx: Tx, appointment: str) -> Any:
    """The appointment with its holder's name, locked. Raises NotFound."""
    query = select(appointments, persons.c.name).join(persons).where(A.id == appointment)
    row = tx.run(query.with_for_update(of=appointments)).one_or_none()
    if row is None:
        raise NotFound("没有这条任职记录。", "No such appointment.")
    return row


def end(tx: Tx, actor: Actor, appointment: str, on: date, why: str, now: datetime) -> int:
    """免职: from `on` the post is no longer held. Returns how many open tasks of that area the person still holds."""
    row = get(tx, appointment)
    require_keeper(actor, row.area)
    if row.valid_to is not None and row.valid_to <= on:
        raise Conflict("这项任职已经结束。", "The appointment has ended.")
    if on < row.valid_from:
        raise Invalid(
            "免职日期不能早于任职日期。", "Before it began.", fields=[Field("on", "不能早于任职日期")]
        )
    stated = reason(why, "免职")
    tx.run(update(appointments).where(A.id == appointment).values(valid_to=on))
    label = post_label(tx, row.post)
    text = f"{row.name}自 {on:%Y-%m-%d} 起不再任{place_of(tx, row.area)}{label}：{stated}"
    details = {"post": row.post, "appointment": appointment, "reason": stated}
    audit.record(tx, actor.id, "post_ended", text, now, area=row.area, person=row.person, **details)
    if row.post == LIAISON:
        _alarm(tx, row.area, on, now)
    return _held(tx, row.person, row.area)


def _alarm(tx: Tx, area: str, on: date, now: datetime) -> None:
    """A village will be without a liaison: its town hears of it at once."""
    after = select(A.id).where(A.post == LIAISON, A.area == area, A.valid_from >= on)
    if tx.run(after.limit(1)).first() is None:
        text = f"{place_of(tx, area)}自 {on:%Y-%m-%d} 起没有联络员，请尽快确定接任人选。"
        people = staff.holders(tx, ["town_service_office"], area, now)
        books.tell(tx, people, kind="vacancy", title="联络员空缺", text=text, now=now)


def _held(tx: Tx, person: str, area: str) -> int:
    u = user_tasks.c
    inside = or_(u.area == area, u.area.startswith(area + "/", autoescape=True))
    query = select(func.count()).where(u.state == "open", u.holder == person, inside)
    return int(tx.run(query).scalar_one())


def change_liaison(
    tx: Tx,
    actor: Actor,
    *,
    area: str,
    person: str,
    on: date,
    items: str,
    witness: str,
    now: datetime,
) -> HandOver:
    """联络员交接: the old liaison's post ends and the new one's begins on the same day, with a record of what was handed over.

    From today on (or earlier) the tasks the old one holds in the village go along; a change planned for later leaves them.
    """
    require_keeper(actor, area)
    place = area_row(tx, area, on)
    if place.tier != "village":
        raise Invalid(
            "联络员只设在村（居）。", "Liaisons are of villages.", fields=[Field("area", "请选择村（居）")]
        )
    successor = active_person(tx, person)
    stated = reason(items, "交接内容")
    held = select(appointments, persons.c.name).join(persons).where(A.post == LIAISON, A.area == area)
    before = tx.run(held.where(in_force(appointments, on)).with_for_update(of=appointments)).one_or_none()
    if before is not None and before.person == person:
        raise Conflict(f"{successor.name}已是本村（居）联络员。", "The person is the liaison already.")
    if before is not None:
        tx.run(update(appointments).where(A.id == before.id).values(valid_to=on))
    _no_other_liaison(tx, area, place.name, on, None)
    row = {"id": new_id(), "person": person, "post": LIAISON, "tier": "village", "area": area}
    tx.run(insert(appointments), {**row, "valid_from": on, "valid_to": None})
    moved = put_back = 0
    if before is not None and on <= today(now):
        to = staff.actor_of(tx, person, now)
        moved, put_back = hands.hand_over(tx, actor, before.person, to, "联络员交接", now, within_area=area)
    made = HandOver(before.name if before else None, successor.name, *_extent(tx, area), moved, put_back)
    text = f"{place.name}联络员自 {on:%Y-%m-%d} 起由{made.before or '空缺'}交接给{made.after}"
    details: dict[str, Any] = {
        "before": before.person if before else None,
        "items": stated,
        "witness": witness.strip(),
        "households": made.households,
        "open_cases": made.open_cases,
        "tasks": made.tasks,
        "put_back": made.put_back,
        "on": on.isoformat(),
    }
    audit.record(tx, actor.id, "liaison_changed", text, now, area=area, person=person, **details)
    return made


def _extent(tx: Tx, area: str) -> tuple[int, int]:
    """Households and open cases of a village, for the record of a hand-over."""
    counted = []
    for column, also in ((households.c.area, None), (cases.c.area, cases.c.status == "active")):
        inside = or_(column == area, column.startswith(area + "/", autoescape=True))
        where = inside if also is None else inside & also
        counted.append(int(tx.run(select(func.count()).where(where)).scalar_one()))
    return counted[0], counted[1]


def of_area(tx: Tx, area: str) -> list[Any]:
    """Every appointment there ever was to posts of this very area, newest first, with name and phone."""
    query = select(appointments, persons.c.name, persons.c.phone, persons.c.disabled).join(persons)
    return list(tx.run(query.where(A.area == area).order_by(A.valid_from.desc(), A.post, A.id)))


def of_person(tx: Tx, person: str, on: date) -> list[Any]:
    """Appointments of a person that hold or will."""
    query = select(appointments).where(A.person == person, or_(A.valid_to.is_(None), A.valid_to > on))
    return list(tx.run(query.order_by(A.area, A.post)))


def under(tx: Tx, root: str, on: date) -> list[Any]:
    """Appointments in force in an area and below, people whose account is disabled left out."""
    inside = or_(A.area == root, A.area.startswith(root + "/", autoescape=True))
    query = select(A.area, A.post, A.person, persons.c.name).join(persons, persons.c.id == A.person)
    return [
        row
        for row in tx.run(query.where(inside, in_force(appointments, on), persons.c.disabled.is_(False)))
        if within(row.area, root)
    ]
