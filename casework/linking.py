"""关联户册: what a family receives is linked to its household of the register, where the program could not tell which of several it is – or told it wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from casework import households as homes
from casework import kin, recognitions, withdrawing
from casework.recognitions import Recognition
from casework.tables import household_members, households
from casework.tables import recognitions as table
from engine import before_step, recusal
from engine.db import Tx
from engine.errors import Conflict, Forbidden, NotFound, StaleRevision
from engine.locking import reason
from engine.routing import Actor, at_tier, within
from engine.tables import cases

POSTS = frozenset({"town_civil_officer", "town_service_office", "district_assistance_office"})
"""Who says which household it is: the town that verified and pays, or the office above it."""
H, M, C = households.c, household_members.c, cases.c


def may(actor: Actor, one: Recognition) -> bool:
    """Do the actor's posts link it?"""
    return any(held.post in POSTS and within(one.area, held.area) for held in actor.appointments)


def offered(tx: Tx, one: Recognition, q: str, limit: int) -> list[Any]:
    """Households of the town it may be (`fits`: somebody of that name lives there), those that fit first, of the village before others.

    Without `q` only those that fit.
    """
    named = select(M.household).where(M.name == one.title, M.left_on.is_(None))
    fits = or_(H.head == one.title, H.id.in_(named))
    town = homes.inside([at_tier(one.area, "town")])
    wanted = or_(H.head.contains(q, autoescape=True), H.number == q) if q else fits
    query = select(H.id, H.area, H.head, H.number, H.address, fits.label("fits"))
    order = (fits.desc(), (H.area == one.area).desc(), H.area, H.number, H.id)
    return list(tx.run(query.where(town, H.ended_on.is_(None), wanted).order_by(*order).limit(limit)))


def link(
    tx: Tx, actor: Actor, application_no: str, household: str, was: str | None, why: str, now: datetime
) -> Recognition:
    """From now on it is this household's: its account is paid, its visits are heard by the reviews, its kin withdraw from them.

    `was`: the household it was linked to on the screen. Both households have the line in 变更记录. Raises Forbidden for other posts and for
    kin of either household, NotFound for a household of another town, Conflict where it has ended or is linked already,
    StaleRevision where somebody else has linked it.
    """
    query = select(table).where(table.c.application_no == application_no).with_for_update()
    tx.run(query).one_or_none()
    one = recognitions.get(tx, application_no)
    if one is None:
        raise NotFound("没有这份在享救助。", "There is no such recognition.")
    if not may(actor, one):
        raise Forbidden(
            "关联户册由镇（街）民政干部、服务办或区社会救助室办理。", "Not your post.", code="not_keeper"
        )
    if one.household != was:
        raise StaleRevision("已由他人关联户册，请载入最新内容。", "It has been linked meanwhile.")
    stated = reason(why, "关联")
    home = tx.run(select(households).where(H.id == household).with_for_update()).one_or_none()
    if home is None or at_tier(home.area, "town") != at_tier(one.area, "town"):
        raise NotFound("本镇（街）户册中没有这一户。", "There is no such household in the town.")
    if home.ended_on is not None:
        raise Conflict("该户已迁出或注销，须先恢复本户。", "The household has ended.", code="household_ended")
    if household == was:
        raise Conflict("已关联到这一户。", "It is linked to it.", code="linked_already")
    for known in filter(None, (household, was)):
        related = before_step.relations(tx, [actor.id], known, one.title, one.area)
        recusal.refuse(tx, actor, related.get(actor.id))
    changed: dict[str, Any] = {"household": household}
    if one.state == "active":
        changed["area"] = home.area
    tx.run(update(table).where(table.c.application_no == application_no).values(**changed))
    said = f"{application_no}：{stated}"
    if was is not None and (before := tx.run(select(households).where(H.id == was)).one_or_none()):
        homes.note(tx, actor, before, "home_unlinked", now, what=said)
    homes.note(tx, actor, home, "home_linked", now, what=said)
    _about(tx, actor, one, household, now)
    found = recognitions.get(tx, application_no)
    assert found is not None
    return found


def _about(tx: Tx, actor: Actor, one: Recognition, household: str, now: datetime) -> None:
    """Open cases of this recognition are about the household; its kin give up what they hold of them."""
    of_it = or_(C.id == one.case_id, C.number.startswith(f"{one.application_no}-", autoescape=True))
    unknown = or_(C.subject.is_(None), C.subject == one.household)
    found: Sequence[str] = list(tx.run(select(C.id).where(of_it, unknown, C.status == "active")).scalars())
    if not found:
        return
    tx.run(update(cases).where(C.id.in_(found)).values(subject=household))
    for who in kin.relatives(tx, household, one.title, one.area):
        why = f"{who.name}与该户有亲属关系，须回避，放回岗位"
        withdrawing.withdraw(tx, actor, who.person, C.id.in_(found), why, now)
