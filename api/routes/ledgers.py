"""台账: views of cases with fixed columns; and their way out of the house as a file, which is a right and an event."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from api.deps import Read, Reader, Write, Writer
from api.periods import Day, From
from api.schemas import books as schemas
from api.views import homes
from api.views.people import mask_id, mask_name
from casework import exports, staff, workbooks
from casework.ledgers import BOOKS, Book, Scope
from casework.words import Words
from engine.errors import Forbidden, NotFound
from engine.model import Tier
from engine.routing import sees

router = APIRouter(prefix="/api", tags=["ledgers"])
MASK = {"name": mask_name, "id_no": mask_id}


def _book(at: Reader, key: str) -> Book:
    book = BOOKS.get(key)
    if book is None or (book.sealed and not _above_villages(at)):
        raise NotFound("没有这本台账，或您无权查看。", "No such ledger.")
    return book


def _above_villages(at: Reader) -> bool:
    return any(held.tier in (Tier.TOWN, Tier.DISTRICT) for held in at.actor.appointments)


def _scope(
    at: Reader, since: date | None, to: date | None, area: str | None, offset: int, limit: int
) -> Scope:
    words = Words.of_codes(homes.codes(at.tx, at.now))
    return Scope(at.tx, at.actor, at.now, area, since, to, offset, limit, MASK, words)


@router.get("/ledgers")
def ledgers(at: Read) -> list[schemas.LedgerName]:
    """The ledgers the reader may open, in official order."""
    return [
        schemas.LedgerName(key=b.key, name=b.name, hint=b.hint, dated=b.dated)
        for b in BOOKS.values()
        if not b.sealed or _above_villages(at)
    ]


@router.get("/ledgers/{key}")
def ledger(
    at: Read,
    key: str,
    since: From = None,
    to: Day | None = None,
    area: str | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Ledger:
    """One page of a ledger for the areas the reader's posts cover; names and numbers masked, sensitive answers as on the
    page of each case."""
    book = _book(at, key)
    lines, total = book.lines(_scope(at, since, to, area, (page - 1) * size, size))
    items = lines
    if book.sensitive:
        items = book.veiled(lines, at.listed([line["case_id"] for line in lines], f"台账 {book.name}").text)
    return schemas.Ledger(
        key=book.key,
        name=book.name,
        hint=book.hint,
        dated=book.dated,
        columns=[schemas.Column(key=k, label=v) for k, v in book.columns.items()],
        items=items,
        total=total,
        page=page,
        size=size,
    )


# ------------------------------------------------------------------------------------------ exports
def _shown(at: Reader, row: object) -> schemas.ExportRow:
    known = {name: getattr(row, name) for name in schemas.ExportRow.model_fields if hasattr(row, name)}
    names = staff.names(at.tx, [known["asked_by"], known["answered_by"]])
    mine = known["asked_by"] == at.actor.id
    area = getattr(row, "area", None)
    may = exports.RIGHT in at.rights and not mine and (area is None or sees(at.actor, area))
    return schemas.ExportRow(
        **{
            **known,
            "asked_by": names.get(known["asked_by"], ""),
            "answered_by": names.get(known["answered_by"] or ""),
            "mine": mine,
            "to_answer": known["state"] == "asked" and may,
        }
    )


@router.post("/ledgers/{key}/exports")
def export(at: Write, key: str, body: schemas.ExportWrite) -> schemas.ExportRow:
    """Take a ledger out as a file: masked at once; unmasked when a second person has agreed. Either way it is kept who did."""
    at.require(exports.RIGHT)
    scope = _scope(at, body.since, body.to, _area(at, body.area), 0, exports.LIMIT)
    row = exports.ask(at.tx, _book(at, key), scope, unmasked=body.unmasked, purpose=body.purpose)
    return at.done(_shown(at, row))


def _area(at: Writer, area: str | None) -> str:
    """What the file is about: an area in sight, else the first the person has a post in."""
    if area is None:
        return at.home
    if not sees(at.actor, area):
        raise Forbidden("这个区域不在您的职责范围内。", "The area is outside your posts.")
    return area


@router.get("/exports")
def export_list(at: Read) -> list[schemas.ExportRow]:
    """Who took out what: one's own, and – with the right – everything about one's areas."""
    rows = exports.listed(at.tx, at.actor, 100)
    if exports.RIGHT not in at.rights:
        rows = [row for row in rows if row.asked_by == at.actor.id]
    return [_shown(at, row) for row in rows]


@router.post("/exports/{export_id}/answer")
def answer(at: Write, export_id: str, body: schemas.ExportAnswer) -> schemas.ExportRow:
    """The second person agrees to an unmasked file, or does not."""
    at.require(exports.RIGHT)
    row = exports.get(at.tx, export_id)
    if row.area and not sees(at.actor, row.area):
        raise NotFound("没有这份导出记录。", "No such export.")
    filters = row.filters
    scope = _scope(at, _day(filters["from"]), _day(filters["to"]), filters["area"], 0, exports.LIMIT)
    return at.done(_shown(at, exports.answer(at.tx, export_id, body.revision, body.agreed, at.actor, scope)))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@router.get("/exports/{export_id}.xlsx")
def fetch(at: Read, export_id: str) -> Response:
    """The file, for who asked for it, while it is kept."""
    name, content = exports.content(at.tx, export_id, at.actor.id, at.now)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=workbooks.KIND, headers=headers)
