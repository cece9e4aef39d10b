"""值班表: a town's month of turns, the hours nobody is planned for, who is on duty now."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from api import periods, schemas
from api.deps import Read, Reader, Write
from api.schemas import organisation as shapes
from casework import areas, roster, staff
from casework.organisation import today
from engine.calendar import midnight
from engine.deadline import add_months
from engine.errors import Invalid, NotFound
from engine.routing import at_tier, sees, within

router = APIRouter(prefix="/api/roster", tags=["organisation"])
PLANNED = ("town_service_office", "town_civil_officer")


def _town(at: Reader, town: str | None) -> tuple[str, str]:
    """The town asked for, or the reader's own; path and name. A village reads its town's roster."""
    mine = at.home
    path = town or (at_tier(mine, "town") if "/" in mine else None)
    if path is None:
        first = next(iter(areas.children(at.tx, mine, at.now)), None)
        path = first.path if first else mine
    within_reach = sees(at.actor, path) or any(within(h.area, path) for h in at.actor.appointments)
    known = areas.names(at.tx, [path])
    if not within_reach or known[path] == path:
        raise NotFound("没有这个镇（街），或不在您的辖区。", "No such town.")
    return path, known[path]


@router.get("")
def month(at: Read, town: str | None = None, month: str | None = None) -> shapes.RosterMonth:
    path, name = _town(at, town)
    first = periods.month(month) if month else today(at.now).replace(day=1)
    begins, ends = midnight(first), midnight(add_months(first, 1))
    found = roster.turns(at.tx, path, begins, ends)
    may = roster.keeps(at.actor, path)
    gaps = roster.gaps(((row.begins, row.ends) for row in found), begins, ends)
    return shapes.RosterMonth(
        town=path,
        name=name,
        month=f"{first:%Y-%m}",
        turns=[
            shapes.TurnRow(
                id=row.id,
                person=row.person,
                name=row.name,
                phone=row.phone or "",
                begins=row.begins,
                ends=row.ends,
                may_remove=may and row.ends > at.now,
            )
            for row in found
        ],
        gaps=[shapes.Gap(begins=start, ends=end) for start, end in gaps],
        on_duty=_on_duty(at, path),
        may_plan=may,
        people=_people(at, path) if may else [],
    )


def _on_duty(at: Reader, town: str) -> list[shapes.OnDuty]:
    planned = {row.person for row in roster.turns(at.tx, town, at.now, at.now + timedelta(seconds=1))}
    people = staff.people(at.tx, roster.on_duty(at.tx, town, at.now))
    return [shapes.OnDuty(name=p.name, phone=p.phone or "", planned=p.id in planned) for p in people]


def _people(at: Reader, town: str) -> list[dict[str, str]]:
    """The town's own people, whom one would plan."""
    found: dict[str, str] = {}
    for post in PLANNED:
        for person in staff.search(at.tx, area=town, post=post, q=None, on=at.now, limit=50):
            if any(held.area == town for held in person.posts):
                found.setdefault(person.id, person.name)
    return [{"value": key, "label": name} for key, name in found.items()]


@router.post("")
def plan(at: Write, body: shapes.TurnWrite) -> schemas.Done:
    if body.begins.tzinfo is None or body.ends.tzinfo is None:
        raise Invalid("时间须带时区。", "Instants need an offset.")
    _town(at, body.town)
    roster.turn(at.tx, at.actor, body.town, body.person, body.begins, body.ends, at.now)
    return at.done(schemas.Done(message="已排班。"))


@router.post("/rotate")
def rotate(at: Write, body: shapes.RotationWrite) -> schemas.Done:
    """Whole days by turns; days that are planned already stay as they are."""
    _town(at, body.town)
    made = roster.rotate(at.tx, at.actor, body.town, body.people, body.first, body.last, at.now)
    return at.done(schemas.Done(message=f"已排 {made} 班。" if made else "这些日子都已排班。"))


@router.post("/{turn_id}/remove")
def remove(at: Write, turn_id: str) -> schemas.Done:
    roster.remove(at.tx, at.actor, turn_id, at.now)
    return at.done(schemas.Done(message="已撤班。"))
