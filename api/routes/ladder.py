"""督办: the urging ladder over all cases and of one; orders by hand; answers to urgings; numbered papers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from sqlalchemy import case, exists, func, or_, select

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas.control import (
    LadderPage,
    LadderRow,
    OrderWrite,
    PaperPage,
    PaperRow,
    Rung,
    RungKind,
    UrgeReply,
)
from api.views import cases as case_views
from api.views import due
from api.views.people import mask_title
from casework import areas, files, issued, ladder, sight, staff
from casework.tables import issued_papers
from engine import asking, definitions, locking, step
from engine.calendar import ZONE
from engine.errors import Conflict, Forbidden, NotFound
from engine.model import Tier
from engine.routing import sees
from engine.tables import cases as cases_table
from engine.tables import requests, user_tasks
from engine.worklist import in_sight

router = APIRouter(prefix="/api", tags=["ladder"])
C = cases_table.c
NAMES = {"reminder": "提醒", "urge": "催办", "notice": "催办通知书", "order": "督办", "circular": "通报"}


def _rungs(at: Reader, found: list[ladder.Rung], title: str | None = None) -> list[Rung]:
    """`title`: the name that a list shows masked."""
    names = staff.names(at.tx, {r.by for r in found if r.by})
    return [_rung(r, names, title) for r in found]


def _rung(rung: ladder.Rung, names: dict[str, str], title: str | None) -> Rung:
    text = rung.text
    if text and title:
        text = text.replace(title, mask_title(title))
    return Rung(
        kind=rung.kind,
        name=NAMES[rung.kind],
        at=rung.at,
        state=rung.state,
        open=rung.open,
        late=rung.late,
        number=rung.number,
        text=text,
        by=names.get(rung.by or "", rung.by),
        answer=rung.answer,
        due_on=_last_day(rung.due_at),
        receipt=due.of_deadline(rung.due) if rung.due is not None else None,
        case_id=rung.case_id,
        paper=rung.paper,
        count=rung.count,
        act=rung.act,
    )


def _last_day(due_at: datetime | None) -> date | None:
    """The exclusive midnight ends the day before it."""
    if due_at is None:
        return None
    at = due_at.astimezone(ZONE)
    return (at - timedelta(days=1)).date() if at.time() == time() else at.date()


def _height() -> Any:
    """The highest rung of a case somebody still owes an answer to: 3 order, 2 notice, 1 urging, 0 none."""
    beside = cases_table.alias()
    r, t = requests.c, user_tasks.c

    def stands(process: str) -> Any:
        return exists().where(
            beside.c.parent == C.id, beside.c.process == process, beside.c.status == "active"
        )

    urged = exists().where(
        r.case_id == C.id, r.kind == "urge", r.state != "answered", t.id == r.task_id, t.state == "open"
    )
    return case((stands(ladder.ORDER), 3), (stands(ladder.NOTICE), 2), (urged, 1), else_=0)


TOPS: tuple[RungKind | None, ...] = (None, "urge", "notice", "order")


@router.get("/ladder")
def list_ladder(
    at: Read,
    area: str | None = None,
    rung: Literal["urge", "notice", "order"] | None = None,
    state: Literal["open", "all"] = "open",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> LadderPage:
    """Cases on the ladder in the reader's areas, the highest open rung first."""
    at.require("watch")
    beside, height = cases_table.alias(), _height()
    ever = or_(
        exists().where(beside.c.parent == C.id, beside.c.process.in_((ladder.NOTICE, ladder.ORDER))),
        exists().where(requests.c.case_id == C.id, requests.c.kind == "urge"),
    )
    scope = (sight.listed(at.actor, area), ever)
    counts = {
        NAMES[top]: int(n)
        for top, n in (
            (TOPS[row.height], row.n)
            for row in at.tx.run(
                select(height.label("height"), func.count().label("n")).where(*scope).group_by(height)
            )
        )
        if top
    }
    where = [*scope]
    if rung:
        where.append(height == TOPS.index(rung))
    elif state == "open":
        where.append(height > 0)
    total = at.tx.run(select(func.count()).select_from(cases_table).where(*where)).scalar_one()
    query = (
        select(cases_table, height.label("height"))
        .where(*where)
        .order_by(height.desc(), C.opened_at.desc(), C.id)
    )
    rows = list(at.tx.run(query.offset((page - 1) * size).limit(size)))
    return LadderPage(items=_rows(at, rows), total=total, page=page, size=size, counts=counts)


