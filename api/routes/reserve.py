"""备用金: what each town has, below which line people are told, and the bureau's entries."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import Read, Write
from api.schemas import books as schemas
from casework import areas, reserve
from engine.calendar import ZONE
from engine.errors import Forbidden, NotFound
from engine.routing import sees

router = APIRouter(prefix="/api/reserve", tags=["reserve fund"])
RIGHT = "fund"


@router.get("")
def funds(at: Read) -> schemas.Funds:
    """The towns in sight with their balance, the year's quota and the line of alarm; what is short first."""
    towns = [(p, n) for p, n in areas.of_tier(at.tx, "town", at.now) if sees(at.actor, p)]
    known = reserve.funds(at.tx, towns, at.now)
    order = {"overdrawn": 0, "low": 1, "ok": 2}
    return schemas.Funds(
        items=[
            schemas.Fund(
                town=f.town,
                name=f.name,
                balance=f.balance,
                quota=f.quota,
                threshold=f.threshold,
                state=f.state,
            )
            for f in sorted(known, key=lambda f: (order[f.state], f.town))
        ],
        may_top_up=RIGHT in at.rights,
    )


@router.post("/{town:path}/entries")
def top_up(at: Write, town: str, body: schemas.TopUp) -> schemas.FundDone:
    """拨入或更正, by the bureau."""
    at.require(RIGHT)
    if not sees(at.actor, town):
        raise Forbidden("这个镇（街）不在您的职责范围内。", "The town is outside your posts.")
    if town not in dict(areas.of_tier(at.tx, "town", at.now)):
        raise NotFound("没有这个镇（街）。", "No such town.")
    left = reserve.top_up(
        at.tx,
        town,
        body.amount,
        reason=body.reason,
        document_no=body.document_no,
        on=body.on or at.now.astimezone(ZONE).date(),
        actor=at.actor,
        now=at.now,
    )
    return at.done(schemas.FundDone(balance=left, message=f"已记账，余额 {left} 元。"))
