"""Visits in the monthly report: households met and not met, with the list behind each figure (policy.md D.12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from casework import areas
from casework.report_facts import Fact, Window
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
    v, h = visits.c, households.c
    here = _here(tx, w.town)
    query = select(visits, h.area.label("home")).select_from(
        visits.outerjoin(households, h.id == v.household)
    )
    for row in tx.run(query.where(here, w.during(v.at), w.known(v.entered_at)).order_by(v.at, v.id)):
        area = w.stood.place(row.area, row.household, row.home)
        if within(area, w.town):
            yield area, row


def _here(tx: Tx, town: str) -> ColumnElement[bool]:
    """Visits that may count in a town: made there, or to a household that is or was there."""
    v, h, p = visits.c, households.c, places.c

    def within_(column: Any) -> ColumnElement[bool]:
        return or_(column == town, column.startswith(town + "/", autoescape=True))

    moved = select(p.subject).where(p.kind == "household", within_(p.area))
    old = areas.formerly(town, areas.heirs(tx))
    return or_(within_(h.area), within_(v.area), v.area.in_(old), v.household.in_(moved))


def entered(tx: Tx, town: str, moment: datetime, begin: datetime, end: datetime) -> Iterator[datetime]:
    """When the visits were made, in [begin, end), that reached the register later than `moment`."""
    v = visits.c
    query = select(v.at).select_from(visits.outerjoin(households, households.c.id == v.household))
    late = (v.entered_at > moment, v.at >= begin, v.at < end)
    yield from tx.run(query.where(_here(tx, town), *late)).scalars()
