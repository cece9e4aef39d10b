"""Deadlines in words and lights, the same everywhere (people.md 3.5): never colour alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from api import schemas
from engine import clocks
from engine.calendar import ZONE
from engine.clocks import Clock
from engine.deadline import Deadline, light, sentence, words
from engine.world import World

NONE = schemas.Due(light="none", text="无时限", due_at=None, due=None)


def of_task(world: World, row: object, now: datetime) -> schemas.Due:
    """The deadline column of a task row (`due_at`, `due_term`, `due_provisional`)."""
    due_at: datetime | None = getattr(row, "due_at", None)
    if due_at is None:
        return NONE
    term = getattr(row, "due_term", None)
    provisional = bool(getattr(row, "due_provisional", False))
    return _due(world, due_at, now, term=term, provisional=provisional)


def of_clock(world: World, clock: Clock, now: datetime) -> schemas.Due:
    return _due(
        world,
        clock.due_at,
        now,
        term=clock.term,
        name=clock.name,
        provisional=clock.provisional,
        paused=clock.state == "paused",
        extended=clock.extension is not None,
    )


def _due(
    world: World,
    due_at: datetime,
    now: datetime,
    *,
    term: str | None,
    name: str | None = None,
    provisional: bool = False,
    paused: bool = False,
    extended: bool = False,
) -> schemas.Due:
    state = {"provisional": provisional, "paused": paused, "extended": extended}
    last = (due_at.astimezone(ZONE) - timedelta(microseconds=1)).date()
    return schemas.Due(
        light=light(due_at, now, world.calendar, **state),
        text=words(due_at, now, world.calendar, **state),
        due_at=due_at,
        due=last,
        term=term,
        term_name=name,
        provisional=provisional,
    )


def receipts(world: World, known: Iterable[Clock]) -> list[schemas.Receipt]:
    """Every running clock with the days it counted; the earliest limit is the binding one."""
    live = [clock for clock in known if clock.live]
    limits = [clock for clock in live if clock.kind == "max"]
    first = min(limits, key=lambda clock: (clock.due_at, clock.id), default=None)
    ordered = sorted(live, key=lambda clock: (clock is not first, clock.due_at))
    return [receipt(world, clock, binding=clock is first) for clock in ordered]


def receipt(world: World, clock: Clock, *, binding: bool) -> schemas.Receipt:
    found = clocks.deadline_of(world, clock)
    term = world.terms.get(clock.term, clock.terms_on)
    return schemas.Receipt(
        term=clock.term,
        name=clock.name,
        text=sentence(found),
        start=clock.started_at,
        start_event=term.start_event,
        due=found.due,
        due_at=found.due_at,
        provisional=found.provisional,
        binding=binding,
        kind="min" if term.kind == "min" else "max",
        days=[schemas.CountedDay(date=day.date, counted=day.counted, why=day.why) for day in found.days],
        pauses=clock.pauses,
        extension=clock.extension,
        citation=found.citation,
        confidence=term.confidence,
    )


def of_deadline(found: Deadline) -> schemas.Receipt:
    """The receipt of a date that no case's clock keeps (the next visit of a household)."""
    term = found.term
    return schemas.Receipt(
        term=term.key,
        name=term.name,
        text=sentence(found),
        start=found.start,
        start_event=term.start_event,
        due=found.due,
        due_at=found.due_at,
        provisional=found.provisional,
        binding=True,
        kind="min" if term.kind == "min" else "max",
        days=[schemas.CountedDay(date=day.date, counted=day.counted, why=day.why) for day in found.days],
        citation=found.citation,
        confidence=term.confidence,
    )
