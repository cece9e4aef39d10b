"""Where households and villages stood on a day: what moved later is undone, what moved before is followed.

Unlike `casework.tree`, which counts what is there now on another day's tree, this is for what happened: a visit of September counts
where its household was at the end of September, so a month counted again gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from casework import areas
from casework.tables import area_changes
from casework.tables import areas as areas_table
from casework.tables import places as places_table
from engine.db import Tx
from engine.routing import within


@dataclass(frozen=True, slots=True)
class Standing:
    """`left`: household → the areas it left later, oldest first; `heirs`: area that was no more that day → its successor."""

    left: Mapping[str, Sequence[tuple[str, str]]]
    heirs: Mapping[str, str]

    @classmethod
    def of(cls, tx: Tx, root: str, day: date, known: datetime) -> Standing:
        """As of the end of a day, by what had been entered by `known`; of households only what touched `root`."""
        p, a = places_table.c, areas_table.c
        touched = [
            or_(column == root, column.startswith(root + "/", autoescape=True))
            for column in (p.area, p.next_area)
        ]
        later = or_(p.until > day, p.entered_at > known)
        query = select(p.subject, p.area, p.next_area).where(p.kind == "household", or_(*touched), later)
        left: dict[str, list[tuple[str, str]]] = {}
        for row in tx.run(query.order_by(p.subject, p.n)):
            left.setdefault(row.subject, []).append((row.area, row.next_area))
        ended = select(a.path, a.successor).where(a.successor.is_not(None), a.valid_to <= day)
        unheard = _entered_after(tx, known)
        heirs = {
            row.path: row.successor
            for row in tx.run(ended)
            if not any(within(row.path, one) for one in unheard)
        }
        return cls(left, heirs)

    def place(self, made_in: str, household: str | None, now_in: str | None) -> str:
        """Where something done in an area counts, for a household that is now in `now_in`; without one, for the area itself."""
        if household is None or now_in is None:
            return areas.follow(made_in, self.heirs)
        for area, next_area in reversed(self.left.get(household, ())):
            if next_area == now_in:
                now_in = area
        return now_in


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
