"""日历与时限: the district's choices within the law by two persons, holiday notices with a dry run, lateness."""

from __future__ import annotations

from itertools import islice

from fastapi import APIRouter
from sqlalchemy import func, select

from api import schemas
from api.deps import Read, Reader, Write
from api.periods import Day
from api.schemas import legal as models
from api.views import legal as views
from api.views.people import mask_title
from casework import areas
from engine import calendar_notice, lateness, legal, reprojection
from engine.calendar import ZONE, Year
from engine.deadline import last_words
from engine.errors import Field, Forbidden, Invalid
from engine.routing import within
from engine.tables import clocks

router = APIRouter(prefix="/api", tags=["legal"])
RIGHT = "legal"
SHOWN = 200
"""Clocks listed in a dry run; all are counted."""


@router.get("/terms")
def terms(at: Read, on: Day | None = None) -> models.LegalTable:
    """Every term and parameter as it stands on a day (default: today), with its legal basis."""
    day, may = on or at.now.astimezone(ZONE).date(), RIGHT in at.rights
    items = views.table(at.tx, at.tx.world, day, legal.journal(at.tx), at.actor.id, may=may)
    return models.LegalTable(on=day, items=items, can_propose=may)


@router.get("/terms/changes")
def changes(at: Read, key: str | None = None) -> list[models.LegalChange]:
    """The journal, newest first."""
    found = legal.journal(at.tx, key=key)
    return views.changes(at.tx, at.tx.world, found, at.actor.id, may=RIGHT in at.rights)


@router.post("/terms/changes")
def propose(at: Write, body: models.LegalWrite) -> schemas.Done:
    """First person: another number or value, within the bounds of the legal basis, from a coming day on."""
    at.require(RIGHT)
    value = body.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    legal.propose(at.tx, at.actor, body.kind, body.key, value, body.valid_from, body.reason, at.now)
    return at.done(schemas.Done(message="已提出，须由另一人确认后才生效。"))


@router.post("/terms/changes/{change_id}/decide")
def decide(at: Write, change_id: str, body: models.LegalDecision) -> schemas.Done:
    """Second person: confirm, or refuse with a reason."""
    at.require(RIGHT)
    found = legal.decide(at.tx, at.actor, change_id, body.revision, body.approve, body.answer, at.now)
    day = found.valid_from
    message = (
        f"已确认，{day.year}年{day.month}月{day.day}日起受理的事项适用。"
        if body.approve
        else "已记录不同意，规定不变。"
    )
    return at.done(schemas.Done(message=message))


@router.post("/terms/changes/{change_id}/withdraw")
def withdraw(at: Write, change_id: str, body: models.LegalRevision) -> schemas.Done:
    at.require(RIGHT)
    legal.withdraw(at.tx, at.actor, change_id, body.revision, at.now)
    return at.done(schemas.Done(message="已撤回。"))


# ------------------------------------------------------------------------------------------ calendar
@router.get("/calendars")
def calendars(at: Read) -> models.Calendars:
    """The years that are known, and which dates wait for one that is not."""
    c, known = clocks.c, at.tx.world.calendar
    open_ = (c.state.in_(["running", "paused"]), c.provisional.is_(True))
    number, last = list(at.tx.run(select(func.count(), func.max(c.due)).where(*open_)).one())
    missing = []
    if last is not None:
        reached = range(at.now.astimezone(ZONE).year, last.year + 1)
        missing = [year for year in reached if not known.knows(year)]
    return models.Calendars(
        years=views.years(at.tx, at.tx.world),
        missing=missing,
        provisional=number,
        can_load=RIGHT in at.rights,
    )


@router.post("/calendars/check")
def check(at: Read, body: models.NoticeCheck) -> models.NoticePlan:
    """What a notice says, and which open clocks would move. Nothing is written."""
    at.require(RIGHT)
    notice = _notice(at, body.text)
    known = at.tx.world.calendar
    planned = known.with_([notice], known.serial)
    moves = reprojection.dry_run(at.tx, planned, at.now)
    listed = list(islice(moves, SHOWN))
    places = areas.names(at.tx, {m.area for m in listed})
    replaced = known.local.get((notice.area, notice.year)) if notice.area else known.years.get(notice.year)
    return models.NoticePlan(
        year=views.year(notice, planned, areas.names(at.tx, {notice.area} - {""})),
        replaces=replaced.notice if replaced else None,
        moves=[
            models.ClockMove(
                case_id=m.case_id,
                number=m.number,
                title=mask_title(m.title),
                place=places.get(m.area, m.area),
                name=m.name,
                old=last_words(m.old_due, at.now),
                new=last_words(m.new_due, at.now),
                was_provisional=m.was_provisional,
                provisional=m.provisional,
            )
            for m in listed
        ],
        total=len(listed) + sum(1 for _ in moves),
    )


@router.post("/calendars")
def load(at: Write, body: models.NoticeWrite) -> schemas.Done:
    """Load a notice: it is in force at once, open clocks are dated anew and each change stands in its case."""
    at.require(RIGHT)
    notice = _notice(at, body.text)
    legal.load_notice(at.tx, at.actor, notice, body.reason, at.now)
    return at.done(schemas.Done(message=f"已装入 {notice.year} 年放假安排，在办事项的时限正在重新计算。"))


def _notice(at: Reader, text: str) -> Year:
    try:
        notice = calendar_notice.read(text)
    except Invalid as wrong:
        raise Invalid(
            wrong.message, wrong.message_en, code=wrong.code, fields=[Field("text", wrong.message)]
        ) from None
    if notice.area and not any(within(notice.area, held.area) for held in at.actor.appointments):
        raise Forbidden("只能装入本辖区的安排。", "The notice is for another area.")
    return notice


# ------------------------------------------------------------------------------------------ lateness
@router.get("/lateness")
def late(at: Read) -> models.LatenessView:
    """How late timers fired in the last day, and what is due and waits."""
    at.require("admin")
    return views.lateness(lateness.measure(at.tx, at.now))
