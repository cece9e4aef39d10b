"""督查: where every area stands, what is late, who is silent; inbox and incidents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import case, func, select

from api import schemas
from api.deps import Read, Reader, Write
from api.views import tasks as task_views
from api.views.people import mask_title
from casework import areas, books, sight, staff
from casework import tables as t
from engine import cases, definitions, schedules
from engine.errors import NotFound
from engine.routing import at_tier, sees, within
from engine.tables import cases as cases_table
from engine.tables import incidents, user_tasks
from engine.worklist import CASE_COLUMNS, in_sight, late

router = APIRouter(prefix="/api", tags=["steering"])
MONTH = timedelta(days=30)


class Marked(BaseModel):
    ids: list[str]


class Retry(BaseModel):
    revision: int


@router.get("/overview")
def overview(at: Read, area: str | None = None) -> schemas.Overview:
    """Counts per child area, with the days since its last report; the most overdue tasks."""
    at.require("watch")
    root = area or at.home
    rows = areas.children(at.tx, root, at.now) or areas.subtree(at.tx, root, at.now)
    u, soon = user_tasks.c, at.now + timedelta(days=2)
    scope = in_sight(at.actor, u.area, root) & sight.open_to(at.actor)
    counts = (
        select(
            u.area,
            func.count(case((u.state == "open", 1))).label("open"),
            func.count(case(((u.state == "open") & late(at.now), 1))).label("overdue"),
            func.count(case(((u.state == "open") & (u.due_at >= at.now) & (u.due_at < soon), 1))).label(
                "soon"
            ),
        )
        .join(cases_table)
        .where(scope)
        .group_by(u.area)
    )
    work = list(at.tx.run(counts))
    lead = select(
        t.leads.c.area,
        func.count(case((t.leads.c.discovered_at > at.now - MONTH, 1))).label("n"),
        func.count(case((t.leads.c.closed_at > at.now - MONTH, 1))).label("done"),
        func.max(t.leads.c.discovered_at).label("last"),
    )
    found = list(at.tx.run(lead.where(in_sight(at.actor, t.leads.c.area, root)).group_by(t.leads.c.area)))
    cells = sorted(
        (_cell(a, work, found, at) for a in rows), key=lambda c: (-c.overdue, -c.soon, -c.open, c.area)
    )
    worst = select(user_tasks, *CASE_COLUMNS).join(cases_table).where(scope, u.state == "open", late(at.now))
    overdue = list(at.tx.run(worst.order_by(u.due_at).limit(20)))
    totals = {
        "open": sum(c.open for c in cells),
        "overdue": sum(c.overdue for c in cells),
        "soon": sum(c.soon for c in cells),
        "leads_30d": sum(c.leads_30d for c in cells),
        "done_30d": sum(c.done_30d for c in cells),
        "silent": _silent(at, root, found),
    }
    return schemas.Overview(
        at=at.now, totals=totals, rows=cells, overdue=task_views.rows(at.tx, at.actor, overdue, at.now)
    )


def _silent(at: Reader, root: str, found: list[Any]) -> int:
    """Villages with a post or a household that have reported nothing for a month or longer."""
    lately = {at_tier(r.area, "village") for r in found if r.last is not None and r.last > at.now - MONTH}
    here = [
        path
        for path, _ in staff.staffed(at.tx, "village", at.now)
        if within(path, root) and sees(at.actor, path)
    ]
    return sum(path not in lately for path in here)


def _cell(area: areas.Area, work: list[Any], found: list[Any], at: Reader) -> schemas.Cell:
    own = [w for w in work if at_tier(w.area, area.tier) == area.path]
    reports = [r for r in found if at_tier(r.area, area.tier) == area.path]
    last = max((r.last for r in reports), default=None)
    return schemas.Cell(
        area=area.path,
        name=area.name,
        tier=area.tier,
        open=sum(w.open for w in own),
        overdue=sum(w.overdue for w in own),
        soon=sum(w.soon for w in own),
        done_30d=sum(r.done for r in reports),
        leads_30d=sum(r.n for r in reports),
        last_report=last,
        silent_days=(at.now - last).days if last else None,
    )


@router.get("/notifications")
def notifications(
    at: Read, page: Annotated[int, Query(ge=1, le=10_000)] = 1, size: Annotated[int, Query(ge=1, le=100)] = 20
) -> schemas.Page[schemas.Notification]:
    found, total = books.inbox(at.tx, at.actor.id, (page - 1) * size, size)
    keys = ("id", "at", "title", "text", "case_id", "task_id", "kind")
    items = [
        schemas.Notification(read=row["read_at"] is not None, **{key: row[key] for key in keys})
        for row in found
    ]
    return schemas.Page(items=items, total=total, page=page, size=size)


@router.post("/notifications/read")
def read(at: Write, body: Marked) -> schemas.Done:
    books.mark_read(at.tx, at.actor.id, body.ids, at.now)
    return at.done(schemas.Done(message="已读。"))


@router.get("/incidents")
def list_incidents(
    at: Read,
    state: Literal["open", "resolved"] = "open",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Page[schemas.Incident]:
    """Steps that could not be taken, in the reader's areas."""
    at.require("watch")
    i, c = incidents.c, cases_table.c
    where = (i.state == state, sight.listed(at.actor))
    joined = incidents.join(cases_table)
    total = at.tx.run(select(func.count()).select_from(joined).where(*where)).scalar_one()
    query = (
        select(incidents, c.number, c.title, c.pins)
        .select_from(joined)
        .where(*where)
        .order_by(i.created_at.desc())
    )
    items = [
        schemas.Incident(
            id=row.id,
            case_id=row.case_id,
            case_number=row.number,
            title=mask_title(row.title),
            element=row.element,
            name=_name(at, row),
            at=row.created_at,
            code=row.code,
            message=row.message,
            attempts=row.attempts,
            state=row.state,
            revision=row.revision,
        )
        for row in at.tx.run(query.offset((page - 1) * size).limit(size))
    ]
    return schemas.Page(items=items, total=total, page=page, size=size)


