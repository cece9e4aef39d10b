"""Where households, cases and villages stood: what moved later is undone, what moved before is followed.

Unlike `casework.tree`, which counts what is there now on another day's tree, this is for what happened. It counts where it happened, and follows
the changes of the tree up to a day: a visit of September counts where its household was at the end of September, so a month counted again gives
the same numbers. A change of the tree that is entered for an earlier day counts since it was carried out: it corrects nothing that was told. A
hand-over is no change of the tree: what was done before it stays with the place that did it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from casework import areas
from casework.tables import area_changes
from casework.tables import areas as areas_table
from casework.tables import places as places_table
from engine.calendar import midnight
from engine.db import Tx
from engine.routing import within

P = places_table.c


@dataclass(frozen=True, slots=True)
class Move:
    """A case left an area for another. `at`: since when it counts; `heard`: it had been entered by then."""

    area: str
    next_area: str
    at: datetime
    reorganised: bool
    heard: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """`left`: household → the areas it left later, oldest first; `heirs`: area that was no more that day → its successor; `moved`: case → its
    moves as they were entered; `end`: the end of the day."""

    left: Mapping[str, Sequence[tuple[str, str]]]
    heirs: Mapping[str, str]
    moved: Mapping[str, Sequence[Move]]
    end: datetime

    @classmethod
    def of(cls, tx: Tx, root: str, day: date, known: datetime) -> Standing:
        """As of the end of a day, by what had been entered by `known`; of households and cases only what touched `root`."""
        end = midnight(day + timedelta(days=1))
        tree = and_(P.why == "reorganised", P.entered_at >= end)
        touched = or_(_within(P.area, root), _within(P.next_area, root))
        query = select(P.subject, P.area, P.next_area).where(
            P.kind == "household", touched, or_(P.until > day, P.entered_at > known, tree)
        )
        left: dict[str, list[tuple[str, str]]] = {}
        for row in tx.run(query.order_by(P.subject, P.n)):
            left.setdefault(row.subject, []).append((row.area, row.next_area))
        return cls(left, _heirs(tx, day, min(known, end)), _moves(tx, root, known), end)

    def place(self, made_in: str, household: str | None, now_in: str | None) -> str:
        """Where something done in an area counts, for a household that is now in `now_in`; without one, for the area itself."""
        if household is None or now_in is None:
            return areas.follow(made_in, self.heirs)
        for area, next_area in reversed(self.left.get(household, ())):
            if next_area == now_in:
                now_in = area
        return now_in

    def of_case(self, case_id: str, now_in: str, at: datetime) -> str:
        """Where something counts that a case did at a moment, for a case that is now in `now_in`."""
        moves = self.moved.get(case_id, ())
        area = moves[0].area if moves else now_in
        for move in moves:
            follows = move.area == area and move.at < self.end if move.reorganised else move.at <= at
            if move.heard and follows:
                area = move.next_area
        return areas.follow(area, self.heirs)


def _within(column: Any, root: str) -> ColumnElement[bool]:
    return or_(column == root, column.startswith(root + "/", autoescape=True))


def once_here(root: str) -> Select[Any]:
    """Cases that have left a place for another, one of which lies in `root`."""
    return select(P.subject).where(P.kind == "case", or_(_within(P.area, root), _within(P.next_area, root)))


def _moves(tx: Tx, root: str, known: datetime) -> dict[str, list[Move]]:
    query = select(P.subject, P.area, P.next_area, P.until, P.why, P.entered_at)
    here = (P.kind == "case", P.subject.in_(once_here(root)))
    found: dict[str, list[Move]] = {}
    for row in tx.run(query.where(*here).order_by(P.subject, P.n)):
        day = midnight(row.until)
        entered, tree = row.entered_at or day, row.why == "reorganised"
        move = Move(row.area, row.next_area, max(day, entered) if tree else entered, tree, entered <= known)
        found.setdefault(row.subject, []).append(move)
    return found


def _heirs(tx: Tx, day: date, heard: datetime) -> dict[str, str]:
    a = areas_table.c
    ended = select(a.path, a.successor).where(a.successor.is_not(None), a.valid_to <= day)
    unheard = _entered_after(tx, heard)
    return {
        row.path: row.successor for row in tx.run(ended) if not any(within(row.path, one) for one in unheard)
    }


def _entered_after(tx: Tx, known: datetime) -> list[str]:
    """Areas that ended by a change carried out later than `known`, whatever day it counts from."""
    c = area_changes.c
    found: list[str] = []
    for row in tx.run(
        select(c.plan).where(
            c.state == "applied", c.kind.in_(("merge", "split", "move")), c.applied_at > known
        )
    ):
        found += [*(row.plan.get("sources") or []), *filter(None, [row.plan.get("area")])]
    return found
