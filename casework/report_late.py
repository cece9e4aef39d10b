"""What was entered late: the earlier months a town's books have changed in since its last report, so that only those are counted again.

A frozen month is counted from rows that are only added to, each with the moment it was entered. A row entered since then belongs to the month of
its event; a lead, a date put right or a household's move changes balances, so every later month with it; another way of counting has all of them
counted again. A case that was handed over and a village that became part of another change no month that is over (`casework.standing`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from casework import areas, report_follow_ups, report_steps, report_visits
from casework.standing import once_here
from casework.tables import (
    decisions,
    leads,
    ledger,
    notices,
    objections,
    payouts,
    places,
    point_checks,
    publicity,
    recognition_changes,
)
from engine.calendar import ZONE, instant, midnight
from engine.db import Tx, fixed
from engine.deadline import add_months
from engine.tables import cases, clocks, history

OVERLAP = timedelta(hours=1)
"""Longer than any transaction: what was being entered while a report was frozen is looked at again."""
COUNTING = (
    "reports", "report_facts", "report_follow_ups", "report_points", "report_steps", "report_visits", "standing", "corrections", "decisions",
)  # fmt: skip
"""Modules that say how figures are counted."""


@cache
def rules() -> str:
    """A mark of the rules a report was counted by: other program text, other mark, and the months are counted anew."""
    seen = hashlib.sha256()
    for module in COUNTING:
        seen.update(Path(__file__).with_name(f"{module}.py").read_bytes())
    return seen.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Since:
    """What a town entered later than a moment, for events from `begin` up to (without) `end`."""

    town: str
    moment: datetime
    begin: datetime
    end: datetime
    old: Collection[str]

    def here(self, column: Any) -> ColumnElement[bool]:
        """Rows that keep their area: those of the town, and of villages that have come to it."""
        below = column.startswith(self.town + "/", autoescape=True)
        return or_(column == self.town, below, column.in_(self.old))

    def place(self, column: Any, case_id: Any) -> ColumnElement[bool]:
        """Rows whose area changes with their case: also of cases that have been here."""
        return or_(self.here(column), case_id.in_(once_here(self.town)))

    def happened(self, column: Any) -> ColumnElement[bool]:
        return and_(column >= self.begin, column < self.end)

    def on(self, column: Any) -> ColumnElement[bool]:
        return and_(column >= self.begin.date(), column < self.end.date())


def months(tx: Tx, town: str, frozen: Collection[date], entered_since: datetime) -> set[date]:
    """Those of the frozen months whose figures may have changed: none may have that is not named."""
    if not frozen:
        return set()
    begin, end = midnight(min(frozen)), midnight(add_months(max(frozen), 1))
    old = areas.formerly(town, areas.heirs(tx))
    w = Since(town, entered_since - OVERLAP, begin, end, old)
    found = {_month(day) for source in SINGLE for day in source(tx, w)}
    first = min((_month(day) for source in LASTING for day in source(tx, w)), default=None)
    return {month for month in frozen if month in found or (first is not None and month >= first)}


def _month(day: date) -> date:
    on = day.astimezone(ZONE).date() if isinstance(day, datetime) else day
    return on.replace(day=1)


# ------------------------------------------------------------------------------------------ events of one month
def _lines(tx: Tx, w: Since) -> Iterator[date]:
    b, c = ledger.c, point_checks.c
    for row in (b, c):
        yield from tx.run(
            select(row.at).where(w.here(row.area), row.at > w.moment, w.happened(row.at))
        ).scalars()


def _decided(tx: Tx, w: Since) -> Iterator[date]:
    d, x = decisions.c, recognition_changes.c
    known = select(d.decided_on).where(w.here(d.area), d.entered_at > w.moment, w.on(d.decided_on))
    yield from tx.run(known).scalars()
    changed = select(x.decided_on).join(cases, cases.c.id == x.case_id)
    yield from tx.run(
        changed.where(w.place(cases.c.area, cases.c.id), x.entered_at > w.moment, w.on(x.decided_on))
    ).scalars()


def _paid(tx: Tx, w: Since) -> Iterator[date]:
    p = payouts.c
    late = or_(p.made_at > w.moment, p.confirmed_at > w.moment, p.returned_at > w.moment)
    yield from tx.run(select(p.paid_at).where(w.here(p.area), late, w.happened(p.paid_at))).scalars()


def _objected(tx: Tx, w: Since) -> Iterator[date]:
    n, o, c = notices.c, objections.c, cases.c
    query = (
        select(o.received_at).join(notices, n.number == o.notice_no).join(cases, c.id == o.case_id)
    )  # fmt: skip
    yield from tx.run(
        query.where(w.here(n.area), c.opened_at > w.moment, w.happened(o.received_at))
    ).scalars()


def _publicity(tx: Tx, w: Since) -> Iterator[date]:
    p = publicity.c
    yield from tx.run(select(p.held_on).where(w.here(p.area), p.at > w.moment, w.on(p.held_on))).scalars()


def _visits(tx: Tx, w: Since) -> Iterator[date]:
    return report_visits.entered(tx, w.town, w.moment, w.begin, w.end)


def _steps(tx: Tx, w: Since) -> Iterator[date]:
    return report_steps.entered(tx, w.town, w.moment, w.begin, w.end)


def _visits_due(tx: Tx, w: Since) -> Iterator[date]:
    """A visit made, or given up, before it was due takes its due day away from the month that was told."""
    c, k = cases.c, clocks.c
    query = select(k.due).join(cases, c.id == k.case_id)
    changed = or_(k.entered_at > w.moment, k.stopped_at > w.moment)
    yield from tx.run(
        query.where(w.place(c.area, c.id), k.term.in_(list(report_follow_ups.VISITS)), changed, w.on(k.due))
    ).scalars()


def _fallen(tx: Tx, w: Since) -> Iterator[date]:
    """Who declines before the money comes takes the approval out of its month."""
    h, c = history.c, cases.c
    ended = select(h.case_id).where(
        h.kind == fixed("message.received"),
        h.payload["message"].as_string().in_(list(report_steps.OVER)),
        h.entered_at > w.moment,
    )
    query = select(h.at).join(cases, c.id == h.case_id)
    yield from tx.run(
        query.where(
            w.place(c.area, c.id), h.case_id.in_(ended), h.kind == fixed("task.completed"),
            h.payload["element"].as_string() == "approve_quick", w.happened(h.at),
        )
    ).scalars()  # fmt: skip


# ------------------------------------------------------------------------------------------ what changes the months after, too
def _leads(tx: Tx, w: Since) -> Iterator[date]:
    """One found before the months that were told is carried into each of them."""
    k, c = leads.c, cases.c
    query = select(k.discovered_at).join(cases, c.id == k.case_id)
    yield from tx.run(
        query.where(w.place(k.area, k.case_id), c.opened_at > w.moment, k.discovered_at < w.end)
    ).scalars()


def _put_right(tx: Tx, w: Since) -> Iterator[date]:
    h = history.c
    query = select(h.payload).join(cases, cases.c.id == h.case_id)
    where = (w.place(cases.c.area, cases.c.id), h.kind == fixed("clock.corrected"), h.entered_at > w.moment)
    for payload in tx.run(query.where(*where)).scalars():
        if payload:
            yield from (instant(payload[key]) for key in ("old", "new"))


def _moved(tx: Tx, w: Since) -> Iterator[date]:
    p = places.c
    here = or_(w.here(p.area), w.here(p.next_area))
    moved = (p.kind == "household", p.why == "handed_over", p.entered_at > w.moment)
    query = select(p.until).where(here, *moved)
    yield from tx.run(query).scalars()


Source = Callable[[Tx, Since], Iterator[date]]
SINGLE: tuple[Source, ...] = (
    _lines, _decided, _paid, _objected, _publicity, _visits, _steps, _visits_due, _fallen,
)  # fmt: skip
LASTING: tuple[Source, ...] = (_leads, _put_right, _moved)
