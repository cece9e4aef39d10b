"""Visits in the monthly report: households met and not met, with the list behind each figure (policy.md D.12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from casework import areas
from casework.report_facts import Fact, Window
from casework.standing import Standing
from casework.tables import households, places, visits
from casework.visits import NOBODY
from engine.db import Tx
from engine.routing import within

COLUMNS = ("visits", "not_met")


def facts(tx: Tx, w: Window) -> Iterator[Fact]:
    """Every visit of the month, by its kind and how it was made."""
    for area, row in _rows(tx, w):
        marks = (f"kind:{row.kind}", f"method:{row.method or 'on_site'}")
        yield Fact(_column(row), area, row.case_id, by=marks)


def listed(tx: Tx, w: Window, column: str, area: str) -> list[Any]:
    """The visits a figure of a place (or of the whole town: `total`) was counted from, the newest first."""
    found = [row for place, row in _rows(tx, w) if _column(row) == column and area in ("total", place)]
    return found[::-1]


def _column(row: Any) -> str:
    return "not_met" if row.met == NOBODY else "visits"


def _rows(tx: Tx, w: Window) -> Iterator[tuple[str, Any]]:
    """Each visit counts where its household was at the end of the month; without one, where it was made."""
    v, h, p = visits.c, households.c, places.c
    moved = select(p.subject).where(p.kind == "household", w.within(p.area))
    old = areas.formerly(w.town, areas.heirs(tx))
    here = or_(w.within(h.area), w.within(v.area), v.area.in_(old), v.household.in_(moved))
    query = select(visits, h.area.label("home")).select_from(
        visits.outerjoin(households, h.id == v.household)
    )
    stood = Standing.of(tx, w.town, (w.end - timedelta(days=1)).date(), w.cutoff)
    for row in tx.run(query.where(here, w.during(v.at), w.known(v.entered_at)).order_by(v.at, v.id)):
        area = stood.place(row.area, row.household, row.home)
        if within(area, w.town):
            yield area, row
