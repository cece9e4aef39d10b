"""救助标准: the dated amounts everything is reckoned with, and a new one from a day on."""

from __future__ import annotations

from fastapi import APIRouter

from api import schemas
from api.deps import Read, Write
from api.schemas import standards as shapes
from casework import areas, standards
from engine.routing import within

router = APIRouter(prefix="/api/standards", tags=["legal"])
RIGHT = "legal"


@router.get("")
def show(at: Read) -> shapes.Standards:
    """Every entry of the reader's areas, and what the reader may set."""
    mine = [held.area for held in at.actor.appointments]
    found = [
        one
        for one in standards.listing(at.tx)
        if any(within(one.area, area) or within(area, one.area) for area in mine)
    ]
    places, now = areas.names(at.tx, {one.area for one in found}), standards.in_force(found, at.now)
    kinds, may = standards.KINDS, RIGHT in at.rights
    return shapes.Standards(
        items=[
            shapes.StandardRow(
                key=one.key, label=kinds[one.key].label if one.key in kinds else one.key, unit=kinds[one.key].unit if one.key in kinds else "",
                area=one.area, place=places.get(one.area, one.area), amount=standards.plain(one.amount), valid_from=one.valid_from, source=one.source,
                in_force=(one.key, one.area, one.valid_from) in now,
            )
            for one in found
        ],
        kinds=[
            shapes.StandardKind(
                key=key, label=kind.label, unit=kind.unit, used=kind.used,
                areas=[(path, name) for path, name in areas.of_tier(at.tx, kind.tier, at.now) if any(within(path, area) for area in mine)],
            )
            for key, kind in kinds.items()
        ] if may else [],
        missing=[] if any(key == standards.DIBAO for key, _, _ in now) else [kinds[standards.DIBAO].label],
    )  # fmt: skip


@router.post("")
def put(at: Write, body: shapes.StandardWrite) -> schemas.Done:
    """A new amount from a day on, with its source; what has been decided keeps its amount."""
    at.require(RIGHT)
    given = standards.Standard(body.area, body.key, body.valid_from, body.amount, body.source)
    standards.put(at.tx, at.actor, given, at.now)
    return at.done(schemas.Done(message="已登记。以后办理的按新标准算，已作出的决定不变。"))
