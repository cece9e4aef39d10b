"""委托代理: who stands in for whom, from when to when. The substitute sees and does the tasks of that post; history says 代."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from casework import appointing, audit, books
from casework.organisation import active_person, in_force, keeps, place_of, post_label, today
from casework.tables import appointments, persons, substitutions
from engine.db import Tx, new_id
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound
from engine.locking import reason
from engine.routing import Actor

S = substitutions.c


_TIERS = {"district": 0, "town": 1, "village": 2, "grid": 2}


def _fits(tx: Tx, row: Any, person: str, on: date) -> None:
    """Who stands in works in the same kind of body, at that tier or above; or, for a partner's post, from a partner. Raises Invalid."""

    def outside(post: str) -> bool:
        return bool(tx.world.posts.get(post, {}).get("outside"))

    a = appointments.c
    held = list(tx.run(select(a.post, a.tier).where(a.person == person, in_force(appointments, on))))
    if outside(row.post):
        fits, said = any(outside(one.post) for one in held), "外单位的岗位须由外单位的人员代理"
    else:
        own = [one for one in held if not outside(one.post)]
        fits = any(_TIERS[one.tier] <= _TIERS[row.tier] for one in own)
        said = "须由同级或上级岗位的人员代理" if own else "外单位人员和没有岗位的人员不能代理，请先任职"
    if not fits:
        raise Invalid(
            f"此人不能代理这一岗位：{said}。", "Not fit for that post.", fields=[Field("person", said)]
        )


def substitute(
    tx: Tx,
    actor: Actor,
    appointment: str,
    person: str,
    begins: date,
    until: date,
    why: str,
    now: datetime,
) -> str:
    """Record a substitution from `begins` up to and without `until`, by a keeper of the area or the absent person.

    Raises Conflict while another substitute of the same post holds, Invalid for dates outside the appointment.
    """
    row = appointing.get(tx, appointment)
    if row.person != actor.id and not keeps(actor, row.area):
        raise Forbidden("委托代理由本人或人员维护单位登记。", "Neither the absent person nor a keeper.")
    who = active_person(tx, person)
    if person == row.person:
        raise Invalid("不能由本人代理本人。", "That is the person.", fields=[Field("person", "请选择他人")])
    _fits(tx, row, person, begins)
    if until <= begins:
        raise Invalid(
            "代理结束日期不能早于开始日期。", "Wrong order.", fields=[Field("until", "不能早于开始日期")]
        )
    if row.valid_from > begins or (row.valid_to is not None and row.valid_to < until):
        raise Invalid(
            "代理期限须在任职期限之内。", "Outside the appointment.", fields=[Field("until", "超出任职期限")]
        )
    if until <= today(now):
        raise Invalid("代理期限已经过去。", "In the past.", fields=[Field("until", "不能早于今天")])
    overlap = select(S.id).where(S.appointment == appointment, S.valid_from < until, S.valid_to > begins)
    if tx.run(overlap.limit(1)).first() is not None:
        raise Conflict("这一时期已有代理人。", "There is a substitute already.", code="substitute_taken")
    stated = reason(why, "代理")
    made = {"id": new_id(), "appointment": appointment, "substitute": person, "reason": stated}
    tx.run(
        insert(substitutions), {**made, "valid_from": begins, "valid_to": until, "by": actor.id, "at": now}
    )
    place, label = place_of(tx, row.area), post_label(tx, row.post)
    text = (
        f"{who.name}代理{row.name}（{place}{label}），{begins:%Y-%m-%d} 至 {until:%Y-%m-%d}（不含）：{stated}"
    )
    details = {"appointment": appointment, "substitute": person, "reason": stated}
    audit.record(tx, actor.id, "substituted", text, now, area=row.area, person=row.person, **details)
    books.tell(tx, [person, row.person], kind="substituted", title="委托代理", text=text, now=now)
    return made["id"]


def end(tx: Tx, actor: Actor, substitution: str, now: datetime) -> None:
    """代理终止: the absent person is back (or the substitute may not go on) from today."""
    found = tx.run(select(substitutions).where(S.id == substitution).with_for_update()).one_or_none()
    if found is None:
        raise NotFound("没有这条代理记录。", "No such substitution.")
    row, on = appointing.get(tx, found.appointment), today(now)
    if actor.id not in (row.person, found.substitute) and not keeps(actor, row.area):
        raise Forbidden("代理由本人、代理人或人员维护单位终止。", "Not yours to end.")
    if found.valid_to <= on:
        raise Conflict("代理已经结束。", "It has ended.")
    tx.run(update(substitutions).where(S.id == substitution).values(valid_to=max(on, found.valid_from)))
    name = tx.run(select(persons.c.name).where(persons.c.id == found.substitute)).scalar_one()
    text = f"{name}不再代理{row.name}（{place_of(tx, row.area)}{post_label(tx, row.post)}）"
    audit.record(tx, actor.id, "substitution_ended", text, now, area=row.area, person=row.person)
    books.tell(tx, [found.substitute, row.person], kind="substituted", title="代理终止", text=text, now=now)


def of_appointments(tx: Tx, ids: list[str], on: date) -> dict[str, list[Any]]:
    """Substitutions by appointment that hold or will, with the substitute's name."""
    found: dict[str, list[Any]] = {}
    query = select(substitutions, persons.c.name).join(persons, persons.c.id == S.substitute)
    for row in tx.run(query.where(S.appointment.in_(ids), S.valid_to > on).order_by(S.valid_from)):
        found.setdefault(row.appointment, []).append(row)
    return found


def mine(tx: Tx, person: str, on: date) -> list[Any]:
    """Substitutions that concern a person, as the absent one or the substitute, that hold or will."""
    a = appointments.c
    query = (
        select(substitutions, a.person, a.post, a.area)
        .join(appointments, a.id == S.appointment)
        .where(or_(a.person == person, S.substitute == person), S.valid_to > on)
    )
    return list(tx.run(query.order_by(S.valid_from)))
