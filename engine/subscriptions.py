"""Who waits for which message or signal, and messages that nobody waits for yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    bindparam,
    exists,
    insert,
    or_,
    select,
    text,
    update,
)

from engine.db import Instant, Tx, fixed, made, new_id
from engine.runner.values import Waiting, WaitKind
from engine.tables import KEY, cases, jobs, messages, subscriptions, timers

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


def _for(name: Any, correlation: Any, now: Any) -> list[ColumnElement[bool]]:
    """The messages in the buffer that are for a receiver of this name and key."""
    keyed = or_(correlation.is_(None), messages.c.correlation == correlation)
    return [messages.c.state == fixed("waiting"), messages.c.name == name, keyed, messages.c.expires_at > now]


_ADD = insert(subscriptions).values(
    {
        **{
            name: bindparam(f"new_{name}", type_=subscriptions.c[name].type)
            for name in (
                "id",
                "case_id",
                "process",
                "element",
                "path",
                "kind",
                "name",
                "correlation",
                "created_at",
            )
        },
        "state": "open",
        "fetches": exists().where(
            bindparam("new_kind", type_=KEY) == "message",
            *_for(
                bindparam("new_name", type_=KEY),
                bindparam("new_correlation", type_=KEY),
                bindparam("new_created_at", type_=Instant()),
            ),
        ),
    }
)


def add(tx: Tx, case_id: str, opened: Sequence[Waiting], now: datetime) -> None:
    """A case begins to wait. Who may find what it waits for in the buffer is marked: the worker brings it (`fetching`)."""
    listen(tx, [w.name or "" for w in opened if w.kind is WaitKind.MESSAGE])
    tx.write(
        _ADD,
        [
            {
                "new_id": w.key,
                "new_case_id": case_id,
                "new_process": w.process,
                "new_element": w.element,
                "new_path": w.path,
                "new_kind": w.kind.value,
                "new_name": w.name,
                "new_correlation": w.correlation,
                "new_created_at": now,
            }
            for w in opened
        ],
    )


def look_again(tx: Tx, subscription_id: str, now: datetime) -> None:
    """An open subscription has another name or key."""
    found = get(tx, subscription_id)
    if found is not None and found.kind == "message":
        listen(tx, [found.name])
        s = subscriptions.c
        mine = exists().where(*_for(s.name, s.correlation, now)).correlate(subscriptions)
        tx.write(update(subscriptions).where(s.id == subscription_id).values(fetches=mine))


def close(tx: Tx, ids: Sequence[str], now: datetime) -> None:
    tx.write(update(subscriptions).where(subscriptions.c.id.in_(ids)).values(state="closed", ended_at=now))


def waiting_for(tx: Tx, kind: str, name: str, correlation: str | None) -> list[Subscription]:
    """Open subscriptions of active cases that a message reaches: same name, and same key (a receiver without one hears all)."""
    query = (
        select(*_COLUMNS)
        .join(cases, cases.c.id == subscriptions.c.case_id)
        .where(
            cases.c.status == "active",
            subscriptions.c.state == "open",
            subscriptions.c.kind == kind,
            subscriptions.c.name == name,
        )
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
    """Keep a message: the worker delivers it. With nobody there it goes into the buffer for `ttl`.

    `state="expired"`: out of circulation.
    """
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


def on_their_way(tx: Tx, limit: int = 20) -> list[str]:
    """Messages that wait to be delivered, the oldest first, looked at without a lock."""
    query = select(messages.c.id).where(messages.c.state == "sent")
    return [
        str(key)
        for key in tx.run(query.order_by(messages.c.created_at, messages.c.id).limit(limit)).scalars()
    ]


def sent(tx: Tx, message_id: str) -> Message | None:
    """A message that waits to be delivered, locked; None where somebody else has it or has delivered it."""
    query = select(*_MESSAGE).where(messages.c.id == message_id, messages.c.state == "sent")
    row = tx.run(query.with_for_update(skip_locked=True)).one_or_none()
    return made(Message, row) if row else None


def message(tx: Tx, message_id: str) -> Message:
    """One message, whatever its state."""
    return made(Message, tx.run(select(*_MESSAGE).where(messages.c.id == message_id)).one())


# A message goes into the buffer because nobody waits for it; a receiver is marked because something lies there for it. So
# that neither overlooks the other, both hold a lock on the name until they commit: those who begin to wait share it, who lays a
# message down has it alone (and holds no case meanwhile). On SQLite there is one writer anyway.
_SHARED = text("select pg_advisory_xact_lock_shared(hashtextextended('message ' || cast(:name as text), 0))")
_ALONE = text("select pg_advisory_xact_lock(hashtextextended('message ' || cast(:name as text), 0))")


def listen(tx: Tx, names: Sequence[str]) -> None:
    """A case is about to wait for messages of these names."""
    if names:
        tx.after_commit("worker", tx.world.bell)
        if tx.together:
            tx.write(_SHARED, [{"name": name} for name in sorted(set(names))])


def lay_down(tx: Tx, found: Message) -> None:
    """Into the buffer – unless somebody has begun to wait meanwhile: then it stays on its way."""
    if tx.together:
        tx.run(_ALONE, {"name": found.name})
    if not waiting_for(tx, "message", found.name, found.correlation):
        settle(tx, found.id, "waiting")


FETCHING = (
    select(subscriptions.c.case_id)
    .join(cases, cases.c.id == subscriptions.c.case_id)
    .where(
        text("subscriptions.fetches"),  # as it stands in the index
        subscriptions.c.state == fixed("open"),
        cases.c.status == "active",
    )
    .order_by(subscriptions.c.created_at, subscriptions.c.id)
    .limit(1)
)
"""A case for which something may lie in the buffer, if there is one."""


def fetching(tx: Tx, limit: int = 20) -> list[str]:
    """Cases for which something may lie in the buffer, who waits longest first, looked at without a lock."""
    return list(dict.fromkeys(str(key) for key in tx.run(FETCHING.limit(limit)).scalars()))


def claim(
    tx: Tx, case_id: str, now: datetime, state: str = "delivered"
) -> tuple[Message, Subscription] | None:
    """The oldest message in the buffer that this case waits for, taken out of it; None: nothing lies there for the case.

    The case is locked. Another case may be faster: whoever changes the row has it.
    """
    s = subscriptions.c
    mine = (s.case_id == case_id, s.state == "open", s.kind == "message", s.fetches)
    pairs = (
        select(*_MESSAGE, *_COLUMNS)
        .select_from(messages.join(subscriptions, messages.c.name == s.name))
        .where(*mine, *_for(s.name, s.correlation, now))
        .order_by(messages.c.created_at, messages.c.id, s.created_at, s.id)
        .limit(1)
    )
    while (row := tx.run(pairs).one_or_none()) is not None:
        found = made(Message, row[: len(_MESSAGE)])
        taken = update(messages).where(messages.c.id == found.id, messages.c.state == "waiting")
        if tx.run(taken.values(state=state)).rowcount:
            return found, made(Subscription, row[len(_MESSAGE) :])
    tx.write(update(subscriptions).where(*mine).values(fetches=False))
    return None


def settle(tx: Tx, message_id: str, state: str) -> None:
    tx.write(update(messages).where(messages.c.id == message_id).values(state=state))


def expire(tx: Tx, now: datetime) -> None:
    tx.run(
        update(messages)
        .where(messages.c.state == "waiting", messages.c.expires_at <= now)
        .values(state="expired")
    )
