"""值班: who is on duty in a town at any hour; superiors of whoever is late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from casework import audit, books, organisation, staff
from casework.tables import persons, rosters
from engine.calendar import ZONE
from engine.db import Tx, new_id
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound
from engine.routing import Actor, at_tier, within

OFFICE = ("town_service_office",)
ABOVE = {
    "grid": ("town", OFFICE),
    "village": ("town", OFFICE),
    "town": ("district", ("district_area_officer",)),
}
"""The post that urges a tier: the town's service office its villages, the area officer the towns."""
BUREAU = ("district_bureau",)
TIERS = ("district", "town", "village", "grid")


def plan(tx: Tx, town: str, person: str, begins: datetime, ends: datetime) -> None:
    """Put somebody on a town's roster. Raises Invalid when the turn ends before it begins."""
    if ends <= begins:
        raise Invalid(
            "值班结束时间须晚于开始时间。",
            "The turn ends before it begins.",
            fields=[Field("ends", "须晚于开始时间")],
        )
    row = {"id": new_id(), "area": town, "person": person, "begins": begins, "ends": ends}
    tx.run(insert(rosters), row)


KEEPERS = ("town_service_office", "district_bureau", "system_admin")
CHANGE = time(8, 30)
"""When one turn gives way to the next where whole days are planned."""


def keeps(actor: Actor, town: str) -> bool:
    """May the actor plan this town's roster? Its service office, and the district's keepers."""
    return any(held.post in KEEPERS and within(town, held.area) for held in actor.appointments)


def _require(actor: Actor, town: str) -> None:
    if not keeps(actor, town):
        raise Forbidden("值班表由镇（街）服务办或区级排定。", "Not your roster.")


def turn(
    tx: Tx, actor: Actor, town: str, person: str, begins: datetime, ends: datetime, now: datetime
) -> None:
    """排班. The same person is not planned twice for the same hours; two people may be on duty together."""
    _require(actor, town)
    who = organisation.active_person(tx, person)
    r = rosters.c
    clash = select(r.id).where(r.area == town, r.person == person, r.begins < ends, r.ends > begins)
    if tx.run(clash.limit(1)).first() is not None:
        raise Conflict(f"{who.name}这一时段已经排班。", "Planned already.", code="planned_already")
    plan(tx, town, person, begins, ends)
    text = f"{who.name}值班 {_words(begins)} 至 {_words(ends)}"
    audit.record(tx, actor.id, "duty_planned", text, now, area=town, person=person)


def _words(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def rotate(
    tx: Tx, actor: Actor, town: str, people: Sequence[str], first: date, last: date, now: datetime
) -> int:
    """Whole days from `first` to `last`, the people by turns, each from 8:30 to 8:30. Days already planned stay. → turns made"""
    _require(actor, town)
    if not people:
        raise Invalid("请选择值班人员。", "Nobody is named.", fields=[Field("people", "请至少选择一人")])
    if not timedelta(0) <= last - first <= timedelta(days=92):
        raise Invalid("一次最多排三个月。", "Too long.", fields=[Field("last", "须在开始日期之后三个月内")])
    known = {
        row.begins.astimezone(ZONE).date()
        for row in turns(tx, town, _at(first), _at(last + timedelta(days=1)))
    }
    made = 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day not in known:
            turn(tx, actor, town, people[made % len(people)], _at(day), _at(day + timedelta(days=1)), now)
            made += 1
    return made


def _at(day: date) -> datetime:
    return datetime.combine(day, CHANGE, ZONE)


def remove(tx: Tx, actor: Actor, turn_id: str, now: datetime) -> None:
    """撤班: a turn that has not ended is taken off the roster; what has been served stays on record."""
    query = select(rosters, persons.c.name).join(persons).where(rosters.c.id == turn_id)
    row = tx.run(query).one_or_none()
    if row is None:
        raise NotFound("没有这一班。", "No such turn.")
    _require(actor, row.area)
    if row.ends <= now:
        raise Conflict("已经值完的班不能撤。", "The turn has been served.")
    tx.run(delete(rosters).where(rosters.c.id == turn_id))
    text = f"撤去{row.name}的值班 {_words(row.begins)} 至 {_words(row.ends)}"
    audit.record(tx, actor.id, "duty_removed", text, now, area=row.area, person=row.person)


def turns(tx: Tx, town: str, begins: datetime, ends: datetime) -> list[Any]:
    """Turns of a town that touch a span, in order, with the person's name and phone."""
    r = rosters.c
    query = select(rosters, persons.c.name, persons.c.phone).join(persons)
    where = (r.area == town, r.begins < ends, r.ends > begins)
    return list(tx.run(query.where(*where).order_by(r.begins, r.id)))


def gaps(
    planned: Iterable[tuple[datetime, datetime]], begins: datetime, ends: datetime
) -> list[tuple[datetime, datetime]]:
    """The hours of a span nobody is planned for."""
    found, at = [], begins
    for start, end in sorted(planned):
        if start > at:
            found.append((at, min(start, ends)))
        at = max(at, end)
        if at >= ends:
            break
    if at < ends:
        found.append((at, ends))
    return found


def on_duty(tx: Tx, town: str, at: datetime) -> list[str]:
    """People on duty; a gap in the roster falls back to everybody of the service office, never to nobody."""
    r = rosters.c
    query = select(r.person).where(r.area == town, r.begins <= at, r.ends > at).order_by(r.person)
    return list(tx.run(query).scalars()) or staff.holders(tx, OFFICE, town, at)


def superiors(tx: Tx, people: Iterable[str], area: str, at: datetime) -> list[str]:
    """Who urges these people that day: one tier above the highest post each of them holds over the area.

    A district's people answer to the bureau's head. Nobody is urged by himself.
    """
    wanted = set(people)
    found: set[str] = set()
    for held in staff.posts_of(tx, wanted, at).values():
        tiers = [post.tier for post in held if within(area, post.area)]
        if not tiers:
            continue
        above, posts = ABOVE.get(min(tiers, key=TIERS.index), ("district", BUREAU))
        found.update(staff.holders(tx, posts, at_tier(area, above), at))
    return sorted(found - wanted)


def above(tx: Tx, tier: str | None, area: str, at: datetime) -> list[str]:
    """Who answers for the posts of a tier over an area, whether anybody holds them or not: the tier above, and where nobody is there
    either, the next one. Who appoints in a town's and the district's posts is the bureau, so it is among them."""
    step = tier if tier in ABOVE else "district"
    while step in ABOVE:
        step, posts = ABOVE[step]
        keepers = BUREAU if step == "district" else ()
        if found := staff.holders(tx, (*posts, *keepers), at_tier(area, step), at):
            return found
    return staff.holders(tx, (*BUREAU, "system_admin"), at_tier(area, "district"), at)


def alarm(tx: Tx, case_id: str, number: str, area: str, now: datetime) -> None:
    """A lead became urgent: the town's people on duty hear of it at once, day and night (R43)."""
    books.book(tx, "urgent", area=area, at=now, text=f"{number} 列为急难", case_id=case_id, key=case_id)
    people = on_duty(tx, at_tier(area, "town"), now)
    text = f"{number}：急难线索，请立即关注，不必等待村（居）上报。"
    books.tell(tx, people, kind="urgent", title="急难线索", text=text, now=now, case_id=case_id)
