"""近亲属备案: who is related to a household does not act on its case – not by claiming, drafting, being assigned, nor on the panel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, insert, literal, or_, select, update

from casework import audit, withdrawing
from casework import households as homes
from casework.organisation import active_person, keeps, today
from casework.tables import household_members, households, kinship, persons
from engine.db import Id, Tx
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound
from engine.routing import Actor, at_tier
from engine.tables import cases
from engine.worklist import in_sight

K, H = kinship.c, households.c
Value = ColumnElement[str]
RELATIONS = ("配偶", "父母子女", "兄弟姐妹", "祖孙", "叔侄", "舅甥", "岳父母女婿", "公婆儿媳", "其他近亲属")
BASIS = "recusal.kin"


def related(person: Value, household: Value, head: Value, area: Value) -> ScalarSelect[str]:
    """An SQL value: the declared relation of a person to the household a case is about, or null."""
    return (
        select(K.relation)
        .join(households, households.c.id == K.household)
        .where(K.person == person, _is(household, head, area), K.ended_on.is_(None))
        .limit(1)
        .scalar_subquery()
    )


def _is(household: Value, head: Value, area: Value) -> ColumnElement[bool]:
    """The household of the register is the one a case is about: by its id; where that is not known, by head and village."""
    here = or_(H.area == area, (area + "/").like(H.area + "/%"))
    return or_(H.id == household, and_(household.is_(None), H.head == head, here))


def household_of(tx: Tx, household: str | None, area: str, name: str) -> str | None:
    """The household of the register a case is about: as it is known, else the one of the village that person heads or lives in."""
    return household or homes.of_person(tx, at_tier(area, "village"), name)


def remember(tx: Tx, case_id: str) -> None:
    """Before a case goes where nobody knows the name: whom it is about is kept with it, and with what it has started."""
    c = cases.c
    row = tx.run(select(c.subject, c.area, c.title).where(c.id == case_id)).one()
    if row.subject is None and (known := household_of(tx, None, row.area, row.title)):
        _keep(tx, known, [case_id])


def _keep(tx: Tx, household: str, found: list[str]) -> None:
    """These cases are about that household, and so are those they have started, unless known to be about another."""
    c = cases.c
    while found:
        tx.run(update(cases).where(c.id.in_(found)).values(subject=household))
        above = cases.alias("above")
        below = or_(c.parent == above.c.id, c.number.startswith(above.c.number + "-"))
        query = select(c.id).join(above, below).where(above.c.id.in_(found), c.subject.is_(None))
        found = list(tx.run(query).scalars())


def recused(tx: Tx, person: str, name: str, relation: str) -> str:
    """Why somebody so related is recused from the household's case, with the article; `name` is looked up where it is empty."""
    name = name or tx.run(select(persons.c.name).where(persons.c.id == person)).scalar_one()
    basis = tx.world.terms.basis(BASIS, tx.world.today(tx))
    said = f"{name}与该户有{relation}关系（近亲属备案）"
    return f"{said}，依据{basis}" if basis else said


def relatives(tx: Tx, household: str | None, head: str, area: str) -> list[Any]:
    """Declared relatives of the household a case is about: `person`, `name`, `relation`."""
    about = _is(literal(household, Id), literal(head), literal(area))
    query = (
        select(K.person, persons.c.name, K.relation)
        .join(kinship, K.person == persons.c.id)
        .join(households, H.id == K.household)
        .where(about, K.ended_on.is_(None))
    )
    return list(tx.run(query))


def members(tx: Tx, household: str | None, head: str, area: str) -> list[str]:
    """Names of those who live in the household a case is about."""
    m = household_members.c
    about = _is(literal(household, Id), literal(head), literal(area))
    return list(tx.run(select(m.name).join(households, H.id == m.household).where(about)).scalars())


