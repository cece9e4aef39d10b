"""早发现、早报告、早救助 in figures: the three intervals between four instants (R2), visits against the window (R8), the network (R10)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from casework import corrections, visits
from casework.leads import CHANNELS
from casework.tables import (
    appointments,
    households,
    leads,
    payouts,
    persons,
    service_points,
    village_days,
)
from casework.tables import visits as visits_table
from engine.calendar import ZONE, instant
from engine.db import Tx
from engine.routing import at_tier
from engine.tables import cases, clocks, user_tasks

INTERVALS: Mapping[str, str] = {"found": "发生到发现", "reported": "发现到上报", "helped": "上报到首次救助"}
REPORTED = "report_to_town"
FIRST_AID = "give_first_aid"


@dataclass(frozen=True, slots=True)
class Course:
    """The four instants of a lead, as far as they are known, and by which door it came."""

    area: str
    number: str
    occurred: datetime | None
    discovered: datetime
    reported: datetime | None
    helped: datetime | None
    window: bool

    def hours(self) -> dict[str, float]:
        """Length of each interval whose two ends are known; an end before its beginning is a typing error and counts as none."""
        ends = {
            "found": (self.occurred, self.discovered),
            "reported": (self.discovered, self.reported),
            "helped": (self.reported, self.helped),
        }
        return {
            key: (b - a).total_seconds() / 3600
            for key, (a, b) in ends.items()
            if a is not None and b is not None and b >= a
        }


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and ninetieth percentile in hours, of how many."""

    n: int
    median: float
    p90: float


def spread(values: Iterable[float]) -> Spread | None:
    """By nearest rank; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Spread(len(ordered), rank(0.5), rank(0.9))


def courses(tx: Tx, root: str, begins: datetime, ends: datetime) -> list[Course]:
    """Leads discovered in [begins, ends) below `root`."""
    k, t, p = leads.c, user_tasks.c, payouts.c
    inside = or_(k.area == root, k.area.startswith(root + "/", autoescape=True))
    discovered = corrections.known(tx).column(k.case_id, k.discovered_at, "discovered_at")
    query = select(
        k.number, k.case_id, k.area, discovered.label("discovered_at"), k.sources, cases.c.document
    )
    wanted = (inside, discovered >= begins, discovered < ends)
    found = list(tx.run(query.join(cases, cases.c.id == k.case_id).where(*wanted)))
    mine = select(k.case_id).where(*wanted)
    done = select(t.case_id, t.element, func.min(t.ended_at).label("at"))
    done = done.where(t.case_id.in_(mine), t.element.in_((REPORTED, FIRST_AID)), t.state == "completed")
    steps = {(r.case_id, r.element): r.at for r in tx.run(done.group_by(t.case_id, t.element))}
    paid: dict[str, datetime] = {}
    sent = select(p.application_no, p.paid_at).where(p.state == "paid", p.paid_at >= begins)
    for row in tx.run(sent.where(or_(p.area == root, p.area.startswith(root + "/", autoescape=True)))):
        number = row.application_no.partition("-")[0]
        paid[number] = min(row.paid_at, paid.get(number, row.paid_at))
    return [_course(row, steps, paid) for row in found]


def _course(row: Any, steps: Mapping[tuple[str, str], datetime], paid: Mapping[str, datetime]) -> Course:
    sections = row.document.get("", {})
    lead = sections.get("lead") or {}
    said = lead.get("occurred_at") if isinstance(lead, Mapping) else None
    helped = [at for at in (steps.get((row.case_id, FIRST_AID)), paid.get(row.number)) if at is not None]
    source = row.sources[0].get("source") if row.sources else None
    return Course(
        row.area,
        row.number,
        instant(said) if said else None,
        row.discovered_at,
        steps.get((row.case_id, REPORTED)),
        min(helped, default=None),
        source in CHANNELS,
    )


@dataclass(slots=True)
class Network:
    """The four indicators of R10, each a part and a whole: informants active, households visited, channels tested good, steps in time."""

    informants: int = 0
    active: int = 0
    homes: int = 0
    visited: int = 0
    channels: int = 0
    tested: int = 0
    due: int = 0
    in_time: int = 0


@dataclass(slots=True)
class Figures:
    """Everything of one area."""

    leads: int = 0
    window: int = 0
    hours: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    network: Network = field(default_factory=Network)


def figures(tx: Tx, root: str, tier: str, begins: datetime, ends: datetime) -> dict[str, Figures]:
    """By area of a tier below `root`."""
    found: dict[str, Figures] = defaultdict(Figures)
    for one in courses(tx, root, begins, ends):
        mine = found[at_tier(one.area, tier)]
        mine.leads += 1
        mine.window += one.window
        for key, value in one.hours().items():
            mine.hours[key].append(value)
    for person in informants(tx, root, begins, ends):
        mine = found[at_tier(person.area, tier)]
        mine.network.informants += 1
        mine.network.active += person.last is not None
    _homes(tx, root, tier, begins, ends, found)
    _channels(tx, root, tier, begins, found)
    t = user_tasks.c
    below = or_(t.area == root, t.area.startswith(root + "/", autoescape=True))
    k = clocks.c
    act = select(func.min(k.ended_at)).where(k.case_id == t.case_id, k.token == t.id).scalar_subquery()
    query = select(t.area, t.ended_at, t.due_at, act.label("acted_at"))
    query = query.where(below, t.state == "completed", t.due_at.is_not(None))
    for row in tx.run(query.where(t.ended_at >= begins, t.ended_at < ends)):
        mine = found[at_tier(row.area, tier)]
        mine.network.due += 1
        mine.network.in_time += (row.acted_at or row.ended_at) < row.due_at
    return found


def _homes(tx: Tx, root: str, tier: str, begins: datetime, ends: datetime, found: dict[str, Figures]) -> None:
    """Households of the register, and how many of them were met."""
    h, v = households.c, visits_table.c
    below = or_(h.area == root, h.area.startswith(root + "/", autoescape=True))
    for row in tx.run(
        select(h.area, func.count().label("n")).where(below, h.ended_on.is_(None)).group_by(h.area)
    ):
        found[at_tier(row.area, tier)].network.homes += row.n
    met = select(h.area, func.count(v.household.distinct()).label("n")).join(
        visits_table, v.household == h.id
    )
    met = met.where(below, h.ended_on.is_(None), v.at >= begins, v.at < ends, v.met != visits.NOBODY)
    for row in tx.run(met.group_by(h.area)):
        found[at_tier(row.area, tier)].network.visited += row.n


def _channels(tx: Tx, root: str, tier: str, begins: datetime, found: dict[str, Figures]) -> None:
    """Windows, boards and telephones in use, and those found good when checked in the time."""
    p, since = service_points.c, begins.astimezone(ZONE).date()
    below = or_(p.area == root, p.area.startswith(root + "/", autoescape=True))
    for row in tx.run(select(p.area, p.state, p.checked_on).where(below, p.state != "closed")):
        mine = found[at_tier(row.area, tier)].network
        mine.channels += 1
        mine.tested += row.state == "good" and row.checked_on is not None and row.checked_on >= since


@dataclass(frozen=True, slots=True)
class Informant:
    """Somebody of the village or grid, and when he last visited, reported or said the day's word in the time asked for."""

    person: str
    name: str
    post: str
    area: str
    last: datetime | None


