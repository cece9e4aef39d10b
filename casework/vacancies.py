"""空岗: which places have nobody where the law or the district wants somebody, and for how many days (R12, R34)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from casework import appointing, areas
from casework.organisation import in_force, today
from casework.tables import appointments
from casework.tables import areas as areas_table
from engine.db import Tx


@dataclass(frozen=True, slots=True)
class Rule:
    """A place of this tier needs one of these posts (none named: anybody at all)."""

    key: str
    tier: str
    posts: tuple[str, ...]
    label: str


RULES = (
    Rule("liaison", "village", ("village_liaison",), "无联络员"),
    Rule("responsible", "village", (), "无责任人"),
    Rule("responsible", "grid", (), "无责任人"),
    Rule("officer", "town", ("town_civil_officer",), "无镇（街）民政干部"),
    Rule("office", "town", ("town_service_office",), "无镇（街）服务办人员"),
    Rule("assistance", "district", ("district_assistance_office",), "无区社会救助室人员"),
    Rule("bureau", "district", ("district_bureau",), "无区民政局负责人"),
)


@dataclass(frozen=True, slots=True)
class Vacancy:
    """`since`: the day after the last one left, or the day the place came to be (`never`: nobody was ever appointed)."""

    area: str
    name: str
    tier: str
    key: str
    label: str
    since: date
    days: int
    never: bool


def vacant(posts: Iterable[str], rule: Rule) -> bool:
    """Do these posts, held in one place, leave the rule unmet?"""
    held = set(posts)
    return not held if not rule.posts else held.isdisjoint(rule.posts)


def under(tx: Tx, root: str, now: datetime) -> list[Vacancy]:
    """Every vacancy in an area and below, the longest first."""
    on, c, a = today(now), areas_table.c, appointments.c
    inside = or_(c.path == root, c.path.startswith(root + "/", autoescape=True))
    columns = (c.path, c.name, c.tier, c.valid_from)
    places = list(tx.run(select(*columns).where(inside, in_force(areas_table, on)).order_by(c.path)))
    held: dict[str, set[str]] = {}
    for row in appointing.under(tx, root, on):
        held.setdefault(row.area, set()).add(row.post)
    gone: dict[str, list[tuple[str, date]]] = {}
    over = or_(a.area == root, a.area.startswith(root + "/", autoescape=True))
    for row in tx.run(select(a.area, a.post, a.valid_to).where(over, a.valid_to <= on)):
        gone.setdefault(row.area, []).append((row.post, row.valid_to))
    names = areas.names(tx, [place.path for place in places])
    found = []
    for place in places:
        for rule in RULES:
            if rule.tier == place.tier and vacant(held.get(place.path, ()), rule):
                last = [day for post, day in gone.get(place.path, ()) if not rule.posts or post in rule.posts]
                since = max(last, default=place.valid_from)
                made = Vacancy(
                    place.path,
                    names[place.path],
                    place.tier,
                    rule.key,
                    rule.label,
                    since,
                    (on - since).days,
                    not last,
                )
                found.append(made)
    return sorted(found, key=lambda v: (v.never, -v.days, v.area, v.key))
