"""Who is recognised and for how long: dibao, dibao edge, rigid expenditure, tekun – with the month payment begins and the day of review.

One row per application. A row is written by the process that recognised the family and ended by a later decision; rows are never taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert, select, update

from casework.tables import recognitions
from engine.db import Tx, made

R = recognitions.c


@dataclass(frozen=True, slots=True)
class Recognition:
    """`from_month`: first day of the first month paid (None: a status without payment). `valid_to`: last day (None: until a decision)."""

    application_no: str
    programme: str
    case_id: str
    area: str
    title: str
    decided_on: date
    amount: Decimal | None
    persons: int
    from_month: date | None
    valid_to: date | None
    review_on: date | None
    state: str


COLUMNS = [recognitions.c[name] for name in Recognition.__slots__]


def get(tx: Tx, application_no: str) -> Recognition | None:
    """The recognition an application led to."""
    row = tx.run(select(*COLUMNS).where(R.application_no == application_no)).one_or_none()
    return made(Recognition, row) if row else None


def recognise(
    tx: Tx,
    *,
    application_no: str,
    programme: str,
    case_id: str,
    area: str,
    title: str,
    decided_on: date,
    amount: Decimal | None,
    persons: int,
    from_month: date | None,
    valid_to: date | None,
    now: datetime,
) -> None:
    """Enter a family. Said again for the same application (a repeated job, a decision after a remedy), it is brought up to date."""
    values = {
        "programme": programme,
        "case_id": case_id,
        "area": area,
        "title": title,
        "decided_on": decided_on,
        "amount": amount,
        "persons": persons,
        "from_month": from_month,
        "valid_to": valid_to,
        "state": "active",
    }
    changed = tx.run(update(recognitions).where(R.application_no == application_no).values(**values))
    if changed.rowcount == 0:
        tx.run(
            insert(recognitions),
            {"application_no": application_no, "review_on": None, "entered_at": now, **values},
        )


def schedule(tx: Tx, application_no: str, review_on: date) -> None:
    """Set the day of the next review."""
    tx.run(update(recognitions).where(R.application_no == application_no).values(review_on=review_on))


def paid_in(tx: Tx, area: str, month: date) -> list[Recognition]:
    """Who is paid for the month that begins on `month` in an area and below, by programme and title."""
    query = (
        select(*COLUMNS)
        .where(R.area.like(f"{area}%"), R.state == "active", R.from_month <= month)
        .order_by(R.programme, R.title, R.application_no)
    )
    return [made(Recognition, row) for row in tx.run(query) if row.valid_to is None or row.valid_to >= month]


def due(tx: Tx, area: str, on: date) -> list[Recognition]:
    """Active recognitions whose review is due by that day, earliest first."""
    query = select(*COLUMNS).where(R.area.like(f"{area}%"), R.state == "active", R.review_on <= on)
    return [made(Recognition, row) for row in tx.run(query.order_by(R.review_on, R.application_no))]
