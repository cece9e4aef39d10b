"""The simulated clock. These routes exist only in a server started with one."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from api import schemas
from api.deps import Read, Write
from engine import feel, wallclock
from engine.calendar import ZONE
from engine.errors import Field, Invalid
from tasks import sweep

router = APIRouter(prefix="/api/clock", tags=["clock"])
simulated_router = APIRouter(prefix="/api/clock", tags=["clock"])


@router.get("")
def show(at: Read) -> schemas.ClockState:
    return schemas.ClockState(now=at.now.astimezone(ZONE), simulated=at.runtime.settings.simulated)


@simulated_router.post("/advance")
def advance(at: Write, body: schemas.ClockAdvance) -> schemas.ClockState:
    """Move time to an instant or by an ISO 8601 duration, doing what falls due on the way. Never backwards."""
    target = body.to
    if target is None and body.by:
        moved = (
            feel.evaluate(f'start + duration("{body.by}")', {"start": at.now}).value
            if '"' not in body.by
            else None
        )
        target = moved if isinstance(moved, datetime) else None
    if target is None or target.tzinfo is None:
        raise Invalid(
            "请给出时刻（带时区）或时长（如 P1D、PT2H）。",
            "Give an instant or a duration.",
            fields=[Field("to", "缺少时刻")],
        )
    if target < at.now:
        raise Invalid("时间不能倒退。", "Time does not go back.", fields=[Field("to", "时间不能倒退")])
    at.tx.commit()  # the sweep works in transactions of its own

    def moved_to(instant: datetime) -> None:
        with at.runtime.db.transaction() as tx:
            wallclock.set_now(tx, instant)

    sweep.advance(at.runtime.db, at.now, target, moved_to)
    return at.done(schemas.ClockState(now=target.astimezone(ZONE), simulated=True))
