"""Messages and signals: to the cases that wait for them, to the processes they start, or into the buffer.

Runs inside a transaction somebody else commits, like `engine.cases`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from engine import definitions, step, subscriptions, undelivered
from engine.cases import start
from engine.db import Tx
from engine.routing import Actor
from engine.runner.values import Command, Deliver, Signal
from engine.step import Case, Record, take
from engine.subscriptions import Subscription
from engine.tables import cases

Stopped = Callable[[Case, Exception], None]
"""What becomes of a receiver that cannot take the step; without it the failure is the caller's."""


NUMBER = 64
"""The characters a case number has room for."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where a case started by a message lives."""

    area: str
    number: str
    title: str
    parent: str | None = None
    subject: str | None = None
    document: Mapping[str, Any] | None = None


def deliver(
    tx: Tx,
    name: str,
    correlation: str | None,
    variables: Mapping[str, Any],
    *,
    now: datetime,
    actor: Actor | None = None,
    ttl: timedelta | None = None,
    home: Home | None = None,
    stopped: Stopped | None = None,
) -> list[str]:
    """Bring a message to the one who waits for it, or start the process it starts (in `home`).

    A message has one receiver in each process (the oldest that waits); what is meant for everybody is a signal.
    With nobody there and a `ttl`, it waits that long for a receiver (the worker lays it into the buffer). Returns the ids of the
    cases reached.
    """
    reached: list[str] = []
    for case, found in _receivers(tx, name, correlation):
        record = _delivered(name, correlation, found.element, variables, actor)
        _bring(tx, case, Deliver(found.id, variables), record, now, stopped)
        reached.append(case.id)
    if not reached and home is not None:
        reached += _begin(tx, "message", name, variables, home, now=now, actor=actor)
    if not reached and ttl is not None:
        subscriptions.put(tx, name, correlation, variables, now, ttl=ttl)
        tx.after_commit("worker", tx.world.bell)
    return reached


def _receivers(tx: Tx, name: str, correlation: str | None) -> list[tuple[Case, Subscription]]:
    """Of each process the one that waits longest, its case locked. Cases are locked in one order, whoever locks several.

    Where one has heard it or ended meanwhile, all locks are given back and the choice is made anew.
    """
    gone: set[str] = set()
    while True:
        chosen: dict[str, Subscription] = {}
        for found in subscriptions.waiting_for(tx, "message", name, correlation):
            if found.id not in gone:
                chosen.setdefault(found.process, found)
        try:
            with tx.savepoint():
                wanted = sorted(chosen.values(), key=lambda one: one.case_id)
                return [(_still(tx, one), one) for one in wanted]
        except _Gone as late:
            gone.add(str(late))


class _Gone(Exception):
    """It waits no longer."""


def _still(tx: Tx, found: Subscription) -> Case:
    case = step.lock(tx, found.case_id)
    if subscriptions.get(tx, found.id) is None or case.status != "active":
        raise _Gone(found.id)
    return case


def _bring(
    tx: Tx, case: Case, command: Command, record: Record, now: datetime, stopped: Stopped | None
) -> None:
    """One receiver's step. One that cannot take it has written nothing, whatever was in its way."""
    if stopped is None:
        take(tx, case, command, record, now)
        return
    try:
        with tx.savepoint():
            take(tx, case, command, record, now)
    except OperationalError:
        raise  # nothing of the step's own: the whole is tried again
    except Exception as failed:
        stopped(case, failed)


def broadcast(
    tx: Tx,
    name: str,
    variables: Mapping[str, Any],
    *,
    now: datetime,
    home: Home | None = None,
    stopped: Stopped | None = None,
    sender: str | None = None,
) -> list[str]:
    """A signal to every case that waits for it, and to the processes it starts (in `home`).

    The case that threw it (`sender`) has heard it in the step that threw it; what it waits for since is the next one.
    """
    reached = {s.case_id for s in subscriptions.waiting_for(tx, "signal", name, None)} - {sender}
    for case_id in sorted(reached):
        case = step.lock(tx, case_id)
        if case.status == "active":
            record = Record("signal.caught", payload={"signal": name})
            _bring(tx, case, Signal(name, variables), record, now, stopped)
    begun = _begin(tx, "signal", name, variables, home, now=now) if home is not None else []
    return [*sorted(reached), *begun]


def _begin(
    tx: Tx,
    kind: str,
    name: str,
    variables: Mapping[str, Any],
    home: Home,
    *,
    now: datetime,
    actor: Actor | None = None,
) -> list[str]:
    """Open a case of every process that a message or signal starts."""
    return [
        start(
            tx,
            process,
            now=now,
            area=home.area,
            number=home.number,
            title=home.title,
            actor=actor,
            variables=variables,
            document=home.document,
            event=event,
            parent=home.parent,
            subject=home.subject,
        )
        for process, event in definitions.started_by(tx, kind, name, now)
    ]


def relay(tx: Tx, message: subscriptions.Message, now: datetime) -> None:
    """Deliver what a case has thrown; what it starts lives where the thrower does. Nobody there: a message waits (signals do not).

    A receiver that cannot take the step gets an incident and keeps the message; the others receive it.
    """
    home = _beside(tx, message)

    def stopped(case: Case, failed: Exception) -> None:
        undelivered.keep(tx, step.lock(tx, case.id), message, failed, now)

    name, key, given = message.name, message.correlation, message.variables
    if message.kind == "signal":
        broadcast(tx, name, given, now=now, home=home, stopped=stopped, sender=message.sender)
    elif not deliver(tx, name, key, given, now=now, home=home, stopped=stopped):
        subscriptions.lay_down(tx, message)
        return
    subscriptions.settle(tx, message.id, "delivered")


def fetch(tx: Tx, case_id: str, now: datetime) -> None:
    """A case that has begun to wait gets the oldest message that waited for it: one message, one step of its own.

    Raises StepFailed (the caller rolls back: the message lies in the buffer as before).
    """
    case = step.lock(tx, case_id)
    found = subscriptions.claim(tx, case_id, now)
    if found is not None:
        message, subscription = found
        record = _delivered(message.name, message.correlation, subscription.element, message.variables)
        take(tx, case, Deliver(subscription.id, message.variables), record, now)


def _delivered(
    name: str,
    correlation: str | None,
    element: str,
    variables: Mapping[str, Any],
    actor: Actor | None = None,
) -> Record:
    payload = {"message": name, "correlation": correlation, "element": element, "values": dict(variables)}
    return Record("message.delivered", actor.id if actor else None, payload=payload)


def _beside(tx: Tx, message: subscriptions.Message) -> Home | None:
    """The home of what a case's message starts: its own area, a number that says where it came from."""
    if message.sender is None:
        return None
    query = select(cases.c.area, cases.c.number, cases.c.title).where(cases.c.id == message.sender)
    row = tx.run(query).one()
    tail = message.id[
        : 6 if len(row.number) < NUMBER - 6 else 16
    ]  # a long line of senders: its end is cut, not refused
    number = f"{row.number[: NUMBER - 1 - len(tail)]}-{tail}"
    return Home(row.area, number, row.title, parent=message.sender)
