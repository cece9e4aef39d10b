"""Timers of the drawing that ask for legal time: which clock of the case each asks, and when it fires by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from engine.clocks import Clock, deadline_of, lately
from engine.deadline import part_of
from engine.runner.values import Waiting
from engine.world import World


class Timer(NamedTuple):
    """A timer that asks for legal time: its token, what encloses it, its path, and what it asked."""

    key: str
    owners: Sequence[str]
    path: str
    basis: Mapping[str, Any]


def clock_of(known: Sequence[Clock], timer: Timer) -> Clock | None:
    """The clock a timer asks: of its own token, of what it guards or of what encloses it, else the last of its branch."""
    if not timer.basis:
        return None
    begun = datetime.fromisoformat(timer.basis["start"])
    same = [c for c in known if c.term == timer.basis["term"] and c.started_at == begun]
    chain = (timer.key, *timer.owners)
    near = [c for c in same if c.token in chain]
    if near:
        return min(near, key=lambda c: chain.index(c.token))
    beside = [c for c in same if c.path == timer.path]
    return lately(beside) if beside else None


def fires(world: World, clock: Clock, timer: Timer) -> datetime | None:
    """When a timer fires as its clock says: the end of the term, or its share (`remind`), with what it has stood still and been
    extended. None while it stands still, and when its stop fact lies: its node goes on, its timers are silent.
    """
    ended = not clock.live and clock.token in (timer.key, *timer.owners)
    return None if ended or clock.state == "paused" else instant_of(world, clock, timer.basis)


def instant_of(world: World, clock: Clock, basis: Mapping[str, Any]) -> datetime:
    """The end of a clock's term, or the share of it that was asked for."""
    if "share" not in basis:
        return clock.due_at
    return part_of(deadline_of(world, clock), float(basis["share"]))


def asked(world: World, known: Sequence[Clock], waiting: Waiting) -> datetime | None:
    """When a timer that is armed now fires; one that asks no clock of the case, as it was computed."""
    timer = Timer(waiting.key, waiting.owners, waiting.path, waiting.basis or {})
    clock = clock_of(known, timer)
    return waiting.due if clock is None else fires(world, clock, timer)
