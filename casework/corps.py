"""救助信息员队伍: the register of people – account, phone, training with its validity (R9)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from casework import appointing, audit
from casework.organisation import in_force, keeps, person_row, require_keeper, today
from casework.sessions import SHORTEST, passwords
from casework.tables import appointments, persons, sessions, substitutions, trainings
from engine.db import Tx, new_id
from engine.errors import Conflict, Field, Forbidden, Invalid
from engine.locking import reason
from engine.routing import Actor
from engine.tables import user_tasks

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
UNUSABLE = "!"
"""In place of a password hash: nobody can log in until a password is given."""


# ------------------------------------------------------------------------------------------ one person
def add(tx: Tx, actor: Actor, name: str, phone: str | None, now: datetime, *, area: str) -> str:
    """A new account, not yet usable; its user name is the phone, else a short code. Raises Conflict for a known phone."""
    require_keeper(actor, area)
    called, number = name.strip(), (phone or "").strip() or None
    if not called:
        raise Invalid("请填写姓名。", "The name is missing.", fields=[Field("name", "请填写姓名")])
    if number is not None:
        known = tx.run(select(persons.c.name).where(persons.c.phone == number)).scalars().first()
        if known is not None:
            raise Conflict(
                f"这个手机号已登记在{known}名下，请勿重复建账号。", "The phone is known.", code="phone_known"
            )
    made = new_id()
    row = {"id": made, "name": called, "phone": number, "username": _username(tx, number)}
    tx.run(insert(persons), {**row, "password": UNUSABLE, "disabled": False, "failures": 0})
    audit.record(tx, actor.id, "person_added", f"新增{called}", now, area=area, person=made)
    return made


def _username(tx: Tx, phone: str | None) -> str:
    wanted = phone or "u" + "".join(secrets.choice(ALPHABET) for _ in range(6))
    taken = tx.run(select(persons.c.id).where(persons.c.username == wanted)).first() is not None
    return wanted if not taken else _username(tx, None)


def _require(tx: Tx, actor: Actor, person: str) -> Any:
    """Who keeps an area the person holds or held a post of keeps the person; one without any post, every keeper."""
    row, a = person_row(tx, person), appointments.c
    held = list(tx.run(select(a.area).where(a.person == person).order_by(a.valid_from.desc())).scalars())
    if held and not any(keeps(actor, area) for area in held):
        raise Forbidden("此人不在您维护的范围内。", "Not yours to keep.")
    return row


def new_password() -> str:
    """One to be handed over: no letters that are taken for others."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SHORTEST))


def set_password(tx: Tx, actor: Actor, person: str, now: datetime) -> str:
    """A new password to be handed over in person; sessions end. → the password, shown this once"""
    row = _require(tx, actor, person)
    made = new_password()
    changed = {"password": passwords.hash(made), "failures": 0, "locked_until": None}
    tx.run(update(persons).where(persons.c.id == person).values(**changed))
    tx.run(delete(sessions).where(sessions.c.person == person))
    audit.record(
        tx, actor.id, "password_set", f"重置{row.name}的密码", now, area=_home(tx, person), person=person
    )
    return made


def username(tx: Tx, person: str) -> str:
    return str(person_row(tx, person).username)


def set_phone(tx: Tx, actor: Actor, person: str, phone: str, now: datetime) -> None:
    row = _require(tx, actor, person)
    number = phone.strip() or None
    other = select(persons.c.name).where(persons.c.phone == number, persons.c.id != person)
    known = tx.run(other).scalars().first() if number else None
    if known is not None:
        raise Conflict(f"这个手机号已登记在{known}名下。", "The phone is known.", code="phone_known")
    tx.run(update(persons).where(persons.c.id == person).values(phone=number))
    audit.record(
        tx, actor.id, "person_changed", f"{row.name}的手机号", now, area=_home(tx, person), person=person
    )


