"""The tree as it was or is on a day, and the district's figures counted on it: the totals are the same on every tree.

A record is counted where it was on that day's tree: reorganisations after that day are undone for it (`casework.places`),
those before are followed from successor to successor. A record of a place the tree of that day does not have at all (a
case opened in a village founded since) is counted with the unit above, marked as such. A hand-over is no reorganisation:
a case is counted where it was handed to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from casework import places
from casework.areas import follow
from casework.places import Place
from casework.tables import area_changes, areas, households
from engine.db import Tx, made
from engine.routing import within
from engine.tables import cases


@dataclass(frozen=True, slots=True)
class Unit:
    path: str
    name: str
    kind: str
    tier: str
    parent: str | None
    valid_from: date
    valid_to: date | None
    successor: str | None
    phone: str | None = None

    def on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(slots=True)
class Figures:
    """What is counted of one unit (its own records, not those of units below)."""

    households: int = 0
    open_cases: int = 0
    closed_cases: int = 0
    unplaced: int = 0

    def add(self, other: Figures) -> None:
        self.households += other.households
        self.open_cases += other.open_cases
        self.closed_cases += other.closed_cases
        self.unplaced += other.unplaced


@dataclass(frozen=True, slots=True)
class Tree:
    """All units that ever were, and those of one day."""

    day: date
    units: Mapping[str, Unit]
    valid: frozenset[str]
    heirs: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)

    def place(self, area: str, left: Sequence[Place] = ()) -> tuple[str, bool]:
        """Where a record now in `area` counts on this tree, and whether it had a place of its own there."""
        for earlier in reversed(left):
            if earlier.why != "reorganised" or earlier.until <= self.day or earlier.next_area != area:
                break
            area = earlier.area
        if area in self.valid:
            return area, True
        later = follow(area, {old: new for old, new in self.heirs.items() if self._ended(old)})
        if later in self.valid:
            return later, True
        above = later
        while "/" in above:
            above = above.rpartition("/")[0]
            if above in self.valid:
                return above, False
        return above, False

    def _ended(self, path: str) -> bool:
        unit = self.units[path]
        return unit.valid_to is not None and unit.valid_to <= self.day


def of_day(tx: Tx, day: date) -> Tree:
    """The tree of a day, with the names of that day."""
    columns = [areas.c[name] for name in Unit.__slots__]
    units = {row.path: made(Unit, row) for row in tx.run(select(*columns))}
    valid = frozenset(path for path, unit in units.items() if unit.on(day))
    heirs = {path: unit.successor for path, unit in units.items() if unit.successor}
    names = {path: unit.name for path, unit in units.items()}
    c = area_changes.c
    renamed = select(c.plan).where(c.kind == "rename", c.state == "applied", c.effective > day)
    for row in tx.run(renamed.order_by(c.effective.desc(), c.applied_at.desc())):
        names[row.plan["area"]] = row.plan["old_name"]
    return Tree(day, units, valid, heirs, names)


def counts(tx: Tx, root: str, tree: Tree) -> dict[str, Figures]:
    """Figures by unit of that tree below `root`, units without records included."""
    found = {path: Figures() for path in sorted(tree.valid) if within(path, root)}

    def put(area: str, left: Sequence[Place], what: str) -> None:
        path, own = tree.place(area, left)
        if within(path, root):
            figures = found.setdefault(path, Figures())
            setattr(figures, what, getattr(figures, what) + 1)
            figures.unplaced += not own

    moved = places.of_all(tx, "household")
    for row in tx.run(select(households.c.id, households.c.area)):
        put(row.area, moved.get(row.id, ()), "households")
    moved = places.of_all(tx, "case")
    for row in tx.run(select(cases.c.id, cases.c.area, cases.c.status)):
        put(row.area, moved.get(row.id, ()), "open_cases" if row.status == "active" else "closed_cases")
    return found


def total(figures: Iterable[Figures]) -> Figures:
    made = Figures()
    for one in figures:
        made.add(one)
    return made
