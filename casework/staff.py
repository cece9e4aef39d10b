"""Persons, their posts, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, and_, cast, null, or_, select, union_all

from casework import areas
from casework.tables import appointments, households, persons, recognitions, substitutions
from engine.calendar import ZONE
from engine.db import Tx, made
from engine.errors import NotFound
from engine.model import Tier
from engine.routing import Actor, Appointment, Route, at_tier, reaches, within

RIGHTS = {
    "process_designer": {"design", "watch"},
    "process_publisher": {"design", "publish", "watch"},
    "system_admin": {"admin", "watch", "organise", "reorganise", "legal"},
    "town_service_office": {"report", "work", "watch", "supervise", "organise", "export"},
    "district_assistance_office": {"report", "work", "watch", "supervise", "void", "export", "fund", "legal"},
    "district_area_officer": {"report", "work", "watch", "supervise", "export"},
    "district_bureau": {
        "work",
        "watch",
        "supervise",
        "void",
        "organise",
        "reorganise",
        "export",
        "fund",
        "legal",
    },
}
"""`watch` reads where everything stands; `supervise` acts on people's cases (终止, 督办, 催办, 跳转, 移交): offices that answer for them."""
ORDINARY = {"report", "work"}
OFFICES = (Tier.TOWN, Tier.DISTRICT)
"""Where people follow up what was referred to departments, as the departments' own people do (`refer`)."""


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    phone: str | None
    posts: tuple[Appointment, ...] = ()


def _valid(on: datetime) -> tuple[ColumnElement[bool], ...]:
    today = on.astimezone(ZONE).date()
    a = appointments.c
    return (a.valid_from <= today, or_(a.valid_to.is_(None), a.valid_to > today))


def _standing(on: datetime) -> tuple[ColumnElement[bool], ...]:
    """Substitutions in force, for appointments that are."""
    today, s = on.astimezone(ZONE).date(), substitutions.c
    return (s.valid_from <= today, s.valid_to > today, *_valid(on))


def actor_of(tx: Tx, person: str, on: datetime) -> Actor:
    """The person with the posts held that day, those stood in for after one's own.

    Raises NotFound for an unknown or disabled person.
    """
    row = tx.run(
        select(persons.c.name).where(persons.c.id == person, persons.c.disabled.is_(False))
    ).one_or_none()
    if row is None:
        raise NotFound("没有这个人，或账号已停用。", "No such person.")
    a, s, nobody = appointments.c, substitutions.c, cast(null(), String)
    own = select(a.post, a.tier, a.area, nobody.label("who"), nobody.label("name")).where(
        a.person == person, *_valid(on)
    )
    stood_in_for = (
        select(a.post, a.tier, a.area, a.person, persons.c.name)
        .join(substitutions, s.appointment == a.id)
        .join(persons, persons.c.id == a.person)
        .where(s.substitute == person, *_standing(on))
    )
    found = list(tx.run(union_all(own, stood_in_for)))
    found.sort(key=lambda held: (held.who is not None, held.area, held.post, held.who or ""))
    held: list[Appointment] = []
    outside: list[Appointment] = []
    for h in found:
        post = tx.world.posts.get(h.post, {})
        into = outside if post.get("outside") else held
        into.append(Appointment(h.post, h.tier, h.area, h.who, h.name, post.get("department")))
    return Actor(person, row.name, tuple(held), _formerly(tx, held), tuple(outside))


def _formerly(tx: Tx, held: Iterable[Appointment]) -> tuple[str, ...]:
    """Areas that have been merged, moved or split into areas these posts cover, however many times since."""
    roots = {one.area for one in held}
    if not roots:
        return ()
    heirs = areas.heirs(tx)
    past = []
    for path in heirs:
        now_at = areas.follow(path, heirs)
        if any(within(now_at, root) for root in roots) and not any(within(path, root) for root in roots):
            past.append(path)
    return tuple(sorted(past))


