"""What a monthly report counts: facts of a month as they were known at a cut-off.

Everything here is read from rows that are only ever added to – history, ledger lines, decisions, payouts with the moment they were
recorded – and an area that changed later is put back. So the same month and cut-off give the same facts for ever (policy.md D.12).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from casework import areas, corrections
from casework.areas import follow
from casework.corrections import Corrections
from casework.decisions import approved_again
from casework.standing import Standing, once_here
from casework.tables import (
    decisions,
    leads,
    ledger,
    notices,
    objections,
    payouts,
    publicity,
    recognition_changes,
)
from engine.calendar import ZONE, instant, midnight
from engine.db import Tx, fixed
from engine.deadline import add_months
from engine.routing import within
from engine.tables import cases, history


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened. `by`: what its figure is broken down by, e.g. `source:01`."""

    column: str
    area: str
    case_id: str | None
    yuan: Decimal | None = None
    persons: int | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """The month [begin, end), what was known at the cut-off, dates that were put right by then, and where cases and villages stood.

    What happened counts in the area it happened in, as the tree of areas is at the month's end (`casework.standing`).
    """

    town: str
    begin: datetime
    end: datetime
    cutoff: datetime
    stood: Standing
    old: Collection[str]
    put_right: Corrections

    @property
    def before(self) -> datetime:
        """The last instant before the month."""
        return self.begin - timedelta(microseconds=1)

    @property
    def last(self) -> datetime:
        """The month's last instant."""
        return self.end - timedelta(microseconds=1)

    @classmethod
    def of(cls, tx: Tx, town: str, month: date, cutoff: datetime) -> Window:
        first = month.replace(day=1)
        begin = datetime.combine(first, time(), ZONE)
        end = datetime.combine(add_months(first, 1), time(), ZONE)
        stood = Standing.of(tx, town, (end - timedelta(days=1)).date(), cutoff)
        old = areas.formerly(town, stood.heirs)
        return cls(town, begin, end, cutoff, stood, old, corrections.known(tx, until=cutoff))

    def within(self, column: Any) -> ColumnElement[bool]:
        return or_(column == self.town, column.startswith(self.town + "/", autoescape=True))

    def here(self, column: Any) -> ColumnElement[bool]:
        """Rows that keep their area: those of the town, and of villages that have come to it."""
        return or_(self.within(column), column.in_(self.old))

    def place(self, column: Any, case_id: Any) -> ColumnElement[bool]:
        """Rows whose area changes with their case: those here now, and those of cases that have been here or come from here."""
        return or_(self.here(column), case_id.in_(once_here(self.town)))

    def stands(self, area: str) -> str | None:
        """Where a row counts that keeps its area; None when that is outside the town."""
        return self._mine(follow(area, self.stood.heirs))

    def at(self, case_id: str, area: str, at: datetime) -> str | None:
        """Where something counts that a case did at a moment; None when that is outside the town. `area`: where it is now."""
        return self._mine(self.stood.of_case(case_id, area, at))

    def _mine(self, area: str) -> str | None:
        return area if within(area, self.town) else None

    def during(self, column: Any) -> ColumnElement[bool]:
        return and_(column >= self.begin, column < self.end)

    def known(self, column: Any) -> ColumnElement[bool]:
        return or_(column.is_(None), column <= self.cutoff)


def of_month(tx: Tx, w: Window) -> Iterator[Fact]:
    """Every fact of the month, in a fixed order."""
    sources = (
        _leads, _in_hand, _lines, _decided, _changed, _paid, _objections, _publicity,
    )  # fmt: skip
    for source in sources:
        yield from source(tx, w)


# ------------------------------------------------------------------------------------------ leads
def _discovered(w: Window) -> Any:
    return w.put_right.column(leads.c.case_id, leads.c.discovered_at, "discovered_at")


def _leads(tx: Tx, w: Window) -> Iterator[Fact]:
    k, c, discovered = leads.c, cases.c, _discovered(w)
    query = (
        select(k.area, k.case_id, k.cause, k.sources, discovered.label("found_at"))
        .join(cases, c.id == k.case_id)
        .where(w.place(k.area, k.case_id), w.during(discovered), c.opened_at <= w.cutoff)
    )
    for row in tx.run(query.order_by(k.number)):
        area = w.at(row.case_id, row.area, instant(row.found_at))
        if area is not None:
            source = str((row.sources[0] if row.sources else {}).get("source"))
            yield Fact("leads", area, row.case_id, by=(f"source:{source}", f"cause:{row.cause}"))


