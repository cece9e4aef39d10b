"""Cases that the clock starts: timer start events of the versions in force, one case for each area of a tier if the drawing says so.

`per` on the start event (`town`, `village`, or what else the surroundings know) makes one case for each; without it there is one
for the district. A turn is taken place by place, each in a transaction of its own; a case's history says by which start event and for which moment it
was begun, so a turn that is taken again after a crash starts nothing twice. Numbers say process, day and area; a second turn of that day is `-2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select

from engine import cases, definitions, schedules
from engine.calendar import ZONE
from engine.db import Tx
from engine.definitions import Deployed
from engine.hosting import LegalHost
from engine.model import Node, Process
from engine.runner.timing import first_turn, following
from engine.tables import cases as cases_table
from engine.tables import history as history_table
from engine.world import Site

MISSED = 1_000
"""Turns that may lie between a schedule's beginning and now."""


def sync(tx: Tx, now: datetime) -> None:
    """Bring the schedules in line with the versions in force. A start event that stays as it was keeps its turn."""
    wanted: dict[tuple[str, str], tuple[Deployed, Process, Node]] = {}
    for deployed in definitions.in_force(tx, now).values():
        bundle = definitions.bundle_of_deployment(tx, deployed)
        for process in bundle.processes.values():
            for node in process.in_scope(process.id):
                if process.executable and node.type == "startEvent" and _timer(node):
                    wanted[process.id, node.id] = (deployed, process, node)
    for row in schedules.live(tx):
        found = wanted.get((row.process, row.element))
        if found is not None and _expression(found[2]) == row.expression:
            per = found[2].properties.get("per")
            if (row.deployment_id, row.per) != (found[0].id, per):
                schedules.adopt(tx, row.id, found[0].id, per)
            del wanted[row.process, row.element]
        else:
            schedules.end(tx, row.id, now)
    for deployed, process, node in wanted.values():
        armed = _ahead(_armed(tx, node, now), now)
        if armed is not None:
            schedules.add(
                tx,
                deployment=deployed.id,
                process=process.id,
                element=node.id,
                expression=_expression(node),
                per=node.properties.get("per"),
                armed=armed,
                now=now,
            )


def _timer(node: Node) -> bool:
    return any(event.kind == "timer" for event in node.events)


def _expression(node: Node) -> str:
    return next(event.expression or "" for event in node.events if event.kind == "timer")


def _armed(tx: Tx, node: Node, now: datetime) -> dict[str, Any]:
    event = next(event for event in node.events if event.kind == "timer")
    return first_turn(node.id, event, now, LegalHost(tx.world.terms, tx.world.calendar, now=now))


def _ahead(armed: dict[str, Any] | None, now: datetime) -> dict[str, Any] | None:
    """The first turn that is not over when the schedule begins."""
    for _ in range(MISSED):
        if armed is None or datetime.fromisoformat(armed["due"]) >= now:
            return armed
        armed = following(armed)
    return None


def places(tx: Tx, schedule: Any, now: datetime) -> list[Site]:
    """Where a turn starts cases."""
    return tx.world.places(tx, schedule.per, now)


def begin(tx: Tx, schedule: Any, place: Site, now: datetime) -> str | None:
    """One case of a turn; None when it was started before."""
    turn = schedule.due_at.astimezone(ZONE)
    process = definitions.process_of(tx, schedule.deployment_id, schedule.process)
    name = process.name or process.id
    number = _number(tx, schedule, place, f"{name[:24]}-{turn:%Y%m%d}")
    if number is None:
        return None
    return cases.start(
        tx,
        schedule.process,
        now=now,
        at=schedule.due_at,
        area=place.area,
        number=number,
        title=place.title or f"{name} · {place.name}",
        variables={"scheduled_at": schedule.due_at, **place.variables},
        event=schedule.element,
        parent=place.parent,
        subject=place.subject,
    )


def _number(tx: Tx, schedule: Any, place: Site, day: str) -> str | None:
    """The number of a turn's case at a place: the first that no other turn of the day has. None when this turn has its case."""
    if place.number is not None:
        return None if _turn(tx, schedule.process, place.number) else place.number
    area = place.area.rpartition("/")[2]
    for n in count(1):
        number = f"{day}-{area}" if n == 1 else f"{day}-{n}-{area}"
        taken = _turn(tx, schedule.process, number)
        if taken is None:
            return number
        if taken.same(schedule):
            break
    return None


@dataclass(frozen=True, slots=True)
class _Turn:
    """What began a case, by its history. `event` None: written before histories named it, or lawfully emptied."""

    event: str | None
    at: datetime

    def same(self, schedule: Any) -> bool:
        return self.at == schedule.due_at and self.event in (None, schedule.element)


def _turn(tx: Tx, process: str, number: str) -> _Turn | None:
    c, h = cases_table.c, history_table.c
    query = (
        select(h.at, h.payload)
        .join(cases_table, c.id == h.case_id)
        .where(c.process == process, c.number == number, h.seq == 1)
    )
    row = tx.run(query).one_or_none()
    return None if row is None else _Turn((row.payload or {}).get("event"), row.at)


def turn_over(tx: Tx, schedule_id: str, due: datetime, now: datetime) -> None:
    """All cases of a turn are there: the next one, or the end of the schedule."""
    row = schedules.get(tx, schedule_id)
    if row is None or row.state == "ended" or row.due_at != due:
        return
    armed = following(row.armed)
    if armed is None:
        schedules.end(tx, schedule_id, now)
    else:
        schedules.turned(tx, schedule_id, armed)
