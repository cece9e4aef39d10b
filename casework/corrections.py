"""更正: a lawful date that was put right in a case, beside the rows other books copied from it.

Nobody types twice and no row is written over: what was entered stays, and the history of the case says since when it counts otherwise. So a frozen
month counted again at its cut-off is the same, and a date put right afterwards is an adjustment of the next report.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, literal, not_, or_, select, true

from engine.calendar import ZONE, instant
from engine.db import Tx, fixed
from engine.runner.redating import like, means
from engine.runner.values import covers
from engine.tables import history


@dataclass(frozen=True, slots=True)
class Correction:
    """In this case these names meant `old` and mean `new`: at and below the path `home`, not below those `apart` (another
    application that bears the same date bears it for itself)."""

    case_id: str
    names: frozenset[str]
    old: datetime
    new: datetime
    home: str = ""
    apart: tuple[str, ...] = ()

    def reaches(self, path: str | None) -> bool:
        """None: a row that says nothing of its branch."""
        if path is None:
            return True
        return covers(self.home, path) and not any(covers(other, path) for other in self.apart)

    def reached(self, path: ColumnElement[str]) -> ColumnElement[bool]:
        """The same as SQL."""
        return and_(_below(self.home, path), *(not_(_below(other, path)) for other in self.apart))


@dataclass(frozen=True, slots=True)
class Corrections:
    """Every correction known at a moment, in the order they were made."""

    made: tuple[Correction, ...]
    by_case: Mapping[str, Sequence[Correction]]

    @classmethod
    def of(cls, made: Sequence[Correction]) -> Corrections:
        by_case: dict[str, list[Correction]] = {}
        for one in made:
            by_case.setdefault(one.case_id, []).append(one)
        return cls(tuple(made), by_case)

    def right(self, case_id: str | None, name: str, value: Any, path: str | None = None) -> Any:
        """What a copied date says after the corrections, written as it is (a date stays a date)."""
        for one in self.by_case.get(case_id or "", ()):
            if name in one.names and one.reaches(path) and means(value, one.old):
                value = like(value, one.new)
        return value

    def was(self, case_id: str | None, name: str, value: Any) -> Any:
        """What a date of the case file, which follows corrections, had said when it was entered; None for one that stands as entered."""
        first = value
        for one in reversed(self.by_case.get(case_id or "", ())):
            if name in one.names and means(first, one.new):
                first = like(first, one.old)
        return None if first == value else first

    def column(
        self,
        case_id: ColumnElement[str],
        column: ColumnElement[Any],
        name: str,
        path: ColumnElement[str] | None = None,
    ) -> ColumnElement[Any]:
        """The same as SQL: the column itself where nothing was put right, so that its index serves."""
        whens = []
        for one in self.made:
            if name in one.names:
                old = one.old.astimezone(ZONE).date() if isinstance(column.type, Date) else one.old
                new = self.right(one.case_id, name, old, one.home if path is not None else None)
                where = [case_id == one.case_id, column == old]
                where += [one.reached(path)] if path is not None else []
                whens.append((and_(*where), literal(new, column.type)))
        return case(*whens, else_=column) if whens else column


def _below(outer: str, path: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(path == outer, path.startswith(f"{outer}/", autoescape=True)) if outer else true()


def known(tx: Tx, *, cases: Collection[str] | None = None, until: datetime | None = None) -> Corrections:
    """Corrections of these cases (None: of all) that were entered by a moment."""
    h = history.c
    query = select(h.case_id, h.payload).where(h.kind == fixed("clock.corrected"))
    if cases is not None:
        query = query.where(h.case_id.in_(cases))
    if until is not None:
        query = query.where(h.entered_at <= until)
    made = [
        Correction(
            row.case_id,
            _names(row.payload),
            instant(row.payload["old"]),
            instant(row.payload["new"]),
            str(row.payload.get("home") or ""),
            tuple(row.payload.get("apart") or ()),
        )
        for row in tx.run(query.order_by(h.entered_at, h.case_id, h.seq))
        if row.payload
    ]
    return Corrections.of(made)


def _names(payload: Any) -> frozenset[str]:
    """What the date goes by; rows from before names were kept have the fields of the case file alone."""
    return frozenset(
        payload.get("names") or (field.rpartition(".")[2] for field in payload.get("fields", []))
    )
