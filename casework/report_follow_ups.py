"""应回访 of the monthly report: each visit once, in the month its limit ends, or in the month of the visit where that was earlier (C-49).

So a month in which everybody was visited in time has as many visits due as done, and one that is owed is due in its own month.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from casework.report_facts import Fact, Window
from engine.calendar import ZONE, instant, midnight
from engine.db import Tx, fixed
from engine.tables import cases, clocks, history

VISITS = {"follow_up.first": "first_visit", "follow_up.second": "second_visit"}
"""The limit of a visit → the step that ends it."""
PUT_RIGHT = timedelta(days=366)
"""By how much a limit's start may have been put right since; what was due longer ago is not read."""


def facts(tx: Tx, w: Window) -> Iterator[Fact]:
    rows = _limits(tx, w)
    made = _made(tx, w, sorted({row.case_id for row in rows}))
    counted: set[tuple[str, str]] = set()
    for row in rows:
        key = (row.case_id, VISITS[row.term])
        due, done = _due(row, w.cutoff), made.get(key)
        if key in counted or (done is None and _given_up(row, due, w.cutoff)):
            continue
        counted.add(key)
        on = min(due, done or due)
        area = w.at(row.case_id, row.area, midnight(on))
        if area is not None and w.begin.date() <= on < w.end.date():
            yield Fact("follow_ups_due", area, row.case_id, by=(f"visit:{key[1]}",))


def _limits(tx: Tx, w: Window) -> list[Any]:
    """The limits of visits known by the cut-off, of each the newest first; a step gone back to has begun its limit once more."""
    c, k = cases.c, clocks.c
    since = w.begin.date() - PUT_RIGHT
    query = (
        select(
            k.case_id, k.term, k.due, k.state, k.stopped_at, k.corrections, k.entered_at, k.started_at, c.area
        )
        .join(cases, c.id == k.case_id)
        .where(w.place(c.area, c.id), k.term.in_(list(VISITS)), k.due >= since, k.entered_at <= w.cutoff)
    )
    return list(tx.run(query.order_by(c.number, k.term, k.entered_at.desc(), k.id)))


def _due(row: Any, cutoff: datetime) -> date:
    """The last lawful day as it stood at the cut-off: a start put right afterwards is taken back (the limit counts calendar days)."""
    later = [one for one in row.corrections if not one.get("end") and instant(one["at"]) > cutoff]
    if not later:
        return row.due  # type: ignore[no-any-return]
    moved = row.started_at.astimezone(ZONE).date() - instant(later[0]["from"]).astimezone(ZONE).date()
    return row.due - moved  # type: ignore[no-any-return]


def _given_up(row: Any, due: date, cutoff: datetime) -> bool:
    """The case was ended before the visit was due: nobody owed it."""
    if row.state != "cancelled" or row.stopped_at is None or row.stopped_at > cutoff:
        return False
    return bool(row.stopped_at.astimezone(ZONE).date() <= due)


def _made(tx: Tx, w: Window, ids: list[str]) -> dict[tuple[str, str], date]:
    """Case and step → the day of the visit, as told and put right by the cut-off."""
    h = history.c
    what = h.payload["element"].as_string()
    query = select(h.case_id, h.payload, h.at, what.label("what")).where(
        h.case_id.in_(ids),
        h.kind == fixed("task.completed"),
        what.in_(list(VISITS.values())),
        h.entered_at <= w.cutoff,
    )
    made: dict[tuple[str, str], date] = {}
    for row in tx.run(query.order_by(h.case_id, h.seq)):
        said = (row.payload.get("values") or {}).get("done_at")
        path = row.payload.get("path") or ""
        at = instant(w.put_right.right(row.case_id, "done_at", said, path)) if said else row.at
        made.setdefault((row.case_id, row.what), at.astimezone(ZONE).date())
    return made
