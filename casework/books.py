"""The books: reserve fund, payouts, escalations, referrals – rows with an amount and a case; and the inbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update

from casework.tables import ledger, notifications
from engine.db import Tx, new_id


def book(
    tx: Tx,
    name: str,
    *,
    area: str,
    at: datetime,
    text: str,
    case_id: str | None = None,
    amount: Decimal | None = None,
    key: str | None = None,
    **details: Any,
) -> bool:
    """Write a line; with a `key` (a job id) a second writing of the same line changes nothing and is False."""
    row_id = f"{name}:{key}" if key else new_id()
    if tx.run(select(ledger.c.id).where(ledger.c.id == row_id)).scalar_one_or_none() is not None:
        return False
    row = {
        "id": row_id,
        "book": name,
        "area": area,
        "case_id": case_id,
        "at": at,
        "text": text,
        "amount": amount,
        "details": details,
    }
    tx.run(insert(ledger), row)
    return True


def balance(tx: Tx, name: str, area: str) -> Decimal:
    """What a book holds for an area."""
    found = tx.run(
        select(func.sum(ledger.c.amount)).where(ledger.c.book == name, ledger.c.area == area)
    ).scalar()
    return Decimal(found or 0)


def tell(
    tx: Tx,
    people: Iterable[str],
    *,
    kind: str,
    title: str,
    text: str,
    now: datetime,
    case_id: str | None = None,
    task_id: str | None = None,
) -> None:
    """Put a message into people's inboxes."""
    rows = [
        {
            "id": new_id(),
            "person": person,
            "at": now,
            "kind": kind,
            "title": title,
            "text": text,
            "case_id": case_id,
            "task_id": task_id,
        }
        for person in dict.fromkeys(people)
    ]
    if rows:
        tx.run(insert(notifications), rows)


def inbox(tx: Tx, person: str, offset: int, limit: int) -> tuple[list[Any], int]:
    n = notifications.c
    total = tx.run(select(func.count()).select_from(notifications).where(n.person == person)).scalar_one()
    query = (
        select(notifications).where(n.person == person).order_by(n.read_at.is_not(None), n.at.desc(), n.id)
    )
    return [row._mapping for row in tx.run(query.offset(offset).limit(limit))], int(total)


def mark_read(tx: Tx, person: str, ids: list[str], now: datetime) -> None:
    tx.run(
        update(notifications)
        .where(notifications.c.person == person, notifications.c.id.in_(ids))
        .values(read_at=now)
    )
