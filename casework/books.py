"""The books: reserve fund, payouts, escalations, referrals – rows with an amount and a case; and the inbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update

from casework.tables import ledger, notifications, persons
from engine.calendar import ZONE
from engine.db import Tx, new_id

DIGEST = "digest"


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
    key: str | None = None,
) -> None:
    """Put a message into people's inboxes. `key`: the id of the one message to one person."""
    rows = [
        {
            "id": key or new_id(),
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


def digest(
    tx: Tx, people: Iterable[str], line: str, *, now: datetime, case_id: str | None, task_id: str | None
) -> None:
    """One message a person and day for what is not urgent: each further line is added to the day's digest and makes it unread again."""
    p, n = persons.c, notifications.c
    wanted = sorted(set(people))
    # The person's row is the lock: two workers must not open two digests.
    tx.run(select(p.id).where(p.id.in_(wanted)).order_by(p.id).with_for_update())
    day = now.astimezone(ZONE).date()
    keys = {person: f"{DIGEST}:{day:%Y%m%d}:{person}"[:64] for person in wanted}
    known = {row.id: row for row in tx.run(select(notifications).where(n.id.in_(list(keys.values()))))}
    for person, key in keys.items():
        row = known.get(key)
        if row is None:
            tell(
                tx,
                [person],
                kind=DIGEST,
                title="时限提醒",
                text=line,
                now=now,
                case_id=case_id,
                task_id=task_id,
                key=key,
            )
            continue
        lines = row.text.split("\n")
        if line in lines:
            continue
        same = row.case_id == case_id
        values = {
            "title": f"今日时限提醒（{len(lines) + 1} 项）", "text": "\n".join([*lines, line]), "at": now, "read_at": None,
            "case_id": case_id if same else None, "task_id": task_id if same and row.task_id == task_id else None,
        }  # fmt: skip
        tx.run(update(notifications).where(n.id == key).values(**values))


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