def rights(actor: Actor) -> frozenset[str]:
    """What the posts held that day allow, those stood in for included."""
    found: set[str] = set()
    for held in actor.appointments:
        given = RIGHTS.get(held.post, ORDINARY)
        found |= given | ({"refer"} if "work" in given and held.tier in OFFICES else set())
    if any(held.speaks_for for held in actor.outside):
        found.add("refer")
    return frozenset(found)


def names(tx: Tx, ids: Iterable[str]) -> dict[str, str]:
    wanted = [i for i in ids if i]
    if not wanted:
        return {}
    return {
        row.id: row.name
        for row in tx.run(select(persons.c.id, persons.c.name).where(persons.c.id.in_(wanted)))
    }


def disabled(tx: Tx, ids: Iterable[str]) -> set[str]:
    query = select(persons.c.id).where(persons.c.id.in_(list(ids)), persons.c.disabled.is_(True))
    return set(tx.run(query).scalars())


def people(tx: Tx, ids: Iterable[str]) -> list[Person]:
    query = select(persons.c.id, persons.c.name, persons.c.phone).where(persons.c.id.in_(list(ids)))
    return [made(Person, row) for row in tx.run(query)]


def username(tx: Tx, person: str) -> str:
    return str(tx.run(select(persons.c.username).where(persons.c.id == person)).scalar_one())


def search(
    tx: Tx, *, area: str | None, post: str | None, q: str | None, on: datetime, limit: int
) -> list[Person]:
    """Active people by area (or above it), post and name."""
    a = appointments.c
    query = select(persons.c.id, persons.c.name, persons.c.phone, a.post, a.tier, a.area).join(appointments)
    query = query.where(persons.c.disabled.is_(False), *_valid(on))
    if area:
        above = ["/".join(area.split("/")[: n + 1]) for n in range(area.count("/") + 1)]
        query = query.where(or_(a.area.in_(above), a.area.startswith(area + "/", autoescape=True)))
    if post:
        query = query.where(a.post == post)
    if q:
        query = query.where(persons.c.name.contains(q, autoescape=True))
    found: dict[str, Person] = {}
    for row in tx.run(query.order_by(persons.c.id).limit(limit * 4)):
        known = found.get(row.id, Person(row.id, row.name, row.phone))
        found[row.id] = Person(
            row.id, row.name, row.phone, (*known.posts, Appointment(row.post, row.tier, row.area))
        )
    return list(found.values())[:limit]


def posts_of(tx: Tx, people: Iterable[str], on: datetime) -> dict[str, list[Appointment]]:
    """Who of these people holds which posts that day."""
    a = appointments.c
    found: dict[str, list[Appointment]] = {}
    query = select(a.person, a.post, a.tier, a.area).where(a.person.in_(list(people)), *_valid(on))
    for row in tx.run(query.order_by(a.person, a.area, a.post)):
        found.setdefault(row.person, []).append(Appointment(row.post, row.tier, row.area))
    return found


def holders(tx: Tx, posts: Iterable[str], area: str, on: datetime) -> list[str]:
    """Ids of the people who hold one of the posts over an area (or above it), and of their substitutes."""
    above = ["/".join(area.split("/")[: n + 1]) for n in range(area.count("/") + 1)]
    a, s, wanted = appointments.c, substitutions.c, list(posts)
    where = (a.post.in_(wanted), a.area.in_(above))
    own = select(a.person).where(*where, *_valid(on))
    standing = (
        select(s.substitute)
        .select_from(substitutions.join(appointments, s.appointment == a.id))
        .where(*where, *_standing(on))
    )
    return sorted(set(tx.run(union_all(own, standing)).scalars()))


