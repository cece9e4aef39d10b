"""月报: a month per town, each figure with its cases; the district's total and who has not reported yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from api import periods
from api import schemas as common
from api.deps import Read, Reader
from api.schemas import books as schemas
from api.schemas.homes import VisitRow
from api.views import cases as case_views
from api.views import due, homes
from casework import (
    areas,
    printing,
    report_facts,
    report_points,
    report_sheets,
    report_visits,
    reports,
    sight,
    staff,
    workbooks,
)
from casework.words import Words
from engine import clocks
from engine.calendar import ZONE, instant
from engine.deadline import add_months
from engine.errors import Field, Forbidden, Invalid, NotFound
from engine.routing import sees
from engine.tables import cases
from engine.worklist import in_sight

router = APIRouter(prefix="/api/reports", tags=["reports"])
STATES = {
    "draft": "草稿",
    "prepared": "待审签",
    "submitted": "已上报",
    "returned": "已退回",
    "received": "已锁定",
}
PROCESS = "monthly_report"
VisitColumn = Literal["visits", "not_met"]
PointColumn = Literal["hotline_calls", "points_checked", "points_faulty", "points_mended"]


def _month(at: Reader, month: str | None) -> date:
    """First day of `2026-09`; default: last month."""
    if month is None:
        return add_months(at.now.astimezone(ZONE).date().replace(day=1), -1)
    return periods.month(month)


def _own(at: Reader, town: str) -> str:
    """The town, if the reader's posts reach it. Raises Forbidden."""
    if not sees(at.actor, town):
        raise Forbidden("这个镇（街）不在您的职责范围内。", "The town is outside your posts.")
    return town


def _reported(at: Reader, town: str, month: str | None) -> date:
    """The first day of a month a town reports: one that has begun. Raises Forbidden, Invalid."""
    own, first = _own(at, town), _month(at, month)
    if own.count("/") != 1:
        said = "月报以镇（街）为单位，请选择镇（街）"
        raise Invalid(f"{said}。", "Towns report.", fields=[Field("area", said)])
    if first > at.now.astimezone(ZONE).date():
        said = "这个月还没有开始"
        raise Invalid(f"{said}，没有可汇总的数字。", "Not begun.", fields=[Field("month", said)])
    return first


def _window(at: Reader, town: str, month: str) -> report_facts.Window:
    """The month of a draft: what is known now."""
    return report_facts.Window.of(at.tx, town, _reported(at, town, month), at.now)


def _columns(known: dict[str, str] | Any) -> list[schemas.Column]:
    return [schemas.Column(key=key, label=label) for key, label in known.items()]


def _bare(figures: dict[str, Any]) -> dict[str, Any]:
    """Figures without their lists of cases, which are asked for one by one."""
    return {
        place: {column: {k: v for k, v in cell.items() if k != "cases"} for column, cell in row.items()}
        for place, row in figures.items()
    }


@router.get("")
def months(at: Read, month: str | None = None) -> schemas.Reports:
    """Every town in sight where the month's report is owed or made: figures of its newest version, and the sum."""
    first = _month(at, month)
    towns = [(p, n) for p, n in areas.of_tier(at.tx, "town", at.now) if sees(at.actor, p)]
    known = {row.area: row for row in _submitted(at, first)}
    open_cases = _open(at, first)
    found = []
    for path, name in towns:
        row, case = known.get(path), open_cases.get(path)
        if row is None and case is None:
            continue
        found.append(_town(at, path, name, row, case))
    sent = [known[t.area].figures for t in found if t.state in ("submitted", "received")]
    return schemas.Reports(
        month=first,
        columns=_columns(reports.COLUMNS),
        towns=found,
        total=reports.added(sent),
        missing=sum(t.state in ("missing", "returned") for t in found),
    )


def _submitted(at: Reader, first: date) -> list[Any]:
    roots = {held.area for held in at.actor.appointments}
    return [row for root in roots for row in reports.of_district(at.tx, root, first)]


