"""What a step must know beside its case, asked in one statement under the case's lock: law in force, running clocks, kinship,
open incidents.

It is a statement of its own because one that waits for the lock may see what was true before the wait.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, bindparam, literal, null, select

from engine import incidents, legal
from engine.clocks import COLUMNS, Clock
from engine.db import Id, Tx, made
from engine.tables import cases, clocks

if TYPE_CHECKING:
    from engine.world import Related


class Around(NamedTuple):
    """`relation`: of the person asked about to the household of the case, None where there is none. `troubled`: it has open incidents."""

    relation: str | None
    troubled: bool
    clocks: list[Clock]


def look(tx: Tx, case_id: str, person: str) -> Around:
    """Around one case, for one person. The law found is the law of the transaction, unless that has asked before."""
    rows = tx.run(_query(tx.installed.related), {"case": case_id, "actor": person}).all()
    tx.law_is(rows[0].law)
    first, running = rows[0], [made(Clock, row[3:]) for row in rows if row.id is not None]
    return Around(first.relation, bool(first.troubled), running)


@cache
def _query(related: Related | None) -> Select[Any]:
    c = cases.c
    relation = null() if related is None else related(bindparam("actor"), c.subject, c.title, c.area)
    return (
        select(
            legal.SERIAL.scalar_subquery().label("law"),
            relation.label("relation"),
            incidents.open_for(bindparam("case")).label("troubled"),
            *COLUMNS,
        )
        .select_from(cases.outerjoin(clocks, clocks.c.case_id == cases.c.id))
        .where(cases.c.id == bindparam("case"))
        .order_by(clocks.c.entered_at, clocks.c.id)
    )


def relations(tx: Tx, persons: list[str], subject: str | None, title: str, area: str) -> dict[str, str]:
    """Which of these people are related to what a case of that subject, title and area is about, and how: one statement, none
    where nobody is asked about."""
    related = tx.installed.related
    if related is None or not persons:
        return {}
    about = (literal(subject, Id), literal(title), literal(area))
    asked = [related(literal(person), *about).label(f"p{n}") for n, person in enumerate(persons)]
    return {
        person: found for person, found in zip(persons, tx.run(select(*asked)).one(), strict=True) if found
    }
