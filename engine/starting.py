"""Cases that the clock starts: timer start events of the versions in force, one case for each area of a tier if the drawing says so.

`per` on the start event (`town`, `village`, or what else the surroundings know) makes one case for each; without it there is one
for the district. A turn is taken place by place, each in a transaction of its own; a case's number says which turn it is, so a turn that is taken
again after a crash starts nothing twice.
"""

from __future__ import annotations

from datetime import datetime
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
            schedules.adopt(tx, row.id, found[0].id, found[2].properties.get("per"))
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
    number = place.number or f"{name[:24]}-{turn:%Y%m%d}-{place.area.rpartition('/')[2]}"
    known = select(cases_table.c.id).where(
        cases_table.c.process == schedule.process, cases_table.c.number == number
    )
    if tx.run(known).first() is not None:
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
    )


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
