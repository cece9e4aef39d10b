"""户册: the register of households, one household's file, its lists, its import."""

from __future__ import annotations

import io
from typing import Annotated

import xlsxwriter
from fastapi import APIRouter, Query, Response, UploadFile

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas import homes as shapes
from api.views import homes as views
from api.views.people import mask_title
from casework import (
    areas,
    focus,
    household_changes,
    household_checks,
    households,
    import_checks,
    imports,
    reading,
    reveals,
)
from engine.calendar import ZONE
from engine.errors import Conflict

router = APIRouter(prefix="/api/register", tags=["register"])
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 500
"""Findings of a preview that are sent; a workbook with more is wrong as a whole."""


def places(at: Reader, area: str | None) -> tuple[str, ...]:
    """The reader's areas, narrowed to `area` when asked."""
    mine = tuple(held.area for held in at.actor.appointments)
    if not area:
        return mine
    inside = [p for p in mine if p == area or area.startswith(p + "/")]
    return (area,) if inside else tuple(p for p in mine if p.startswith(area + "/"))


@router.get("")
def list_households(
    at: Read,
    q: Annotated[str, Query(max_length=50)] = "",
    area: str | None = None,
    category: str = "",
    programme: str = "",
    due: str = "",
    ended: bool = False,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Page[shapes.HomeRow]:
    """Households of the reader's areas. `due`: `overdue` or `soon`; `q`: a name, the household's number, a whole identity number."""
    wanted = households.Filter(places(at, area), q.strip(), category, programme, due, ended)
    today = at.now.astimezone(ZONE).date()
    found, total = households.listing(at.tx, wanted, today, (page - 1) * size, size)
    return schemas.Page(items=views.rows(at.tx, at.actor, found, at.now), total=total, page=page, size=size)


@router.get("/categories")
def categories(_at: Read) -> list[shapes.Coded]:
    """重点类别."""
    return views.coded(focus.CATEGORIES)


@router.get("/reveals")
def list_reveals(
    at: Read, page: Annotated[int, Query(ge=1, le=10_000)] = 1, size: Annotated[int, Query(ge=1, le=100)] = 20
) -> schemas.Page[shapes.RevealRow]:
    """Who looked at sensitive fields of a household or a case, why or for which step: for who watches over the area."""
    at.require("watch")
    found, total = reveals.record(at.tx, at.actor, places(at, None), (page - 1) * size, size)
    names = areas.names(at.tx, {row.area for row in found})
    items = [
        shapes.RevealRow(
            at=row.at, until=row.until, who=row.who, reason=row.reason, household=row.household, case_id=row.case_id, number=row.number,
            head=mask_title(row.title), place=names.get(row.area, row.area),
        )
        for row in found
    ]  # fmt: skip
    return schemas.Page(items=items, total=total, page=page, size=size)


@router.get("/template.xlsx")
def template(_at: Read) -> Response:
    """The workbook to fill in, with one invented household as an example."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, bold, text = (
            book.add_worksheet("户册"),
            book.add_format({"bold": True}),
            book.add_format({"num_format": "@"}),
        )
        sheet.set_column(0, len(import_checks.COLUMNS) - 1, 14, text)
        sheet.write_row(0, 0, list(import_checks.COLUMNS.values()), bold)
        sheet.write_row(1, 0, [import_checks.EXAMPLE.get(key, "") for key in import_checks.COLUMNS], text)
        sheet.freeze_panes(1, 0)
        help_ = book.add_worksheet("填写说明")
        help_.set_column(0, 0, 100)
        lines = [
            "每人一行；同一户的村（居）和户编号（没有编号的，户主姓名）相同。",
            "村（居）填名称、镇名加村名或 12 位代码。",
            f"重点类别（多个用顿号分开）：{'、'.join(focus.CATEGORIES.values())}；列入的须写名单来源。",
            f"在享救助：{'、'.join(dict.fromkeys(import_checks.PROGRAMMES))}。",
            "再次导入同一名单时，已有的户按户编号、证件号码或户主姓名更新，未出现的人和户不变。",
        ]
        help_.write_column(0, 0, lines)
    headers = {
        "Content-Disposition": "attachment; filename*=UTF-8''%E6%88%B7%E5%86%8C%E6%A8%A1%E6%9D%BF.xlsx"
    }
    return Response(out.getvalue(), media_type=KIND, headers=headers)


# ------------------------------------------------------------------------------------------ import
@router.post("/imports")
def upload(at: Write, file: UploadFile) -> shapes.ImportPreview:
    """Read a workbook and say what is wrong with it; nothing is entered yet."""
    content = file.file.read(imports.MOST_BYTES + 1)
    import_id = imports.preview(at.tx, at.actor, file.filename or "户册.xlsx", content, at.now)
    return at.done(_preview(at, import_id))


def _preview(at: Reader, import_id: str) -> shapes.ImportPreview:
    row = imports.get(at.tx, at.actor, import_id)
    if row.confirmed_at is not None:
        raise Conflict("这次导入已经确认。", "The import is confirmed.", code="confirmed")
    counts = (row.seen or {}).get("counts", {})
    levels = [f["level"] for f in row.findings]
    asked = [f for f in row.findings if f["level"] == import_checks.CHOICE]
    said = [f for f in row.findings if f["level"] != import_checks.CHOICE][:SHOWN]
    return shapes.ImportPreview(
        id=row.id, name=row.name, **{key: counts.get(key, 0) for key in ("rows", "households", "new", "known", "restored", "skipped")},
        errors=levels.count(import_checks.ERROR), warnings=levels.count(import_checks.WARNING), undecided=sum(f["chosen"] is None for f in asked),
        findings=[shapes.ImportFinding(**f) for f in [*asked, *said]],
    )  # fmt: skip


@router.get("/imports/{import_id}")
def show_import(at: Read, import_id: str) -> shapes.ImportPreview:
    return _preview(at, import_id)


@router.post("/imports/{import_id}/choices")
def decide(at: Write, import_id: str, body: shapes.ImportChoices) -> shapes.ImportPreview:
    """Say which ended household stands again and who has come back; the workbook is looked at again beside the register of now."""
    imports.decide(at.tx, at.actor, import_id, body.choices, at.now)
    return at.done(_preview(at, import_id))


@router.post("/imports/{import_id}/confirm")
def confirm(at: Write, import_id: str) -> shapes.ImportDone:
    """Enter the workbook as previewed, all of it or nothing."""
    counts = imports.confirm(at.tx, at.actor, import_id, at.now)
    parts = [f"新增 {counts['new']} 户", f"更新 {counts['changed']} 户"]
    parts += [
        f"{word} {n} 户"
        for key, word in (("restored", "恢复"), ("skipped", "不导入"))
        if (n := counts.get(key))
    ]
    return at.done(
        shapes.ImportDone(message=f"已导入：{'，'.join(parts)}，{counts['same']} 户没有变化。", **counts)
    )


# ------------------------------------------------------------------------------------------ one household
@router.get("/{household}")
def show_household(at: Read, household: str) -> shapes.HomeDetail:
    """一户一档."""
    return views.detail(at.tx, at.actor, household, at.now, at.listed)


@router.post("/{household}/reveal")
def reveal(at: Write, household: str, body: shapes.RevealWrite) -> shapes.RevealDone:
    """查阅敏感信息, with a reason; on record."""
    row = households.seen(at.tx, at.actor, household)
    at.require("work")
    reading.of_household(at.tx, at.actor, row.id, row.area)
    until = reveals.reveal(at.tx, at.actor, body.reason, at.now, household=row.id)
    return at.done(
        shapes.RevealDone(message=f"可查阅至 {until.astimezone(ZONE):%H:%M}，已记入查阅记录。", until=until)
    )


@router.post("/{household}/lists")
def mark(at: Write, household: str, body: shapes.ListWrite) -> schemas.Done:
    """列入重点类别."""
    household_checks.must_be_day("since", body.since, at.now.astimezone(ZONE).date())
    listed = households.Listed(body.category, body.source.strip(), body.since)
    household_changes.mark(at.tx, at.actor, household, listed, at.now)
    return at.done(schemas.Done(message="已列入。"))


@router.post("/{household}/lists/end")
def strike(at: Write, household: str, body: shapes.StrikeWrite) -> schemas.Done:
    """移出重点类别; the entry stays with its end."""
    household_changes.strike(at.tx, at.actor, household, body.category, body.on, at.now)
    return at.done(schemas.Done(message="已移出，记录保留。"))


@router.post("/{household}/end")
def end(at: Write, household: str, body: shapes.EndWrite) -> schemas.Done:
    """迁出、注销."""
    household_checks.must_be_day("on", body.on, at.now.astimezone(ZONE).date())
    households.end(at.tx, at.actor, household, body.on, body.why, at.now)
    return at.done(schemas.Done(message="已登记，记录保留。"))