def _in_hand(tx: Tx, w: Window) -> Iterator[Fact]:
    """Leads not closed at the beginning and at the end of the month, and those that another town took over or handed over in it."""
    k, c, b = leads.c, cases.c, ledger.c
    discovered = _discovered(w)
    known = select(k.area, k.case_id, discovered.label("found_at")).join(cases, c.id == k.case_id)
    mine = (w.place(k.area, k.case_id), discovered < w.end, c.opened_at <= w.cutoff)
    rows = list(tx.run(known.where(*mine).order_by(k.number)))
    closed = select(b.case_id, b.at, b.area).where(
        b.book == "lead",
        b.at <= w.cutoff,
        b.at < w.end,
        or_(w.here(b.area), b.case_id.in_(once_here(w.town))),
    )
    ended = {row.case_id: row for row in tx.run(closed.order_by(b.at, b.id))}
    before = Standing.of(tx, w.town, w.before.date(), w.cutoff)
    for row in rows:
        found, end = instant(row.found_at), ended.get(row.case_id)
        if end is not None and end.at < w.begin:
            continue
        begun = _begun(w, before, row, found)
        over = w.stands(end.area) if end is not None else w.at(row.case_id, row.area, w.last)
        if found < w.begin and begun is not None:
            yield Fact("in_hand_begin", begun, row.case_id)
        if begun is not None and over is None:
            yield Fact("handed_out", begun, row.case_id)
        if begun is None and over is not None:
            yield Fact("handed_in", over, row.case_id)
        if end is None and over is not None:
            yield Fact("in_hand_end", over, row.case_id)


def _begun(w: Window, before: Standing, row: Any, found: datetime) -> str | None:
    """Where a lead was found or, found before, stood at the beginning of the month: a village that has changed towns in it was the old town's."""
    if found >= w.begin:
        return w.at(row.case_id, row.area, found)
    area, now = before.of_case(row.case_id, row.area, w.before), w.at(row.case_id, row.area, w.before)
    return (now or area) if within(area, w.town) else None


# ------------------------------------------------------------------------------------------ lines of the ledger
CONCLUSIONS = frozenset({"merged", "not_confirmed"})


def _lines(tx: Tx, w: Window) -> Iterator[Fact]:
    b = ledger.c
    books = ("lead", "urgent", "referral", "escalation")
    query = select(b.book, b.area, b.case_id, b.details).where(
        w.here(b.area), b.book.in_(books), w.during(b.at), b.at <= w.cutoff
    )
    for row in tx.run(query.order_by(b.at, b.id)):
        area = w.stands(row.area)
        if area is None:
            continue
        if row.book == "lead":
            conclusion = str(row.details.get("conclusion") or "")
            yield Fact("closed", area, row.case_id, by=(f"conclusion:{conclusion}",))
            if conclusion in CONCLUSIONS:
                yield Fact(conclusion, area, row.case_id)
        elif row.book == "urgent":
            yield Fact("urgent", area, row.case_id)
        elif row.book == "referral":
            yield Fact("referrals", area, row.case_id, by=(f"department:{row.details.get('to') or ''}",))
        else:
            steps = tuple(f"step:{name}" for name in row.details.get("steps") or [])
            yield Fact("overdue", area, row.case_id, by=steps)


# ------------------------------------------------------------------------------------------ first aid
def given_first(tx: Tx, w: Window, ids: Iterable[str]) -> dict[tuple[str, int | str], Decimal]:
    """How much of what was approved had been given as first aid before: by case and the step, or the decision, that approved it.

    First aid is a figure of its own; its papers, made up afterwards, approve the same money. Each sum is set off once.
    """
    h, d, wanted = history.c, decisions.c, sorted(set(ids))
    what = h.payload["element"].as_string()
    steps = select(h.case_id, h.seq, h.entered_at, h.payload, what.label("what")).where(
        h.case_id.in_(wanted),
        h.kind == fixed("task.completed"),
        what.in_(["give_first_aid", "approve_quick"]),
        h.entered_at <= w.cutoff,
    )
    decided = select(d.case_id, d.number, d.entered_at).where(
        d.case_id.in_(wanted),
        d.programme == "TEMP_EMERGENCY",
        d.result == "approved",
        d.entered_at <= w.cutoff,
    )
    acts: list[tuple[str, datetime, int | str, Decimal | None]] = [
        (r.case_id, r.entered_at, r.number, None) for r in tx.run(decided)
    ]
    for row in tx.run(steps):
        values = row.payload.get("values") or {}
        if row.what == "give_first_aid":
            acts.append((row.case_id, row.entered_at, row.seq, yuan(values.get("amount")) or Decimal(0)))
        elif values.get("quick_result") == "granted":
            acts.append((row.case_id, row.entered_at, row.seq, None))
    made: dict[tuple[str, int | str], Decimal] = {}
    open_: dict[str, Decimal] = defaultdict(Decimal)
    for case_id, _at, key, amount in sorted(acts, key=lambda act: (act[0], act[1], act[3] is None)):
        if amount is not None:
            open_[case_id] += amount
        elif open_[case_id]:
            made[case_id, key] = open_.pop(case_id)
    return made


