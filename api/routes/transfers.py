"""移交属地: an open case is offered to another place and accepted or refused there."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from sqlalchemy import select

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas import organisation as shapes
from api.views.people import mask_title
from casework import areas, staff, transferring
from engine.routing import sees
from engine.tables import deployed_processes

router = APIRouter(prefix="/api", tags=["organisation"])
Verb = Literal["accept", "refuse", "withdraw"]


@router.post("/cases/{case_id}/hand-over")
def hand_over(at: Write, case_id: str, body: shapes.CaseTransfer) -> schemas.Done:
    """Offer the case. Within one town it goes over at once."""
    at.require("supervise")
    transferring.ask(at.tx, at.actor, case_id, body.revision, body.to_area, body.reason, at.now)
    name = areas.names(at.tx, [body.to_area])[body.to_area]
    if transferring.waiting_for(at.tx, case_id) is None:
        return at.done(schemas.Done(message=f"已移交{name}。", case_id=case_id))
    return at.done(schemas.Done(message=f"已提出移交，等待{name}接收。", case_id=case_id))


@router.get("/transfers")
def transfers(at: Read, tab: Literal["in", "out", "done"] = "in") -> shapes.Transfers:
    at.require("supervise")
    found = transferring.listed(at.tx, at.actor, tab)
    waiting = len(found) if tab == "in" else len(transferring.listed(at.tx, at.actor, "in"))
    names = areas.names(at.tx, {a for row in found for a in (row.from_area, row.to_area)})
    people = staff.names(at.tx, {p for row in found for p in (row.asked_by, row.answered_by) if p})
    d = deployed_processes.c
    known = at.tx.run(select(d.process, d.name).where(d.process.in_({row.process for row in found})))
    names |= {row.process: row.name or row.process for row in known}
    return shapes.Transfers(items=[_row(at, row, names, people) for row in found], waiting=waiting)


def _row(at: Reader, row: Any, names: dict[str, str], people: dict[str, str]) -> shapes.TransferRow:
    can: list[Verb] = []
    if row.state == "asked":
        if sees(at.actor, row.to_area) and row.asked_by != at.actor.id:
            can += ["accept", "refuse"]
        if sees(at.actor, row.from_area):
            can.append("withdraw")
    return shapes.TransferRow(
        id=row.id,
        revision=row.revision,
        case_id=row.case_id,
        case_number=row.number,
        title=mask_title(row.title),
        process_name=names.get(row.process, row.process),
        from_area=row.from_area,
        from_name=names[row.from_area],
        to_area=row.to_area,
        to_name=names[row.to_area],
        to_tier=("district", "town", "village", "grid")[min(3, row.to_area.count("/"))],
        reason=row.reason,
        state=row.state,
        asked_by=people.get(row.asked_by, row.asked_by),
        asked_at=row.asked_at,
        answered_by=people.get(row.answered_by or ""),
        answered_at=row.answered_at,
        answer=row.answer,
        can=can,
    )


@router.post("/transfers/{transfer_id}/{verb}")
def answer(at: Write, transfer_id: str, verb: Verb, body: shapes.TransferAnswer) -> schemas.Done:
    """Accept (naming the village), refuse with the reason, or withdraw."""
    at.require("supervise")
    if verb == "accept":
        case = transferring.accept(
            at.tx, at.actor, transfer_id, body.revision, body.area, body.reason, at.now
        )
        return at.done(schemas.Done(message="已接收，在办环节转到本地岗位。", case_id=case))
    if verb == "refuse":
        case = transferring.refuse(at.tx, at.actor, transfer_id, body.revision, body.reason, at.now)
        return at.done(schemas.Done(message="已退回，事项仍在原属地。", case_id=case))
    case = transferring.withdraw(at.tx, at.actor, transfer_id, body.revision, at.now)
    return at.done(schemas.Done(message="已收回。", case_id=case))