class ScheduleRow(BaseModel):
    """A timer start event: when it next starts cases, and for which areas."""

    id: str
    process: str
    name: str
    per: str | None
    due: datetime
    state: Literal["pending", "failed"]
    error: str | None


@router.get("/schedules")
def list_schedules(at: Read) -> list[ScheduleRow]:
    """What the clock will start, the next first; failed turns wait for a person."""
    at.require("watch")
    return [
        ScheduleRow(
            id=row.id,
            process=row.process,
            name=definitions.process_of(at.tx, row.deployment_id, row.process).name or row.process,
            per=row.per,
            due=row.due_at,
            state=row.state,
            error=row.error,
        )
        for row in schedules.live(at.tx)
    ]


@router.post("/schedules/{schedule_id}/retry")
def retry_turn(at: Write, schedule_id: str) -> schemas.Done:
    """Take a failed turn once more; what it has started already is not started again."""
    at.require("admin")
    if not schedules.again(at.tx, schedule_id):
        raise NotFound("没有这条失败的定时启动。", "No such failed turn.")
    at.tx.after_commit("worker", at.tx.world.bell)
    return at.done(schemas.Done(message="已重新启动。"))


def _name(at: Reader, row: Any) -> str:
    """The step as the drawing calls it, or what was done for the case as a whole."""
    if row.kind == "dates":
        return "重新计算时限"
    process = definitions.pinned(at.tx, row.pins).processes.get(row.process)
    node = process.nodes.get(row.element) if process is not None else None
    return (node.name if node is not None else None) or str(row.element)


@router.post("/incidents/{incident_id}/retry")
def retry(at: Write, incident_id: str, body: Retry) -> schemas.Done:
    at.require("admin", "supervise")
    row = at.tx.run(
        select(incidents.c.id).join(cases_table).where(incidents.c.id == incident_id, sight.listed(at.actor))
    ).one_or_none()
    if row is None:
        raise NotFound("没有这条异常。", "No such incident.")
    case_id = cases.retry(at.tx, at.actor, incident_id, body.revision, at.now)
    return at.done(schemas.Done(message="已重新执行。", case_id=case_id))
