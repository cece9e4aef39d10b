"""What a ledger is: a name, fixed columns, and a question that finds its lines for somebody's areas and a period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from casework import areas, staff
from casework.register import moment
from casework.sensitive import Place
from casework.words import Words
from engine.calendar import ZONE
from engine.db import Tx
from engine.routing import Actor, at_tier
from engine.tables import cases, user_tasks
from engine.worklist import in_sight

Line = dict[str, Any]
"""Every cell as text, and `case_id`: the case the line comes from (None when it has none)."""
STATUS = {"active": "办理中", "completed": "已办结", "cancelled": "已终止"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Who asks, for which area and days, which part of the answer. `mask`: how names and numbers are shown."""

    tx: Tx
    actor: Actor
    now: datetime
    area: str | None
    since: date | None
    until: date | None
    offset: int
    limit: int
    mask: Mapping[str, Callable[[str | None], str]]
    words: Words

    def sight(self, column: Any) -> ColumnElement[bool]:
        return in_sight(self.actor, column, self.area)

    def during(self, column: Any) -> list[ColumnElement[bool]]:
        found = []
        if self.since:
            found.append(column >= datetime.combine(self.since, time(), ZONE))
        if self.until:
            found.append(column < datetime.combine(self.until + timedelta(days=1), time(), ZONE))
        return found

    def page(self, query: Select[Any]) -> tuple[list[Any], int]:
        """One page of a query and how many rows it has in all."""
        total = self.tx.run(select(func.count()).select_from(query.order_by(None).subquery())).scalar_one()
        return list(self.tx.run(query.offset(self.offset).limit(self.limit))), int(total)

    def places(self, paths: Iterable[str]) -> dict[str, dict[str, str]]:
        """Path → `{"town", "village"}` as the ledgers have them in two columns."""
        known = set(paths)
        towns = {path: at_tier(path, "town") if "/" in path else path for path in known}
        names = areas.names(self.tx, known | set(towns.values()))
        return {
            path: {
                "town": names[towns[path]],
                "village": names[path].removeprefix(names[towns[path]]) if path != towns[path] else "",
            }
            for path in known
        }

    def people(self, ids: Iterable[str | None]) -> dict[str, str]:
        return staff.names(self.tx, {one for one in ids if one})


Found = tuple[list[Line], int]


@dataclass(frozen=True, slots=True)
class Book:
    """One ledger. `dated`: what the period is about, None when it has none. `sealed`: kept from the village (K4)."""

    key: str
    name: str
    hint: str
    columns: Mapping[str, str]
    lines: Callable[[Scope], Found]
    dated: str | None
    sealed: bool = False
    sensitive: Mapping[str, Place] = field(default_factory=dict)
    """Columns that tell sensitive answers (policy.md D.4, K3), and which answer."""

    def veiled(self, lines: Iterable[Line], words: Callable[[str, Place, str], str]) -> list[Line]:
        """The lines as somebody reads them. `words`: case, answer, what the cell says → what is shown."""
        return [
            {**line, **{k: words(line["case_id"], place, line[k]) for k, place in self.sensitive.items()}}
            for line in lines
        ]


# ------------------------------------------------------------------------------------------ sections of cases
def cases_with(scope: Scope, elements: Sequence[str]) -> tuple[list[Any], int]:
    """Cases in sight in which one of these steps was opened in the period, newest first."""
    t, c = user_tasks.c, cases.c
    step = exists().where(t.case_id == c.id, t.element.in_(elements), *scope.during(t.created_at))
    query = select(c.id, c.number, c.title, c.area, c.status, c.document, c.opened_at)
    return scope.page(query.where(scope.sight(c.area), step).order_by(c.opened_at.desc(), c.number))


def branches(
    document: Mapping[str, Mapping[str, Any]], section: str
) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Path and entries of a section for every branch of the work; what a branch took over from above is not told twice."""
    paths = [path for path, content in document.items() if content.get(section)]
    ends = [
        p for p in paths if not any(other != p and other.startswith(f"{p}/" if p else "") for other in paths)
    ]
    found = []
    for path in ends:
        value = document[path][section]
        found.append((path, value if isinstance(value, list) else [value]))
    return found


def leaves(document: Mapping[str, Mapping[str, Any]], section: str) -> list[list[Mapping[str, Any]]]:
    """The entries alone."""
    return [entries for _, entries in branches(document, section)]


def first(entries: Sequence[Mapping[str, Any]], key: str) -> Any:
    return next((entry[key] for entry in entries if entry.get(key) not in (None, "", [])), None)


def last(entries: Sequence[Mapping[str, Any]], key: str) -> Any:
    return first(list(reversed(entries)), key)


def yuan(value: Any) -> str:
    return "" if value in (None, "") else f"{float(value):.2f}"


def truth(value: Any, yes: str = "是", no: str = "否") -> str:
    return "" if value is None else yes if value else no


__all__ = [
    "STATUS", "Book", "Found", "Line", "Scope", "branches", "cases_with", "first", "last", "leaves", "moment", "truth", "yuan",
]  # fmt: skip