def holders_of_many(
    tx: Tx, wanted: Iterable[tuple[str, str]], on: datetime
) -> dict[tuple[str, str], list[str]]:
    """The same for many pairs of posts (with commas between) and area, substitutes included, in one statement."""
    pairs = set(wanted)
    posts = {post for listed, _ in pairs for post in listed.split(",") if post}
    above = {
        area: ["/".join(area.split("/")[: n + 1]) for n in range(area.count("/") + 1)] for _, area in pairs
    }
    a, s = appointments.c, substitutions.c
    where = (a.post.in_(posts), a.area.in_({path for paths in above.values() for path in paths}))
    own = select(a.post, a.area, a.person).where(*where, *_valid(on))
    standing = (
        select(a.post, a.area, s.substitute)
        .select_from(substitutions.join(appointments, s.appointment == a.id))
        .where(*where, *_standing(on))
    )
    held: dict[tuple[str, str], list[str]] = {}
    for row in tx.run(union_all(own, standing)):
        held.setdefault((row.post, row.area), []).append(row.person)
    return {
        (listed, area): sorted(
            {p for post in listed.split(",") for path in above[area] for p in held.get((post, path), ())}
        )
        for listed, area in pairs
    }


def reached(tx: Tx, routes: Sequence[tuple[Route, str]], on: datetime) -> list[list[str]]:
    """For each route and area: whose posts reach a task routed there (`engine.routing.reaches`), substitutes included, in one statement."""
    a, s = appointments.c, substitutions.c
    names = {post for route, _ in routes for post in route.posts}
    above = {"/".join(area.split("/")[: n + 1]) for _, area in routes for n in range(area.count("/") + 1)}
    grids = [a.area.startswith(area + "/", autoescape=True) for _, area in routes]
    where = [or_(a.area.in_(above), and_(a.tier == Tier.GRID.value, or_(*grids)))]
    if all(route.posts for route, _ in routes):
        where.append(a.post.in_(names))
    columns = (a.post, a.tier, a.area)
    own = select(a.person, *columns).join(persons, persons.c.id == a.person).where(*where, *_valid(on))
    standing = (
        select(s.substitute.label("person"), *columns)
        .select_from(substitutions.join(appointments, s.appointment == a.id))
        .join(persons, persons.c.id == s.substitute)
        .where(*where, *_standing(on))
    )
    active = persons.c.disabled.is_(False)
    rows = list(tx.run(union_all(own.where(active), standing.where(active))))
    found = []
    for route, area in routes:
        reach = {
            row.person
            for row in rows
            if reaches(Actor(row.person, "", (Appointment(row.post, row.tier, row.area),)), route, area)
        }
        found.append(sorted(reach))
    return found


class Standing(NamedTuple):
    """Somebody stands in at a post over an area."""

    post: str
    area: str
    substitute: str


def instead_of(tx: Tx, people: Iterable[str], on: datetime) -> dict[str, list[Standing]]:
    """Who stands in for whom of these people at which of their posts."""
    a, s = appointments.c, substitutions.c
    query = (
        select(a.person, a.post, a.area, s.substitute)
        .select_from(substitutions.join(appointments, s.appointment == a.id))
        .where(a.person.in_(sorted(set(people))), *_standing(on))
    )
    found: dict[str, list[Standing]] = {}
    for row in tx.run(query.order_by(a.person, s.substitute)):
        found.setdefault(row.person, []).append(Standing(row.post, row.area, row.substitute))
    return found


def manned(tx: Tx, tier: str, on: datetime) -> set[str]:
    """The areas of a tier where somebody holds a post of that tier."""
    a = appointments.c
    return set(tx.run(select(a.area).where(a.tier == tier, *_valid(on)).distinct()).scalars())


def staffed(tx: Tx, tier: str | None, on: datetime) -> list[tuple[str, str]]:
    """The areas of a tier where the clock may start work: somebody holds a post of that tier, or households are on the register or
    families recognised in it or below – they are owed their money and their report whoever has left.

    Elsewhere the vacancy itself is the figure (`casework.visits.coverage`), not a case nobody sees.
    """
    places = areas.of_tier(tx, tier, on)
    if tier is None:
        return places
    r = recognitions.c
    lived_in = union_all(select(households.c.area), select(r.area).where(r.state == "active"))
    homes = {at_tier(area, tier) for area in tx.run(lived_in).scalars()}
    held = manned(tx, tier, on) | homes
    return [(path, name) for path, name in places if path in held]