def less(fact: Fact, given: Decimal | None) -> Fact:
    """An approval without what first aid had given already."""
    if not given or fact.yuan is None:
        return fact
    return replace(fact, yuan=max(fact.yuan - given, Decimal("0.00")), by=(*fact.by, "papers:first_aid"))


def yuan(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value)).quantize(Decimal("0.01"))


def count(value: Any) -> int | None:
    return None if value in (None, "") else int(value)


# ------------------------------------------------------------------------------------------ decisions, money, notices
PROGRAMMES = {
    "TEMP_EMERGENCY": "temp_emergency",
    "TEMP_EXPENDITURE": "temp_expenditure",
    "DIBAO": "dibao",
    "DIBAO_EDGE": "edge",
    "RIGID_EXP": "rigid",
    "TEKUN": "tekun",
    "BACKSTOP": "backstop",
}
REFUSALS = frozenset({"refused", "not_accepted"})
"""What a review decides – keep, increase, reduce, stop – refuses nobody; its changes are read from the recognitions."""


def _decided(tx: Tx, w: Window) -> Iterator[Fact]:
    """An application approved once more – its approval was reopened – is new only in the month it was approved first."""
    d = decisions.c
    first, following = w.begin.date(), w.end.date()
    decided = w.put_right.column(d.case_id, d.decided_on, "decided_on", d.path)
    query = select(decisions).where(
        w.here(d.area), decided >= first, decided < following, w.known(d.entered_at)
    )
    rows = [(row, area) for row in tx.run(query.order_by(decided, d.number)) if (area := w.stands(row.area))]
    again = approved_again(tx, {row.application_no for row, _area in rows if row.result == "approved"})
    aided = given_first(tx, w, [row.case_id for row, _area in rows if row.programme == "TEMP_EMERGENCY"])
    for row, area in rows:
        if row.result == "approved":
            column = PROGRAMMES.get(row.programme)
            if column and row.number not in again:
                fact = Fact(column, area, row.case_id, row.amount, row.persons, (f"level:{row.level}",))
                yield less(fact, aided.get((row.case_id, row.number)))
        elif row.result in REFUSALS:
            yield Fact("refused", area, row.case_id, by=(f"result:{row.result}",))


CHANGES = {"stop": "stopped", "reduce": "reduced"}


def _changed(tx: Tx, w: Window) -> Iterator[Fact]:
    """Recognitions ended or reduced by decision."""
    x, c = recognition_changes.c, cases.c
    first, following = w.begin.date(), w.end.date()
    decided = w.put_right.column(x.case_id, x.decided_on, "decided_on")
    query = (
        select(x.result, x.case_id, x.persons_before, c.area, decided.label("on"))
        .join(cases, c.id == x.case_id)
        .where(w.place(c.area, c.id), decided >= first, decided < following, x.entered_at <= w.cutoff)
    )
    for row in tx.run(query.order_by(decided, x.application_no, x.number)):
        area = w.at(row.case_id, row.area, midnight(row.on))
        if area is not None and row.result in CHANGES:
            yield Fact(CHANGES[row.result], area, row.case_id, persons=row.persons_before)


def _publicity(tx: Tx, w: Window) -> Iterator[Fact]:
    p = publicity.c
    first, following = w.begin.date(), w.end.date()
    query = select(p.area, p.case_id, p.people).where(
        w.here(p.area), p.held_on >= first, p.held_on < following, p.at <= w.cutoff
    )
    for row in tx.run(query.order_by(p.held_on, p.id)):
        if area := w.stands(row.area):
            yield Fact("publicity", area, row.case_id, persons=row.people)


def _paid(tx: Tx, w: Window) -> Iterator[Fact]:
    p = payouts.c
    back = p.returned_at.is_not(None) & (p.returned_at <= w.cutoff)
    known = (p.made_at <= w.cutoff) & w.known(p.confirmed_at) & ~back
    query = select(p.area, p.case_id, p.amount, p.fund, p.month).where(
        w.here(p.area), w.during(p.paid_at), known, p.amount > 0
    )
    for row in tx.run(query.order_by(p.paid_at, p.number)):
        marks = (f"fund:{row.fund}", f"pay:{'monthly' if row.month else 'once'}")
        if area := w.stands(row.area):
            yield Fact("paid", area, row.case_id, row.amount, by=marks)


def _objections(tx: Tx, w: Window) -> Iterator[Fact]:
    """By the day each was received; known since it was entered, which opened its case."""
    n, o, c = notices.c, objections.c, cases.c
    received = w.put_right.column(o.case_id, o.received_at, "received_at")
    query = (
        select(n.area, o.case_id)
        .join(notices, n.number == o.notice_no)
        .join(cases, c.id == o.case_id)
        .where(w.here(n.area), w.during(received), c.opened_at <= w.cutoff)
    )
    for row in tx.run(query.order_by(o.number)):
        if area := w.stands(row.area):
            yield Fact("objections", area, row.case_id)
