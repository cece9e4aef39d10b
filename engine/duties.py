"""Separation of duties: who may not act on a case, and who has signed what."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import before_step, definitions, feel, filling, recusal, step, worklist
from engine.db import Tx, dumps
from engine.errors import Forbidden
from engine.routing import Actor
from engine.step import Case


@dataclass(frozen=True, slots=True)
class Completion:
    """What submitting a task did. `finished` is false while another person must still sign."""

    case_id: str
    finished: bool
    signed: int
    needed: int


def not_recused(tx: Tx, case: Case, row: Any, actor: Actor, now: datetime) -> None:
    """Separation of duties: who did an earlier step, or is kin, does not act."""
    barred(tx, case, row, actor, now, before_step.look(tx, case.id, actor.id).relation)


def barred(tx: Tx, case: Case, row: Any, actor: Actor, now: datetime, relation: str | None) -> None:
    """The same where the actor's relation to the household is known. Raises Forbidden."""
    bar(tx, case, row.recuse, row.id, row.path, actor, now, relation)


def bar(
    tx: Tx,
    case: Case,
    recuse: str | None,
    token: str,
    path: str,
    actor: Actor,
    now: datetime,
    relation: str | None,
) -> None:
    """The same at any token: a task's, or one that waits for a message. Raises Forbidden."""
    recusal.refuse(tx, actor, relation)
    if actor.id in earlier(tx, case, recuse, token, path, now):
        raise Forbidden(
            "您办理过本件的前序环节，须由他人办理本环节。",
            "You did an earlier step of this case.",
            code="recused",
        )


def earlier(tx: Tx, case: Case, recuse: str | None, token: str, path: str, now: datetime) -> list[str]:
    """Whom a task's `recuse` names: who did the earlier steps it tells, in this matter."""
    text = (recuse or "").strip()
    if not text or text == "kin":
        return []

    def actors(*elements: str) -> list[str]:
        return worklist.actors_of(tx, case.id, elements, path)

    functions = step.host_of(tx, case, definitions.pinned(tx, case.pins), now, actors).functions(now, {})
    found = feel.evaluate(text, filling.context(tx, case, token, path), functions).value
    return [str(one) for one in (found if isinstance(found, list) else [found]) if one is not None]


def signatures(row: Any, actor: Actor, values: Mapping[str, Any], now: datetime) -> list[worklist.Signature]:
    digest = hashlib.sha256(dumps(values).encode()).hexdigest()
    kept = [worklist.Signature(**s) for s in row.acted if s["digest"] == digest]
    return [*kept, worklist.Signature(actor.id, actor.name, now.isoformat(), digest)]