def _open(at: Reader, first: date) -> dict[str, Any]:
    """Town → the case in which its report of the month is made (started by the clock in the month after)."""
    c = cases.c
    begins, ends = (instant(add_months(first, n)) for n in (1, 2))
    query = select(c.id, c.area, c.variables).where(
        c.process == PROCESS, in_sight(at.actor, c.area), c.opened_at >= begins, c.opened_at < ends
    )
    return {row.area: row for row in at.tx.run(query)}


def _town(at: Reader, path: str, name: str, row: Any, case: Any) -> schemas.ReportTown:
    case_id = row.case_id if row is not None else case.id
    if row is None:
        limits = [c for c in clocks.of_case(at.tx, case_id) if c.kind == "max"]
        first = min(limits, key=clocks.urgency, default=None)
        receipt = due.receipt(at.tx.world, first, at.now, binding=True) if first is not None else None
        return schemas.ReportTown(area=path, name=name, state="missing", case_id=case_id, receipt=receipt)
    return schemas.ReportTown(
        area=path,
        name=name,
        state=row.state,
        number=row.number,
        version=row.version,
        cutoff=row.cutoff,
        nil=reports.nil(row.figures),
        case_id=case_id,
        figures=_bare(row.figures)["total"],
    )


# ------------------------------------------------------------------------------------------ one report
def _report(at: Reader, number: str) -> Any:
    row = reports.get(at.tx, number)
    if row is None or not sees(at.actor, row.area):
        raise NotFound("没有这份月报，或您无权查看。", "No such report.")
    return row


def _words(at: Reader) -> Words:
    return Words.of_codes(homes.codes(at.tx, at.now))


@router.get("/draft")
def draft(at: Read, area: str, month: str | None = None) -> schemas.Report:
    """The month counted now, for a town: nothing is kept."""
    first = _reported(at, area, month)
    figures = reports.compute(at.tx, area, first, at.now)
    changed = reports.adjustments(at.tx, area, first, at.now)
    snap = reports.snapshot(at.tx, area, first, at.now)
    before = reports.latest(at.tx, area, add_months(first, -1))
    case = _open(at, first).get(area)
    return schemas.Report(
        number=None,
        version=len(reports.versions(at.tx, area, first)) + 1,
        state="draft",
        cutoff=at.now,
        digest=None,
        prepared_by=None,
        reviewed_by=None,
        note=None,
        case_id=case.id if case else None,
        adjustments=changed,
        versions=_versions(at, area, first),
        **_common(at, area, first, at.now, figures, snap, changed, before, case.id if case else None),
    )


@router.get("/{number}.xlsx")
def workbook(at: Read, number: str) -> Response:
    """The report as a workbook in the official order of columns. It names nobody but who made it."""
    whole = _whole(at, _report(at, number))
    return _file(report_sheets.workbook(whole), f"月报 {number}.xlsx", workbooks.KIND, inline=False)


@router.get("/{number}.pdf")
def pdf(at: Read, number: str) -> Response:
    """The report to print and sign."""
    whole = _whole(at, _report(at, number))
    return _file(report_sheets.pdf(whole), f"月报 {number}.pdf", "application/pdf", inline=True)


def _file(content: bytes, name: str, kind: str, *, inline: bool) -> Response:
    how = "inline" if inline else "attachment"
    headers = {
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=kind, headers=headers)


@router.get("/{number}")
def report(at: Read, number: str) -> schemas.Report:
    """One version of one month as it was frozen."""
    row = _report(at, number)
    names = staff.names(at.tx, [row.prepared_by, row.reviewed_by])
    before = reports.latest(at.tx, row.area, add_months(row.month, -1))
    return schemas.Report(
        number=row.number,
        version=row.version,
        state=row.state,
        cutoff=row.cutoff,
        submitted_at=row.submitted_at,
        digest=row.digest,
        prepared_by=names.get(row.prepared_by or ""),
        reviewed_by=names.get(row.reviewed_by or ""),
        note=(row.snapshot or {}).get("note"),
        case_id=row.case_id,
        adjustments=row.adjustments,
        versions=_versions(at, row.area, row.month),
        **_common(
            at,
            row.area,
            row.month,
            row.cutoff,
            row.figures,
            row.snapshot or {},
            row.adjustments,
            before,
            row.case_id,
        ),
    )