def disable(tx: Tx, actor: Actor, person: str, why: str, now: datetime) -> int:
    """停用账号: the person's posts and substitutions end today, sessions end at once. → open tasks still in the person's hands

    Those tasks are handed over on the page 工作交接, where people who are gone come first.
    """
    row, stated = _require(tx, actor, person), reason(why, "停用")
    if person == actor.id:
        raise Forbidden("不能停用自己的账号。", "That is you.")
    if row.disabled:
        raise Conflict("账号已经停用。", "Disabled already.")
    place, on = _home(tx, person), today(now)
    a = appointments.c
    held = select(a.id, a.valid_from).where(a.person == person, or_(a.valid_to.is_(None), a.valid_to > on))
    for one in list(tx.run(held)):
        appointing.end(tx, actor, one.id, max(on, one.valid_from), stated, now)
    s = substitutions.c
    standing = (s.substitute == person, s.valid_to > on)
    tx.run(update(substitutions).where(*standing, s.valid_from > on).values(valid_to=s.valid_from))
    tx.run(update(substitutions).where(*standing, s.valid_from <= on).values(valid_to=on))
    tx.run(update(persons).where(persons.c.id == person).values(disabled=True))
    tx.run(delete(sessions).where(sessions.c.person == person))
    audit.record(
        tx, actor.id, "person_disabled", f"停用{row.name}的账号：{stated}", now, area=place, person=person
    )
    left = select(func.count()).where(user_tasks.c.state == "open", user_tasks.c.holder == person)
    return int(tx.run(left).scalar_one())


def enable(tx: Tx, actor: Actor, person: str, now: datetime) -> None:
    """恢复账号; posts have to be given anew."""
    row = _require(tx, actor, person)
    if not row.disabled:
        raise Conflict("账号没有停用。", "It is in use.")
    tx.run(update(persons).where(persons.c.id == person).values(disabled=False))
    audit.record(
        tx, actor.id, "person_enabled", f"恢复{row.name}的账号", now, area=_home(tx, person), person=person
    )


def train(
    tx: Tx, actor: Actor, person: str, topic: str, held_on: date, valid_to: date | None, now: datetime
) -> None:
    """培训: what, when, and the last day it is valid."""
    row = _require(tx, actor, person)
    if not topic.strip():
        raise Invalid("请填写培训内容。", "The topic is missing.", fields=[Field("topic", "请填写培训内容")])
    if valid_to is not None and valid_to < held_on:
        raise Invalid(
            "有效期不能早于培训日期。", "Wrong order.", fields=[Field("valid_to", "不能早于培训日期")]
        )
    made = {
        "id": new_id(),
        "person": person,
        "topic": topic.strip(),
        "held_on": held_on,
        "valid_to": valid_to,
    }
    tx.run(insert(trainings), made)
    text = f"{row.name}参加培训：{topic.strip()}"
    audit.record(tx, actor.id, "trained", text, now, area=_home(tx, person), person=person)


def _home(tx: Tx, person: str) -> str | None:
    a = appointments.c
    query = (
        select(a.area).where(a.person == person).order_by(a.valid_to.is_(None).desc(), a.valid_from.desc())
    )
    return tx.run(query.limit(1)).scalar_one_or_none()


# ------------------------------------------------------------------------------------------ the register
@dataclass
class Member:
    """A person of the register with posts held that day and trainings, the newest first."""

    id: str
    name: str
    phone: str | None
    username: str
    disabled: bool
    usable: bool
    posts: list[Any] = field(default_factory=list)
    trainings: list[Any] = field(default_factory=list)
    held: int = 0


def members(
    tx: Tx, root: str, on: date, *, q: str = "", gone: bool = False, offset: int = 0, limit: int = 20
) -> tuple[list[Member], int]:
    """People who hold a post in an area or below (`gone`: who held one and hold none, or are disabled), by name."""
    a, p = appointments.c, persons.c
    inside = or_(a.area == root, a.area.startswith(root + "/", autoescape=True))
    active = select(a.person).where(inside, in_force(appointments, on))
    ever = select(a.person).where(inside)
    if gone:
        where = [p.id.in_(ever), or_(p.disabled.is_(True), p.id.not_in(active))]
    else:
        where = [p.id.in_(active), p.disabled.is_(False)]
    if q:
        where.append(or_(p.name.contains(q, autoescape=True), p.phone.contains(q, autoescape=True)))
    total = tx.run(select(func.count()).select_from(persons).where(*where)).scalar_one()
    query = select(persons).where(*where).order_by(p.name, p.id).offset(offset).limit(limit)
    found = {
        row.id: Member(row.id, row.name, row.phone, row.username, row.disabled, row.password != UNUSABLE)
        for row in tx.run(query)
    }
    ids = list(found)
    held = select(appointments).where(a.person.in_(ids), in_force(appointments, on))
    for row in tx.run(held.order_by(a.area, a.post)):
        found[row.person].posts.append(row)
    for row in tx.run(
        select(trainings).where(trainings.c.person.in_(ids)).order_by(trainings.c.held_on.desc())
    ):
        found[row.person].trainings.append(row)
    u = user_tasks.c
    holding = select(u.holder, func.count().label("n")).where(u.state == "open", u.holder.in_(ids))
    for row in tx.run(holding.group_by(u.holder)):
        found[row.holder].held = row.n
    return list(found.values()), int(total)
