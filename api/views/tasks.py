"""Task rows as people see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api import schemas
from api.views import due
from api.views.people import mask_title
from casework import areas, staff
from engine import definitions, worklist
from engine.db import Tx
from engine.routing import Actor


def rows(tx: Tx, actor: Actor, found: Sequence[Any], now: datetime) -> list[schemas.TaskRow]:
    """Rows of a list; people, places and process names are looked up once for all of them."""
    people = staff.names(tx, {row.holder for row in found if row.holder})
    places = areas.names(tx, {row.area for row in found})
    pins = _pins(tx, {row.case_id for row in found})
    return [_row(tx, actor, row, now, people, places, pins) for row in found]


def _pins(tx: Tx, ids: set[str]) -> dict[str, definitions.Pinned]:
    return {case_id: definitions.pinned(tx, pins) for case_id, pins in definitions.pins_of(tx, ids).items()}


def _row(
    tx: Tx,
    actor: Actor,
    row: Any,
    now: datetime,
    people: Mapping[str, str],
    places: Mapping[str, str],
    pins: Mapping[str, definitions.Pinned],
) -> schemas.TaskRow:
    pinned = pins[row.case_id]
    process = pinned.processes[row.process]
    node = process.nodes[row.element]
    flags = []
    if row.returned_from:
        flags.append("退回")
    if row.urgent:
        flags.append("急难")
    if row.together > 1:
        flags.append(f"{row.together}人办理")
    signed = {signature["person"] for signature in row.acted}
    return schemas.TaskRow(
        id=row.id,
        revision=row.revision,
        case_id=row.case_id,
        case_number=row.number,
        title=mask_title(row.title),
        place=places.get(row.area, row.area),
        process=row.process,
        process_name=process.name or row.process,
        element=row.element,
        name=row.name,
        verb=node.properties.get("verb") or row.name,
        stage=row.stage,
        came_from=row.came_from,
        created_at=row.created_at,
        due=due.of_task(tx.world, row, now),
        urgent=row.urgent,
        flags=flags,
        holder=people.get(row.holder) if row.holder else None,
        mine=row.holder == actor.id,
        claimable=row.state == "open"
        and row.holder != actor.id
        and not worklist.held_by_another(row, actor)
        and actor.id not in signed,
        together=row.together,
        acted=len(row.acted),
    )
