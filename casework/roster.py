"""值班: who is on duty in a town at any hour; superiors of whoever is late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert, select

from casework import books, staff
from casework.tables import rosters
from engine.db import Tx, new_id
from engine.errors import Field, Invalid
from engine.routing import at_tier, within

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


def alarm(tx: Tx, case_id: str, number: str, area: str, now: datetime) -> None:
    """A lead became urgent: the town's people on duty hear of it at once, day and night (R43)."""
    people = on_duty(tx, at_tier(area, "town"), now)
    text = f"{number}：急难线索，请立即关注，不必等待村（居）上报。"
    books.tell(tx, people, kind="urgent", title="急难线索", text=text, now=now, case_id=case_id)
