"""值班: who is on duty in a town at any hour; superiors of whoever is late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from casework import books, staff
from casework.tables import appointments, rosters
from engine.db import Tx
from engine.routing import at_tier

OFFICE = ("town_service_office",)
ABOVE = {"village": ("town", OFFICE), "town": ("district", ("district_area_officer",))}
"""The post that urges a tier: the town's service office its villages, the area officer the towns."""


def on_duty(tx: Tx, town: str, at: datetime) -> list[str]:
    """People on duty; a gap in the roster falls back to everybody of the service office, never to nobody."""
    r = rosters.c
    query = select(r.person).where(r.area == town, r.begins <= at, r.ends > at).order_by(r.person)
    return list(tx.run(query).scalars()) or staff.holders(tx, OFFICE, town, at)


def superiors(tx: Tx, people: Iterable[str], area: str, at: datetime) -> list[str]:
    """Who urges these people, by the highest tier each holds a post at; a district's people answer to its bureau."""
    a = appointments.c
    tiers = set(tx.run(select(a.tier).where(a.person.in_(list(people)))).scalars())
    found: list[str] = []
    for tier in tiers:
        wanted, posts = ABOVE.get(tier, ("district", ("district_bureau",)))
        found += staff.holders(tx, posts, at_tier(area, wanted), at)
    return sorted(set(found))


def alarm(tx: Tx, case_id: str, number: str, area: str, now: datetime) -> None:
    """A lead became urgent: the town's people on duty hear of it at once, day and night (R43)."""
    people = on_duty(tx, at_tier(area, "town"), now)
    text = f"{number}：急难线索，请立即关注，不必等待村（居）上报。"
    books.tell(tx, people, kind="urgent", title="急难线索", text=text, now=now, case_id=case_id)