def informants(tx: Tx, root: str, begins: datetime, ends: datetime) -> list[Informant]:
    """Everybody who holds a post of village or grid below `root` at the end of the time."""
    a, v, d = appointments.c, visits_table.c, village_days.c
    on = ends.astimezone(ZONE).date()
    query = select(a.person, persons.c.name, a.post, a.area).join(persons, persons.c.id == a.person)
    below = or_(a.area == root, a.area.startswith(root + "/", autoescape=True))
    valid = (a.valid_from <= on, or_(a.valid_to.is_(None), a.valid_to > on), persons.c.disabled.is_(False))
    held: dict[str, Any] = {}
    for row in tx.run(
        query.where(below, a.tier.in_(("village", "grid")), *valid).order_by(a.area, a.post, a.person)
    ):
        held.setdefault(row.person, row)
    last: dict[str, datetime] = {}
    asked: Sequence[Any] = (
        select(v.person, func.max(v.at).label("at")).where(v.at >= begins, v.at < ends).group_by(v.person),
        select(d.person, func.max(d.at).label("at")).where(d.at >= begins, d.at < ends).group_by(d.person),
        select(cases.c.opened_by.label("person"), func.max(leads.c.discovered_at).label("at"))
        .join(cases, cases.c.id == leads.c.case_id)
        .where(leads.c.discovered_at >= begins, leads.c.discovered_at < ends)
        .group_by(cases.c.opened_by),
    )
    for one in asked:
        for row in tx.run(one):
            if row.person in held:
                last[row.person] = max(row.at, last.get(row.person, row.at))
    return [Informant(p, r.name, r.post, r.area, last.get(p)) for p, r in held.items()]