def declare(tx: Tx, actor: Actor, person: str, household: str, relation: str, now: datetime) -> int:
    """Enter a relation: by the person, or by a keeper of the household's area. Raises Conflict when it is known.

    What the person holds of the household's cases is put back. Returns how many steps.
    """
    who = active_person(tx, person)
    home = _household(tx, household)
    if person != actor.id and not keeps(actor, home.area):
        raise Forbidden("近亲属备案由本人或人员维护单位登记。", "Neither the person nor a keeper.")
    if not relation.strip():
        raise Invalid("请写明关系。", "The relation is missing.", fields=[Field("relation", "请写明关系")])
    known = tx.run(select(K.ended_on).where(K.person == person, K.household == household)).one_or_none()
    values = {
        "relation": relation.strip(),
        "declared_on": today(now),
        "declared_by": actor.id,
        "ended_on": None,
    }
    if known is None:
        tx.run(insert(kinship), {"person": person, "household": household, **values})
    elif known.ended_on is None:
        raise Conflict(f"{who.name}与该户的关系已经备案。", "Declared already.", code="kin_known")
    else:
        tx.run(update(kinship).where(K.person == person, K.household == household).values(**values))
    _link(tx, home)
    text = f"{who.name}与{home.head}户：{relation.strip()}"
    audit.record(tx, actor.id, "kin_declared", text, now, area=home.area, person=person, household=household)
    c = cases.c
    about = exists().where(H.id == household, _is(c.subject, c.title, c.area))
    return withdrawing.withdraw(
        tx, actor, person, about, f"{who.name}与该户有亲属关系，须回避，放回岗位", now
    )


def _link(tx: Tx, home: Any) -> None:
    """Open cases of the village that bear the head's name are about this household, where it is the only one of that name."""
    if homes.named(tx, home.area, home.head) != [home.id]:
        return
    c = cases.c
    here = or_(c.area == home.area, c.area.startswith(home.area + "/", autoescape=True))
    query = select(c.id).where(c.status == "active", c.subject.is_(None), c.title == home.head, here)
    _keep(tx, home.id, list(tx.run(query).scalars()))


def end(tx: Tx, actor: Actor, person: str, household: str, why: str, now: datetime) -> None:
    """The relation was entered by mistake or is no more; only a keeper may say so, never the person."""
    home = _household(tx, household)
    if not keeps(actor, home.area) or person == actor.id:
        raise Forbidden("备案的终止由人员维护单位办理，本人不能自行终止。", "Not yours to end.")
    if len(why.strip()) < 2:
        raise Invalid("请写明终止原因。", "A reason is needed.", fields=[Field("reason", "请写明终止原因")])
    where = (K.person == person, K.household == household, K.ended_on.is_(None))
    if tx.run(update(kinship).where(*where).values(ended_on=today(now))).rowcount == 0:
        raise NotFound("没有这条备案，或已经终止。", "No such declaration.")
    text = f"{home.head}户的备案终止：{why.strip()}"
    audit.record(tx, actor.id, "kin_ended", text, now, area=home.area, person=person, household=household)


def _household(tx: Tx, household: str) -> Any:
    row = tx.run(select(H.id, H.head, H.area).where(H.id == household)).one_or_none()
    if row is None:
        raise NotFound("没有这一户。", "No such household.")
    return row


def listed(tx: Tx, actor: Actor, q: str = "") -> list[Any]:
    """Declarations about households in the actor's sight, and the actor's own."""
    query = (
        select(kinship, persons.c.name, households.c.head, households.c.area)
        .join(persons, persons.c.id == K.person)
        .join(households, households.c.id == K.household)
        .where(or_(in_sight(actor, households.c.area), K.person == actor.id))
    )
    if q:
        like = (persons.c.name.contains(q, autoescape=True), households.c.head.contains(q, autoescape=True))
        query = query.where(or_(*like))
    return list(tx.run(query.order_by(K.ended_on.is_not(None), households.c.area, persons.c.name)))