def _common(
    at: Reader,
    area: str,
    month: date,
    cutoff: datetime,
    figures: Any,
    snap: Any,
    changed: Any,
    before: Any,
    case_id: str | None,
) -> dict[str, Any]:
    marks = {m for row in figures.values() for cell in row.values() for m in cell.get("by") or {}}
    known = clocks.of_case(at.tx, case_id) if case_id else []
    return {
        "area": area,
        "name": areas.names(at.tx, [area])[area],
        "month": month,
        "nil": reports.nil(figures),
        "columns": _columns(reports.columns(snap)),
        "point_columns": list(report_points.COLUMNS),
        "visit_columns": list(report_visits.COLUMNS),
        "persons": sorted(reports.PERSONS),
        "yuan": sorted(reports.YUAN),
        "villages": _columns(dict(reports.rows(at.tx, area, month, cutoff, figures, snap.get("rows", {})))),
        "figures": _bare(figures),
        "snapshot": {k: v for k, v in snap.items() if k in ("rows", "reserve")},
        "header": [
            schemas.HeadColumn(key=one.key, label=one.label, kept=one.kept) for one in reports.header(snap)
        ],
        "checks": [
            schemas.ReportCheck(name=c.name, ok=c.ok, detail=c.detail)
            for c in reports.checks(figures, snap, before, changed)
        ],
        "words": {
            "marks": report_sheets.mark_words(sorted(marks), _words(at)),
            "places": reports.place_names(at.tx, area, {line["area"] for line in changed}),
        },
        "receipts": [due.receipt(at.tx.world, c, at.now, binding=True) for c in _limit(known)],
    }


def _limit(known: Sequence[clocks.Clock]) -> list[clocks.Clock]:
    """The month's own limit as it binds: while a step of it is open that step's, else the last one's."""
    mine = [c for c in known if c.term == "report.monthly"]
    return ([c for c in mine if c.live] or mine)[-1:]


def _versions(at: Reader, area: str, month: date) -> list[schemas.ReportVersion]:
    made: list[schemas.ReportVersion] = []
    earlier: Any = None
    for row in reports.versions(at.tx, area, month):
        changed: list[dict[str, Any]] = (
            reports.differences(earlier.figures, row.figures) if earlier is not None else []
        )
        made.append(
            schemas.ReportVersion(
                number=row.number,
                version=row.version,
                state=row.state,
                cutoff=row.cutoff,
                digest=row.digest,
                changed=changed,
            )
        )
        earlier = row
    return made


