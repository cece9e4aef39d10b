"""Messages and signals a case could not take: kept, shown as an incident, delivered again when somebody says so.

One case's trouble stops neither the other receivers nor the worker. The kept message is out of circulation (`expired`): only a
retry of its incident brings it to the case it was for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine import incidents, subscriptions
from engine.db import Tx
from engine.errors import StepFailed, named, printable
from engine.locking import note
from engine.runner.values import Command, Deliver, Signal
from engine.step import Case, Record, lock, take
from engine.subscriptions import Message

OUT = "expired"


def keep(tx: Tx, case: Case, message: Message, failed: Exception, now: datetime) -> None:
    """The step that `message` set off in `case` failed; nothing of it was written."""
    kept = subscriptions.put(
        tx, message.name, message.correlation, message.variables, now, kind=message.kind, state=OUT
    )
    element = failed.element if isinstance(failed, StepFailed) else message.name
    _open(tx, case, kept, element, *named(failed), now)


def unsent(tx: Tx, message_id: str, code: str, why: str, element: str | None, now: datetime) -> None:
    """A message that could not be sent at all (what it starts cannot begin): an incident of the case that threw it.

    Nothing where somebody else has delivered it meanwhile.
    """
    message = subscriptions.sent(tx, message_id)
    if message is None:
        return
    subscriptions.settle(tx, message.id, OUT)
    if message.sender is not None:
        _open(tx, lock(tx, message.sender), message.id, element or message.name, code, why, now)


def unfetched(tx: Tx, case_id: str, code: str, why: str, element: str | None, now: datetime) -> None:
    """The message in the buffer that comes next for a case could not be taken: it is kept for the case."""
    case = lock(tx, case_id)
    found = subscriptions.claim(tx, case_id, now, state=OUT)
    if found is not None:
        message, subscription = found
        _open(tx, case, message.id, element or subscription.element, code, why, now)


def _open(tx: Tx, case: Case, ref: str, element: str, code: str, why: str, now: datetime) -> None:
    incidents.open_(tx, case.id, case.process, element, "message", ref, code, why, now)
    payload = {"element": element, "message": printable(why)}
    note(tx, case, Record("incident.opened", payload=payload), now)


def again(tx: Tx, case: Case, message_id: str, now: datetime) -> None:
    """Deliver a kept message to the case, or send it again when the case is its sender. Raises StepFailed as before.

    Nothing happens when the case no longer waits for it: there is nothing left to retry.
    """
    message = subscriptions.message(tx, message_id)
    if message.sender == case.id:
        subscriptions.settle(tx, message_id, "sent")
        tx.after_commit("worker", tx.world.bell)
        return
    found = next((s for s in subscriptions.of_case(tx, case.id) if s.takes(message)), None)
    if found is None:
        return
    payload: dict[str, Any] = {"message": message.name, "element": found.element}
    payload |= {"correlation": message.correlation, "values": dict(message.variables)}
    record = Record("message.delivered", payload=payload)
    command: Command = Deliver(found.id, message.variables)
    if message.kind == "signal":
        record = Record("signal.caught", payload={"signal": message.name})
        command = Signal(message.name, message.variables)
    take(tx, case, command, record, now)
    subscriptions.settle(tx, message_id, "delivered")
