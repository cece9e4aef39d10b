"""Who may do what where: posts, areas and tiers, decided without a database.

An area is a path of codes (`120115/120115100/120115100201`), a tier is a depth. A task is routed to
the posts of its lane (or its own) and to the case's area; a person holds posts over areas. A post over an
area reaches every task below that area whose posts name it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.model import Node, Tier

DEPTH = {Tier.DISTRICT: 1, Tier.TOWN: 2, Tier.VILLAGE: 3, Tier.GRID: 4}


@dataclass(frozen=True, slots=True)
class Appointment:
    """A post held over an area. `area` is a path; `tier` its depth in words.

    `instead_of`: the absent person this is a substitution for (委托代理), by id and name. `speaks_for`: the outside body
    whose answers its holder gives.
    """

    post: str
    tier: str
    area: str
    instead_of: str | None = None
    instead_of_name: str | None = None
    speaks_for: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting now, with the posts held today (substitutions included).

    `formerly`: areas that are no more and whose records the person's areas have taken over: their closed cases may be read.
    `outside`: posts of bodies outside the house. They get what is addressed to them by name and let nobody know of anything
    else, so only what asks for them reckons with them.
    """

    id: str
    name: str
    appointments: tuple[Appointment, ...] = ()
    formerly: tuple[str, ...] = ()
    outside: tuple[Appointment, ...] = ()

    @property
    def stranger(self) -> bool:
        """Does the person belong to outside bodies alone?"""
        return bool(self.outside) and not self.appointments

    @property
    def tier(self) -> str | None:
        """The highest tier the person holds a post at, for the record."""
        order = [Tier.DISTRICT, Tier.TOWN, Tier.VILLAGE, Tier.GRID]
        held = {a.tier for a in (*self.appointments, *self.outside)}
        return next((tier.value for tier in order if tier in held), None)


def as_context(actor: Actor) -> dict[str, Any]:
    """The actor as forms' expressions see it: id, name, area of the first post (`village`: without the grid), posts."""
    held = [{"post": a.post, "tier": a.tier, "area": a.area} for a in (*actor.appointments, *actor.outside)]
    area = held[0]["area"] if held else None
    village = at_tier(area, Tier.VILLAGE) if area else None
    return {"id": actor.id, "name": actor.name, "area": area, "village": village, "posts": held}


@dataclass(frozen=True, slots=True)
class Route:
    """Where a user task goes. No posts: anybody of the tier in the area."""

    tier: str | None
    posts: tuple[str, ...]


def route_of(node: Node, candidate_groups: Iterable[str] = (), tier: str | None = None) -> Route:
    """The route of a user task: candidate groups over the task's own properties over its lane's. `tier`: as computed
    at the token, where the drawing gives an expression."""
    lane: Mapping[str, str] = node.lane.properties if node.lane else {}
    tier = tier or node.properties.get("tier") or lane.get("tier")
    groups = tuple(candidate_groups) or split(node.properties.get("post") or lane.get("post"))
    return Route(tier, groups)


def split(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def within(area: str, root: str) -> bool:
    """Is `area` the area `root` or below it?"""
    return area == root or area.startswith(root + "/")


def at_tier(area: str, tier: str | None) -> str:
    """The ancestor of an area at a tier's depth (the area itself if it is not that deep)."""
    depth = DEPTH.get(Tier(tier), 9) if tier else 9
    return "/".join(area.split("/")[:depth])


def reaches(actor: Actor, route: Route, area: str) -> bool:
    """May the actor's posts do a task routed there?

    A grid post counts as a village post when the case's area is not as fine as a grid.
    """
    return any(_reaching(actor, route, area))


def _reaching(actor: Actor, route: Route, area: str) -> Iterator[Appointment]:
    """The posts by which the actor may do a task routed there."""
    for held in (*actor.appointments, *(actor.outside if route.posts else ())):
        if (
            (held.post in route.posts or not route.posts)
            and (route.tier is None or _tier_fits(held.tier, route.tier))
            and (within(area, held.area) or (held.tier == Tier.GRID and within(held.area, area)))
        ):
            yield held


def stands_in_for(actor: Actor, route: Route, area: str) -> dict[str, str]:
    """Id → name of the absent people for whom the actor may do a task routed there."""
    return {
        held.instead_of: held.instead_of_name or held.instead_of
        for held in _reaching(actor, route, area)
        if held.instead_of is not None
    }


def in_own_right(actor: Actor, route: Route, area: str) -> bool:
    """Does a post of the actor's own reach the task, whomever else he stands in for?"""
    return any(held.instead_of is None for held in _reaching(actor, route, area))


def _tier_fits(held: str, wanted: str) -> bool:
    return held == wanted or (held == Tier.GRID and wanted == Tier.VILLAGE)


def sees(actor: Actor, area: str) -> bool:
    """May the actor know of a case of that area at all?"""
    return any(
        within(area, held.area) or (held.tier == Tier.GRID and within(held.area, area))
        for held in actor.appointments
    ) or any(within(area, past) for past in actor.formerly)
