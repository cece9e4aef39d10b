"""Service points in the monthly report: test calls, checks, faults, repairs with the list behind each, and the vacancies (policy.md D.12).

A check keeps the place its point stood in and is never dated back, so a frozen month counted or listed again is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from casework.points import KINDS, P
from casework.report_facts import Fact, Window
from casework.tables import point_checks, service_points
from engine.db import Tx

C = point_checks.c
COLUMNS: Mapping[str, str] = {
    "hotline_calls": "服务电话试拨",
    "points_checked": "服务点核验",
    "points_faulty": "服务点有问题",
    "points_mended": "服务点整改",
}
WHICH: Mapping[str, tuple[ColumnElement[bool], ...]] = {
    "hotline_calls": (C.kind == "call",),
    "points_checked": (C.kind == "check",),
    "points_faulty": (C.kind == "check", C.ok.is_(False)),
    "points_mended": (C.kind == "fix", C.ok.is_(True)),
}
VACANCIES: Mapping[str, str] = {
    "no_window": "窗口空缺",
    "no_policy_board": "公示牌空缺",
    "no_hotline": "服务电话空缺",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """One check, call or repair behind a figure."""

    point: str
    area: str
    kind_name: str
    name: str
    ok: bool
    finding: str | None
    person: str
    at: datetime
    case_id: str | None


def facts(tx: Tx, w: Window) -> Iterator[Fact]:
    """Every figure of the month; calls broken down by whether somebody answered, the rest by the kind of point."""
    for column in COLUMNS:
        for area, row in _rows(tx, w, column):
            mark = (
                f"call:{'answered' if row.ok else 'silent'}"
                if column == "hotline_calls"
                else f"point:{row.kind}"
            )
            yield Fact(column, area, row.case_id, by=(mark,))


def listed(tx: Tx, w: Window, column: str, area: str) -> list[Looked]:
    """What a figure of a place (or of the whole town: `total`) was counted from, the newest first."""
    rows = [row for place, row in _rows(tx, w, column) if area in ("total", place)]
    return [
        Looked(
            row.point,
            row.area,
            KINDS[row.kind],
            row.name,
            row.ok,
            row.finding,
            row.person,
            row.at,
            row.case_id,
        )
        for row in reversed(rows)
    ]


def _rows(tx: Tx, w: Window, column: str) -> list[tuple[str, Any]]:
    query = (
        select(C.point, C.area, C.ok, C.finding, C.person, C.at, C.case_id, P.kind, P.name)
        .join(service_points, P.id == C.point)
        .where(w.here(C.area), w.during(C.at), C.at <= w.cutoff, *WHICH[column])
    )
    return [(area, row) for row in tx.run(query.order_by(C.at, C.id)) if (area := w.stands(row.area))]


def vacancies(tx: Tx, w: Window, places: Iterable[str]) -> dict[str, dict[str, int]]:
    """Place → 1 for each kind of point it has none of, else 0."""
    held = {
        (row.area, row.kind)
        for row in tx.run(select(P.area, P.kind).where(w.within(P.area), P.state != "closed"))
    }
    return {place: {f"no_{kind}": int((place, kind) not in held) for kind in KINDS} for place in places}
