"""Who waits for which message or signal, and messages that nobody waits for yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update

from engine.db import Tx, made, new_id
from engine.runner.values import Waiting
from engine.tables import deployed_processes, deployments, jobs, messages, subscriptions, timers

_ADD = insert(subscriptions)
BUFFER = timedelta(days=120)
"""How long a message thrown by a case waits for its receiver."""


@dataclass(frozen=True, slots=True)
class Subscription:
    id: str
    case_id: str
    process: str
    element: str
    kind: str
    name: str
    correlation: str | None
    path: str

    def takes(self, message: Message) -> bool:
        """Is it for this message: same name, and its key if it asks for one?"""
        same = (self.kind, self.name) == (message.kind, message.name)
        return same and self.correlation in (None, message.correlation)


@dataclass(frozen=True, slots=True)
class Message:
    """A message or signal on its way."""

    id: str
    kind: str
    name: str
    correlation: str | None
    variables: Mapping[str, Any]
    sender: str | None = None


_COLUMNS = [subscriptions.c[name] for name in Subscription.__slots__]
_MESSAGE = [messages.c[name] for name in Message.__slots__]


def add(tx: Tx, case_id: str, opened: Sequence[Waiting], now: datetime) -> None:
    tx.write(
        _ADD,
        [
            {
                "id": w.key,
                "case_id": case_id,
                "process": w.process,
                "element": w.element,
                "path": w.path,
                "kind": w.kind.value,
                "name": w.name,
                "correlation": w.correlation,
                "state": "open",
                "created_at": now,
            }
            for w in opened
        ],
    )


def close(tx: Tx, ids: Sequence[str], now: datetime) -> None:
    tx.write(update(subscriptions).where(subscriptions.c.id.in_(ids)).values(state="closed", ended_at=now))


def waiting_for(tx: Tx, kind: str, name: str, correlation: str | None) -> list[Subscription]:
    """Open subscriptions a message reaches: same name, and same key (no key on either side reaches all)."""
    query = select(*_COLUMNS).where(
        subscriptions.c.state == "open", subscriptions.c.kind == kind, subscriptions.c.name == name
    )
    if kind == "message":
        keyless = subscriptions.c.correlation.is_(None)
        query = query.where(
            or_(subscriptions.c.correlation == correlation, keyless) if correlation else keyless
        )
    return [
        made(Subscription, row)
        for row in tx.run(query.order_by(subscriptions.c.created_at, subscriptions.c.id))
    ]


def of_case(tx: Tx, case_id: str) -> list[Subscription]:
    query = select(*_COLUMNS).where(subscriptions.c.case_id == case_id, subscriptions.c.state == "open")
    return [
        made(Subscription, row)
        for row in tx.run(query.order_by(subscriptions.c.created_at, subscriptions.c.id))
    ]


@dataclass(frozen=True, slots=True)
class Wait:
    """Something other than a person that a case waits for: a message, a job, a timer in the flow."""

    process: str
    element: str
    created_at: datetime


def waits(tx: Tx, case_id: str) -> list[Wait]:
    """Where a case waits for messages, signals and jobs (boundary events stand at their activity and are left to it)."""
    found: list[Wait] = []
    for table, state in ((subscriptions, "open"), (jobs, "ready"), (timers, "pending")):
        query = select(table.c.process, table.c.element, table.c.created_at)
        found.extend(
            made(Wait, row) for row in tx.run(query.where(table.c.case_id == case_id, table.c.state == state))
        )
    return found


def get(tx: Tx, subscription_id: str) -> Subscription | None:
    row = tx.run(
        select(*_COLUMNS).where(subscriptions.c.id == subscription_id, subscriptions.c.state == "open")
    ).one_or_none()
    return made(Subscription, row) if row else None


def starts(tx: Tx, kind: str, name: str, now: datetime) -> list[tuple[str, str]]:
    """Executable processes that a message or signal of this name starts: (process, start node), of the versions in force."""
    held = deployed_processes.c.start_messages if kind == "message" else deployed_processes.c.start_signals
    rows = tx.run(
        select(deployed_processes.c.process, held.label("held"), deployments.c.version, deployments.c.bundle)
        .join(deployments)
        .where(
            deployments.c.valid_from <= now,
            or_(deployments.c.valid_to.is_(None), deployments.c.valid_to > now),
        )
        .order_by(deployments.c.version)
    )
    newest = {row.process: row.held or {} for row in rows}
    return [(process, found[name]) for process, found in newest.items() if name in found]


# ------------------------------------------------------------------------------------------ the buffer
def put(
    tx: Tx,
    name: str,
    correlation: str | None,
    variables: Mapping[str, Any],
    now: datetime,
    *,
    kind: str = "message",
    state: str = "sent",
    ttl: timedelta = BUFFER,
    sender: str | None = None,
) -> str:
    """Keep a message: `sent` – the worker delivers it; `waiting` – for a receiver that is not there yet."""
    message_id = new_id()
    tx.write(
        insert(messages),
        {
            "id": message_id,
            "kind": kind,
            "name": name,
            "correlation": correlation,
            "variables": dict(variables),
            "created_at": now,
            "expires_at": now + ttl,
            "state": state,
            "sender": sender,
        },
    )
    return message_id


SENT = select(messages.c.id).where(messages.c.state == "sent").limit(1)
"""A thrown message that waits to be delivered, if there is one."""


def sent(tx: Tx, limit: int = 20) -> list[Message]:
    query = (
        select(*_MESSAGE)
        .where(messages.c.state == "sent")
        .order_by(messages.c.created_at, messages.c.id)
        .limit(limit)
    )
    return [made(Message, row) for row in tx.run(query.with_for_update(skip_locked=True))]


def message(tx: Tx, message_id: str) -> Message:
    """One message, whatever its state."""
    return made(Message, tx.run(select(*_MESSAGE).where(messages.c.id == message_id)).one())


def still_sent(tx: Tx, message_id: str) -> bool:
    """Does it still wait to be delivered? Locked, if so, until the transaction ends."""
    query = select(messages.c.id).where(messages.c.id == message_id, messages.c.state == "sent")
    return tx.run(query.with_for_update()).first() is not None


def buffered(tx: Tx, wanted: Sequence[Waiting], now: datetime) -> list[tuple[Message, str]]:
    """Messages that were waiting for one of these new subscriptions: (message, subscription id), each once."""
    names = {w.name for w in wanted}
    rows = tx.run(
        select(*_MESSAGE)
        .where(messages.c.state == "waiting", messages.c.name.in_(names), messages.c.expires_at > now)
        .order_by(messages.c.created_at, messages.c.id)
    )
    free, pairs = list(wanted), []
    for message in (made(Message, row) for row in rows):
        hit = next(
            (w for w in free if w.name == message.name and w.correlation in (None, message.correlation)), None
        )
        if hit is not None:
            free.remove(hit)
            pairs.append((message, hit.key))
    return pairs


def settle(tx: Tx, message_id: str, state: str) -> None:
    tx.write(update(messages).where(messages.c.id == message_id).values(state=state))


def expire(tx: Tx, now: datetime) -> None:
    tx.run(
        update(messages)
        .where(messages.c.state == "waiting", messages.c.expires_at <= now)
        .values(state="expired")
    )
