"""The books: reserve fund, payouts, escalations, referrals – rows with an amount and a case; and the inbox."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update

from casework.tables import ledger, notifications, persons
from engine.calendar import ZONE
from engine.db import Tx, new_id

DIGEST = "digest"


def book_each(tx: Tx, name: str, lines: Mapping[str, Mapping[str, Any]]) -> None:
    """Write lines by their keys, in two statements; those that stand already stay."""
    ids = {f"{name}:{key}": line for key, line in lines.items()}
    known = set(tx.run(select(ledger.c.id).where(ledger.c.id.in_(list(ids)))).scalars())
    rows = [
        {"id": row_id, "book": name, "amount": None, "details": {}, **line}
        for row_id, line in ids.items()
        if row_id not in known
    ]
    if rows:
        tx.run(insert(ledger), rows)


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


@dataclass(frozen=True, slots=True)
class Message:
    """A line for one person's inbox."""

    person: str
    kind: str
    title: str
    text: str
    case_id: str | None = None
    task_id: str | None = None
    key: str | None = None  # the id of the one message to one person


def tell_each(tx: Tx, messages: Iterable[Message], now: datetime) -> None:
    """Put many messages into inboxes at once."""
    rows = [
        {
            "id": m.key or new_id(),
            "person": m.person,
            "at": now,
            "kind": m.kind,
            "title": m.title,
            "text": m.text,
            "case_id": m.case_id,
            "task_id": m.task_id,
        }
        for m in messages
    ]
    if rows:
        tx.write(insert(notifications), rows)


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
    told_ = [Message(p, kind, title, text, case_id, task_id, key) for p in dict.fromkeys(people)]
    tell_each(tx, told_, now)


def told(tx: Tx, people: Iterable[str], kind: str, title: str) -> set[str]:
    """Who of these people has a message of this kind and title."""
    n = notifications.c
    query = select(n.person).where(n.person.in_(list(people)), n.kind == kind, n.title == title)
    return set(tx.run(query).scalars())


@dataclass(frozen=True, slots=True)
class Line:
    """A line of somebody's digest."""

    person: str
    text: str
    case_id: str | None = None
    task_id: str | None = None


LINES = 300
"""A digest shows so many lines; the rest is counted."""
_REST = re.compile(r"另有 (\d+) 项，请看待办列表")


def digest(tx: Tx, lines: Iterable[Line], now: datetime) -> None:
    """One message a person and day for what is not urgent: each further line is added to the day's digest and makes it unread
    again. The statements depend on the number of people, not of lines."""
    by_person: dict[str, list[Line]] = {}
    for line in lines:
        by_person.setdefault(line.person, []).append(line)
    if not by_person:
        return
    p, n = persons.c, notifications.c
    wanted = sorted(by_person)
    # The person's row is the lock: two workers must not open two digests. Rows that only name the person do not wait for it.
    tx.run(select(p.id).where(p.id.in_(wanted)).order_by(p.id).with_for_update(key_share=True))
    day = now.astimezone(ZONE).date()
    keys = {person: f"{DIGEST}:{day:%Y%m%d}:{person}"[:64] for person in wanted}
    known = {row.id: row for row in tx.run(select(notifications).where(n.id.in_(list(keys.values()))))}
    for person, key in keys.items():
        row, new = known.get(key), by_person[person]
        before = row.text.split("\n") if row is not None else []
        added = list(dict.fromkeys(line.text for line in new if line.text not in set(before)))
        if not added:
            continue
        cases = {line.case_id for line in new} | ({row.case_id} if row is not None else set())
        tasks = {line.task_id for line in new} | ({row.task_id} if row is not None else set())
        text, count = _digested(before, added)
        values = {
            "title": f"今日时限提醒（{count} 项）" if count > 1 else "时限提醒",
            "text": text,
            "at": now,
            "read_at": None,
            "case_id": cases.pop() if len(cases) == 1 else None,
            "task_id": tasks.pop() if len(tasks) == 1 and not cases else None,
        }
        if row is None:
            tx.write(insert(notifications), {"id": key, "person": person, "kind": DIGEST, **values})
        else:
            tx.run(update(notifications).where(n.id == key).values(**values))


def _digested(before: list[str], added: list[str]) -> tuple[str, int]:
    """The text of a digest with further lines, and how many things it is about."""
    rest = _REST.fullmatch(before[-1]) if before else None
    more = int(rest[1]) if rest else 0
    lines = [*(before[:-1] if rest else before), *added]
    count, shown = len(lines) + more, lines[:LINES]
    left = count - len(shown)
    return "\n".join([*shown, f"另有 {left} 项，请看待办列表"] if left else shown), count


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