@router.get("/draft/cases")
def behind_draft(
    at: Read,
    town: str,
    month: str,
    column: str,
    area: str = "total",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> common.Page[common.CaseRow]:
    """The cases behind a figure of the draft."""
    figures = reports.compute(at.tx, town, _reported(at, town, month), at.now)
    return _cases(at, figures.get(area, {}).get(column, {}).get("cases", []), page, size)


@router.get("/{number}/cases")
def behind(
    at: Read,
    number: str,
    column: str,
    area: str = "total",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> common.Page[common.CaseRow]:
    """The cases behind a figure."""
    row = _report(at, number)
    ids = row.figures.get(area, {}).get(column, {}).get("cases", [])
    return _cases(at, ids, page, size)


def _cases(at: Reader, ids: list[str], page: int, size: int) -> common.Page[common.CaseRow]:
    """A case that has gone to another area since is counted and no longer shown."""
    chosen = ids[(page - 1) * size : page * size]
    c = cases.c
    found = {row.id: row for row in at.tx.run(select(cases).where(c.id.in_(chosen), sight.listed(at.actor)))}
    rows = [found[one] for one in chosen if one in found]
    return common.Page(items=case_views.rows(at.tx, rows, at.now), total=len(ids), page=page, size=size)


@router.get("/draft/points")
def points_behind_draft(
    at: Read,
    town: str,
    month: str,
    column: PointColumn,
    area: str = "total",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> common.Page[schemas.PointLooked]:
    """The calls, checks and repairs of service points behind a figure of the draft."""
    return _points(at, _window(at, town, month), column, area, page, size)


@router.get("/{number}/points")
def points_behind(
    at: Read,
    number: str,
    column: PointColumn,
    area: str = "total",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> common.Page[schemas.PointLooked]:
    """The calls, checks and repairs of service points behind a figure, as they were known when it was frozen."""
    row = _report(at, number)
    if column not in reports.columns(row.snapshot):
        raise NotFound("这份月报没有这一项。", "The report has no such column.")
    return _points(
        at, report_facts.Window.of(at.tx, row.area, row.month, row.cutoff), column, area, page, size
    )


def _points(
    at: Reader, w: report_facts.Window, column: str, area: str, page: int, size: int
) -> common.Page[schemas.PointLooked]:
    found = report_points.listed(at.tx, w, column, area)
    shown = found[(page - 1) * size : page * size]
    places = areas.names(at.tx, {one.area for one in shown})
    people = staff.names(at.tx, {one.person for one in shown})
    rows = [
        schemas.PointLooked(
            point=one.point, place=places[one.area], kind_name=one.kind_name, name=one.name, ok=one.ok, finding=one.finding,
            person=people.get(one.person, ""), at=one.at, case_id=one.case_id,
        )
        for one in shown
    ]  # fmt: skip
    return common.Page(items=rows, total=len(found), page=page, size=size)


@router.get("/draft/visits")
def visits_behind_draft(
    at: Read,
    town: str,
    month: str,
    column: VisitColumn,
    area: str = "total",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> common.Page[VisitRow]:
    """The visits behind a figure of the draft."""
    return _visits(at, _window(at, town, month), column, area, page, size)


@router.get("/{number}/visits")
def visits_behind(
    at: Read,
    number: str,
    column: VisitColumn,
    area: str = "total",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> common.Page[VisitRow]:
    """The visits behind a figure, as they were known when it was frozen."""
    row = _report(at, number)
    w = report_facts.Window.of(at.tx, row.area, row.month, row.cutoff)
    return _visits(at, w, column, area, page, size)


def _visits(
    at: Reader, w: report_facts.Window, column: str, area: str, page: int, size: int
) -> common.Page[VisitRow]:
    found = report_visits.listed(at.tx, w, column, area)
    shown = found[(page - 1) * size : page * size]
    rows = homes.visit_rows(at.tx, at.actor, shown, homes.codes(at.tx, at.now))
    return common.Page(items=rows, total=len(found), page=page, size=size)


def _whole(at: Reader, row: Any) -> report_sheets.Whole:
    names = staff.names(at.tx, [row.prepared_by, row.reviewed_by])
    before = reports.latest(at.tx, row.area, add_months(row.month, -1))
    return report_sheets.Whole(
        number=row.number,
        unit=areas.names(at.tx, [row.area])[row.area],
        month=row.month,
        version=row.version,
        state=STATES.get(row.state, row.state),
        cutoff=row.cutoff,
        submitted_at=row.submitted_at,
        digest=row.digest,
        prepared_by=names.get(row.prepared_by or "", ""),
        reviewed_by=names.get(row.reviewed_by or "", ""),
        figures=row.figures,
        snapshot=row.snapshot or {},
        adjustments=row.adjustments,
        rows=reports.rows(
            at.tx, row.area, row.month, row.cutoff, row.figures, (row.snapshot or {}).get("rows", {})
        ),
        places=reports.place_names(at.tx, row.area, {line["area"] for line in row.adjustments}),
        checks=reports.checks(row.figures, row.snapshot, before, row.adjustments),
        words=_words(at),
        receipts=printing.receipts(at.tx, [row.case_id], lambda clock: clock.term == "report.monthly"),
    )
