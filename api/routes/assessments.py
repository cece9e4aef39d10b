"""考核: sheets as frozen, the list behind every figure, appeals and what came of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from sqlalchemy import func, or_, select

from api.deps import Read, Reader
from api.schemas.assessments import (
    AssessmentPage,
    AssessmentRow,
    AssessmentSheet,
    FigureList,
    Indicator,
    ListItem,
    Merit,
)
from api.views.people import mask_name, mask_title
from casework import areas, assessments, staff
from casework import tables as t
from engine.errors import NotFound
from engine.routing import sees
from engine.worklist import in_sight

router = APIRouter(prefix="/api/assessments", tags=["assessments"])
A = t.assessments.c
GRADES = {"excellent": "优秀", "good": "良好", "pass": "合格", "fail": "不合格"}
Figure = Literal["coverage", "informants", "channels", "on_time", "spot_check", "follow_up", "discipline"]


def _common(row: Any, places: dict[str, str], people: dict[str, str]) -> dict[str, Any]:
    place = places.get(row.area, row.area)
    return {
        "number": row.number,
        "period": row.period,
        "unit": row.unit,
        "unit_name": assessments.UNITS[row.unit],
        "subject": people.get(row.person or "", place),
        "place": place,
        "begins": row.begins,
        "last": row.ends - timedelta(days=1),
        "score": float(row.score),
        "final_score": None if row.final_score is None else float(row.final_score),
        "grade": GRADES.get(row.grade or "", row.grade),
        "state": row.state,
        "case_id": row.case_id,
    }


@router.get("")
def list_assessments(
    at: Read,
    period: str | None = None,
    unit: Literal["town", "village", "cadre"] | None = None,
    area: str | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> AssessmentPage:
    """Assessments of the reader's areas and the reader's own, the newest period first, the best first."""
    sight = or_(in_sight(at.actor, A.area, area), A.person == at.actor.id)
    where = [sight]
    if period:
        where.append(A.period == period)
    if unit:
        where.append(A.unit == unit)
    total = at.tx.run(select(func.count()).select_from(t.assessments).where(*where)).scalar_one()
    best = func.coalesce(A.final_score, A.score)
    query = select(t.assessments).where(*where).order_by(A.ends.desc(), A.unit, best.desc(), A.number)
    rows = list(at.tx.run(query.offset((page - 1) * size).limit(size)))
    places = areas.names(at.tx, {row.area for row in rows})
    people = staff.names(at.tx, {row.person for row in rows if row.person})
    items = [AssessmentRow(**_common(row, places, people), appeals=len(row.appeals)) for row in rows]
    periods = list(at.tx.run(select(A.period).where(sight).distinct().order_by(A.period.desc())).scalars())
    return AssessmentPage(items=items, total=total, page=page, size=size, periods=periods)


def _seen(at: Reader, number: str) -> Any:
    row = assessments.get(at.tx, number)
    if not sees(at.actor, row.area) and row.person != at.actor.id:
        raise NotFound("没有这份考核表，或您无权查看。", "No such assessment.")
    return row


def _list(row: Any, figure: str) -> list[tuple[str, bool]]:
    keys = assessments.DISCIPLINE if figure == "discipline" else (figure,)
    return [(ref, good) for key in keys for ref, good in row.sheet["lists"].get(key, [])]


@router.get("/{number}")
def sheet(at: Read, number: str) -> AssessmentSheet:
    """A sheet as it was frozen, with appeals, grade, reward and penalty beside it."""
    row = _seen(at, number)
    m = t.merits.c
    given = list(at.tx.run(select(t.merits).where(m.case_id == row.case_id).order_by(m.at)))
    named = {
        row.person,
        *(one.decided_by for one in given),
        *(p for one in row.appeals for p in one.get("by", [])),
    }
    people = staff.names(at.tx, {who for who in named if who})
    common = _common(row, areas.names(at.tx, [row.area]), people)
    rows = [
        Indicator(**one, name=assessments.INDICATORS[one["indicator"]], count=len(_list(row, one["indicator"]))) for one in row.sheet["rows"]
    ]  # fmt: skip
    appeals = [{**one, "by": "、".join(people.get(p, p) for p in one.get("by", []))} for one in row.appeals]
    return AssessmentSheet(
        **common,
        rows=rows,
        digest=row.digest,
        intact=assessments.digest(row.sheet) == row.digest,
        computed_at=row.computed_at,
        appeals=appeals,
        merits=[
            Merit(
                kind=one.kind,
                text=one.text,
                basis=one.basis,
                evidence=one.evidence,
                by=people.get(one.decided_by or ""),
                at=one.at,
            )
            for one in given
        ],
    )


@router.get("/{number}/lists/{figure}")
def figure_list(
    at: Read,
    number: str,
    figure: Annotated[Figure, Path()],
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FigureList:
    """What a figure was counted from, what speaks against the unit first."""
    row = _seen(at, number)
    refs = sorted(_list(row, figure), key=lambda one: (one[1], one[0]))
    shown = assessments.shown(at.tx, refs[(page - 1) * size : page * size], at.actor)
    items = [ListItem(**{**one, "label": _masked(one)}) for one in shown]
    return FigureList(items=items, total=len(refs), page=page, size=size)


def _masked(item: dict[str, Any]) -> str:
    """Names of people in difficulty are masked as in every list; staff and places are named."""
    label = str(item["label"])
    if item["kind"] == "spot" and "（" in label:
        name, _, check = label.rpartition("（")
        return f"{mask_name(name)}（{check}"
    if item["kind"] not in ("case", "household") or " " not in label:
        return label
    first, _, rest = label.partition(" ")
    return f"{first} {mask_title(rest)}" if item["kind"] == "case" else f"{mask_name(first)} {rest}"
