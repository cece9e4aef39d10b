"""台账: leads as a ledger, on screen and as a workbook. A figure is a view of cases; nothing is typed twice."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from typing import Annotated, Any

import xlsxwriter
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlalchemy import func, select

from api.deps import Read, Reader
from api.views.people import mask_id, mask_name
from casework import register
from casework.tables import leads
from engine import definitions
from engine.calendar import ZONE
from engine.tables import cases
from engine.worklist import in_sight

router = APIRouter(prefix="/api", tags=["ledger"])
LIMIT = 20_000
BATCH = 500
MASK = {"name": mask_name, "id_no": mask_id}


class Column(BaseModel):
    key: str
    label: str


class Ledger(BaseModel):
    columns: list[Column]
    items: list[dict[str, Any]]
    total: int


def _rows(
    at: Reader, since: date | None, until: date | None, area: str | None, offset: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    where = [in_sight(at.actor, leads.c.area, area)]
    if since:
        where.append(leads.c.discovered_at >= datetime.combine(since, time(), ZONE))
    if until:
        where.append(leads.c.discovered_at <= datetime.combine(until, time.max, ZONE))
    total = at.tx.run(select(func.count()).select_from(leads).where(*where)).scalar_one()
    query = select(leads.c.number, leads.c.case_id, cases.c.pins).join(cases, cases.c.id == leads.c.case_id)
    found = list(
        at.tx.run(
            query.where(*where)
            .order_by(leads.c.discovered_at.desc(), leads.c.number)
            .offset(offset)
            .limit(limit)
        )
    )
    codes = definitions.pinned(at.tx, found[0].pins).codes if found else {}
    case_of = {row.number: row.case_id for row in found}
    numbers = list(case_of)
    made = [
        line
        for start in range(0, len(numbers), BATCH)
        for line in register.lines(at.tx, numbers[start : start + BATCH], codes, MASK)
    ]
    return [{**line, "case_id": case_of[line["number"]]} for line in made], int(total)


From = Annotated[date | None, Query(alias="from")]


@router.get("/ledger")
def ledger(
    at: Read,
    since: From = None,
    to: date | None = None,
    area: str | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Ledger:
    items, total = _rows(at, since, to, area, (page - 1) * size, size)
    return Ledger(
        columns=[Column(key=k, label=v) for k, v in register.COLUMNS.items()], items=items, total=total
    )


@router.get("/ledger.xlsx")
def workbook(at: Read, since: From = None, to: date | None = None, area: str | None = None) -> Response:
    """The same rows as a workbook. Cells are text, so that no formula can hide in a name."""
    items, _ = _rows(at, since, to, area, 0, LIMIT)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("台账")
        sheet.write_row(0, 0, ["序号", *register.COLUMNS.values()], book.add_format({"bold": True}))
        for number, item in enumerate(items, 1):
            sheet.write_row(number, 0, [number, *(str(item[key]) for key in register.COLUMNS)])
        sheet.freeze_panes(1, 0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    headers = {"Content-Disposition": "attachment; filename*=UTF-8''%E5%8F%B0%E8%B4%A6.xlsx"}
    return Response(out.getvalue(), media_type=kind, headers=headers)
