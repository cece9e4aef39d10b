"""Decisions: numbers, the bureau's file of what towns decided, and what a later remedy needs to find them again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, insert, select

from casework.tables import decisions
from engine.db import Tx
from engine.errors import NotFound

NOTHING_GIVEN = frozenset({"refused", "not_accepted", "stop"})
"""After one of these an approval gives anew; after an approval, or a review that left something, it gives again what was given."""


@dataclass(frozen=True, slots=True)
class Decision:
    number: str
    case_id: str
    application_no: str
    area: str
    programme: str
    level: str
    result: str
    amount: Decimal | None
    decided_on: date
    path: str


def file(
    tx: Tx,
    *,
    case_id: str,
    application_no: str,
    area: str,
    programme: str,
    level: str,
    result: str,
    amount: Decimal | None,
    decided_on: date,
    path: str,
    filed_at: datetime | None,
    now: datetime,
    job: str | None = None,
    persons: int | None = None,
) -> str:
    """Put a decision on file; returns its number, the same for the same job. `filed_at`: when the bureau had a town's."""
    known = (
        tx.run(select(decisions.c.number).where(decisions.c.job == job)).scalar_one_or_none() if job else None
    )
    if known is not None:
        return str(known)
    number = next_number(tx, application_no)
    row = {
        "number": number,
        "case_id": case_id,
        "application_no": application_no,
        "area": area,
        "programme": programme,
        "level": level,
        "result": result,
        "amount": amount,
        "decided_on": decided_on,
        "path": path,
        "filed_at": filed_at,
        "entered_at": now,
        "persons": persons,
        "job": job,
    }
    tx.run(insert(decisions), row)
    return number


def next_number(tx: Tx, application_no: str) -> str:
    """The number the next decision of an application goes on file with: its letter, written before, bears it already."""
    count = select(func.count()).where(decisions.c.application_no == application_no)
    return f"{application_no}-D{int(tx.run(count).scalar_one()) + 1}"


def get(tx: Tx, number: str) -> Decision:
    names = Decision.__dataclass_fields__
    row = tx.run(
        select(*(decisions.c[name] for name in names)).where(decisions.c.number == number)
    ).one_or_none()
    if row is None:
        raise NotFound("没有这份决定。", "No such decision.")
    return Decision(**row._mapping)


def approved_again(tx: Tx, applications: Collection[str]) -> set[str]:
    """Numbers of the approvals whose application stood approved already when they were made: reopened, and decided as before.

    Decisions of an application are numbered in the order they were filed, so what came before one was known whenever it was.
    """
    d = decisions.c
    rows = tx.run(
        select(d.application_no, d.number, d.result).where(d.application_no.in_(sorted(applications)))
    )
    standing: dict[str, bool] = {}
    found = set()
    for row in sorted(rows, key=lambda row: (len(row.number), row.number)):
        if row.result == "approved":
            if standing.get(row.application_no):
                found.add(row.number)
            standing[row.application_no] = True
        elif row.result in NOTHING_GIVEN:
            standing[row.application_no] = False
    return found