def _rows(at: Reader, rows: list[Any]) -> list[LadderRow]:
    places = areas.names(at.tx, {row.area for row in rows})
    found = ladder.of_cases(at.tx, [row.id for row in rows], at.now)
    made = []
    for row in rows:
        process = definitions.pinned(at.tx, row.pins).processes.get(row.process)
        made.append(
            LadderRow(
                case_id=row.id,
                number=row.number,
                title=mask_title(row.title),
                place=places.get(row.area, row.area),
                process_name=(process.name if process else None) or row.process,
                status=row.status,
                top=TOPS[row.height],
                rungs=_rungs(at, found[row.id], row.title),
            )
        )
    return made


def _seen(at: Reader, case_id: str) -> step.Case:
    return sight.within(at.tx, at.actor, case_id)


@router.get("/cases/{case_id}/ladder")
def of_case(at: Read, case_id: str) -> list[Rung]:
    """The ladder of one case, oldest rung first; nothing for who does not see the case."""
    if not sight.inside(at.actor, case_views.load(at.tx, case_id)):
        return []
    return _rungs(at, ladder.of_cases(at.tx, [case_id], at.now)[case_id])


@router.post("/cases/{case_id}/supervise")
def supervise(at: Write, case_id: str, body: OrderWrite) -> schemas.Done:
    """督办 by a leader's instruction: an order about this case, whatever its clocks say."""
    at.require("supervise")
    found = _seen(at, case_id)
    if not any(held.tier == Tier.DISTRICT for held in at.actor.appointments):
        raise Forbidden("督办由区局下达。", "Orders are given by the district.")
    if found.process in ladder.OWN:
        raise Conflict(
            "督办、催办、通报自身不再督办。", "The ladder is not supervised itself.", code="own_rung"
        )
    locking.for_act(at.tx, at.actor, case_id, body.revision)
    made = ladder.raise_order(
        at.tx, ladder.about(at.tx, case_id), body.matter.strip(), at.now, actor=at.actor
    )
    return at.done(schemas.Done(message="已提起督办，待下达。", case_id=made))


@router.post("/requests/{request_id}/reply")
def reply(at: Write, request_id: str, body: UrgeReply) -> schemas.Done:
    """答复催办, by whoever may do the urged task."""
    case_id = asking.reply(at.tx, at.actor, request_id, body.revision, body.text, at.now)
    ladder.settled(at.tx, request_id)
    return at.done(schemas.Done(message="已答复催办。", case_id=case_id))


# ------------------------------------------------------------------------------------------ papers
def _paper_seen(at: Reader, row: Any) -> bool:
    if row.kind == "timeline":
        return any(held.tier == Tier.DISTRICT for held in at.actor.appointments) and sees(at.actor, row.area)
    concerns = any(held.area.startswith(row.area) for held in at.actor.appointments)
    if sees(at.actor, row.area) or (row.kind == "circular" and concerns):
        return True
    about = at.tx.run(select(cases_table.c.area).where(cases_table.c.id == row.case_id)).scalar_one_or_none()
    return about is not None and sees(at.actor, about)  # handed over since


@router.get("/papers")
def list_papers(
    at: Read,
    kind: Literal["urging_notice", "circular", "timeline", "assessment"] | None = None,
    area: str | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> PaperPage:
    """Numbered papers of the reader's areas, the newest first."""
    at.require("watch")
    p = issued_papers.c
    where = [in_sight(at.actor, p.area, area)]
    if not any(held.tier == Tier.DISTRICT for held in at.actor.appointments):
        own = [held.area for held in at.actor.appointments]
        circulars = or_(*(p.area == root for path in own for root in _ancestors(path)))
        where = [or_(where[0], (p.kind == "circular") & circulars), p.kind != "timeline"]
    if kind:
        where.append(p.kind == kind)
    total = at.tx.run(select(func.count()).select_from(issued_papers).where(*where)).scalar_one()
    query = select(issued_papers).where(*where).order_by(p.made_at.desc(), p.number)
    rows = list(at.tx.run(query.offset((page - 1) * size).limit(size)))
    places = areas.names(at.tx, {row.area for row in rows})
    items = [
        PaperRow(
            id=row.id, number=row.number, kind=row.kind, title=row.title, place=places[row.area], made_at=row.made_at,
            case_id=row.case_id, digest=row.digest, intact=issued.digest(row.content) == row.digest, corrections=row.corrections,
        )
        for row in rows
    ]  # fmt: skip
    return PaperPage(items=items, total=total, page=page, size=size)


def _ancestors(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


@router.get("/papers/{paper_id}.pdf")
def paper(at: Read, paper_id: str) -> Response:
    """A numbered paper as it was issued, for who sees its case or whom it concerns."""
    row = issued.get(at.tx, paper_id)
    if not _paper_seen(at, row):
        raise NotFound("没有这份文书，或您无权查看。", "No such paper.")
    kept, content = files.read(at.tx, row.file)
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(kept.name)}",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=kept.type, headers=headers)
