"""Persons, their posts, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from casework import areas
from casework.tables import appointments, persons
from engine.calendar import ZONE
from engine.db import Tx, made
from engine.errors import NotFound
from engine.routing import Actor, Appointment

RIGHTS = {
    "process_designer": {"design", "supervise"},
    "process_publisher": {"design", "publish", "supervise"},
    "system_admin": {"admin", "supervise"},
    "town_service_office": {"report", "work", "supervise"},
    "district_assistance_office": {"report", "work", "supervise", "void"},
    "district_area_officer": {"report", "work", "supervise"},
    "district_bureau": {"work", "supervise", "void"},
}
ORDINARY = {"report", "work"}


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


def actor_of(tx: Tx, person: str, on: datetime) -> Actor:
    """The person with the posts held that day. Raises NotFound for an unknown or disabled person."""
    row = tx.run(
        select(persons.c.name).where(persons.c.id == person, persons.c.disabled.is_(False))
    ).one_or_none()
    if row is None:
        raise NotFound("没有这个人，或账号已停用。", "No such person.")
    a = appointments.c
    held = tx.run(
        select(a.post, a.tier, a.area).where(a.person == person, *_valid(on)).order_by(a.area, a.post)
    )
    return Actor(person, row.name, tuple(made(Appointment, post) for post in held))


def rights(tx: Tx, person: str) -> frozenset[str]:
    """What the person's posts allow."""
    held = tx.run(
        select(appointments.c.post).where(appointments.c.person == person, appointments.c.valid_to.is_(None))
    ).scalars()
    found: set[str] = set()
    for post in held:
        found |= RIGHTS.get(post, ORDINARY)
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
    """Ids of the people who hold one of the posts over an area (or above it)."""
    above = ["/".join(area.split("/")[: n + 1]) for n in range(area.count("/") + 1)]
    a = appointments.c
    query = select(a.person).where(a.post.in_(list(posts)), a.area.in_(above), *_valid(on)).distinct()
    return sorted(tx.run(query).scalars())


def staffed(tx: Tx, tier: str | None, on: datetime) -> list[tuple[str, str]]:
    """The areas of a tier where somebody holds a post of that tier, with their names – where the clock may start work for people.

    Elsewhere the vacancy itself is the figure (`casework.visits.coverage`), not a case nobody sees.
    """
    places = areas.of_tier(tx, tier, on)
    if tier is None:
        return places
    a = appointments.c
    held = set(tx.run(select(a.area).where(a.tier == tier, *_valid(on)).distinct()).scalars())
    return [(path, name) for path, name in places if path in held]
