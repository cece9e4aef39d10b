"""What people do to a running limit of a case: extend it, refuse an extension asked for, correct its lawful date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from api import schemas
from api.deps import Write
from api.schemas.limits import CorrectWrite, ExtendWrite, ExtensionRefusal, MovedLimit, MovedLimits
from casework import sight
from engine import clocks, correcting, limits
from engine.calendar import instant
from engine.deadline import last_words
from engine.errors import Field, Invalid

router = APIRouter(prefix="/api/cases", tags=["limits"])


def _seen(at: Write, case_id: str) -> None:
    """A case outside the reader's areas is as good as none."""
    sight.within(at.tx, at.actor, case_id)


def _extend(at: Write, case_id: str, body: ExtendWrite) -> clocks.Clock:
    return limits.extend(
        at.tx,
        at.actor,
        case_id,
        body.revision,
        body.clock,
        body.reason,
        at.now,
        n=body.n,
        text=body.text,
        decided_on=body.decided_on,
    )


def _correct(at: Write, case_id: str, body: CorrectWrite, *, end: bool = False) -> list[clocks.Clock]:
    return correcting.correct(
        at.tx, at.actor, case_id, body.revision, body.clock, _date(body.date), body.reason, at.now, end=end
    )


@router.post("/{case_id}/extensions")
def extend(at: Write, case_id: str, body: ExtendWrite) -> schemas.Done:
    """延长时限, by a post the term names, for a reason it names."""
    _seen(at, case_id)
    moved = _extend(at, case_id, body)
    return at.done(schemas.Done(message=f"已延长至 {last_words(moved.due_at, at.now)}。", case_id=case_id))


@router.post("/{case_id}/extensions/refuse")
def refuse(at: Write, case_id: str, body: ExtensionRefusal) -> schemas.Done:
    """不予延长: the date stands."""
    _seen(at, case_id)
    limits.refuse_extension(at.tx, at.actor, case_id, body.revision, body.clock, body.reason, at.now)
    return at.done(schemas.Done(message="已记录不予延长，原时限不变。", case_id=case_id))


@router.post("/{case_id}/start-dates")
def correct(at: Write, case_id: str, body: CorrectWrite) -> schemas.Done:
    """更正起算日期, by a supervisor: the clocks that rest on it move, both dates stay on record."""
    at.require("supervise")
    _seen(at, case_id)
    moved = _correct(at, case_id, body)
    return at.done(schemas.Done(message=f"已更正，{len(moved)} 项时限重新计算。", case_id=case_id))


@router.post("/{case_id}/extensions/preview")
def would_extend(at: Write, case_id: str, body: ExtendWrite) -> MovedLimits:
    """Which limits an extension would move, and to which day; nothing is written."""
    _seen(at, case_id)
    return _moved(at, case_id, lambda: _extend(at, case_id, body))


@router.post("/{case_id}/start-dates/preview")
def would_correct(at: Write, case_id: str, body: CorrectWrite) -> MovedLimits:
    """Which limits a right date would move, and to which day; nothing is written."""
    at.require("supervise")
    _seen(at, case_id)
    return _moved(at, case_id, lambda: _correct(at, case_id, body))


def _moved(at: Write, case_id: str, act: Callable[[], object]) -> MovedLimits:
    before = {one.id: one for one in clocks.of_case(at.tx, case_id)}
    with at.tx.savepoint(keep=False):
        act()
        after = clocks.of_case(at.tx, case_id)
    moved = [
        MovedLimit(
            name=one.name,
            old=last_words(before[one.id].due_at, at.now),
            new=last_words(one.due_at, at.now),
            provisional=one.provisional,
        )
        for one in after
        if one.id in before and one.live and one.due_at != before[one.id].due_at
    ]
    return at.done(MovedLimits(items=moved))


@router.post("/{case_id}/end-dates")
def correct_end(at: Write, case_id: str, body: CorrectWrite) -> schemas.Done:
    """更正办理时间, by a supervisor: the limits the act ended are judged anew, both dates stay on record."""
    at.require("supervise")
    _seen(at, case_id)
    moved = _correct(at, case_id, body, end=True)
    return at.done(schemas.Done(message=f"已更正，{len(moved)} 项时限重新核定。", case_id=case_id))


def _date(text: str) -> datetime:
    try:
        return instant(text)
    except (Invalid, ValueError):
        raise Invalid("日期格式不对。", "Not a date.", fields=[Field("date", "请填写日期")]) from None
