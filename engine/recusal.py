"""回避: the one rule every act of a person on a case passes – on its steps, its messages, its dates, and on the case as a whole.

Who is related to whom a case is about does nothing with it; colleagues do, and where they are all related their superiors (`World.superior`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine import before_step
from engine.db import Tx
from engine.errors import Forbidden
from engine.routing import Actor, Route, reaches


def why(tx: Tx, case: Any, actor: Actor) -> str | None:
    """Why the actor must withdraw from a case, in words with the article; None where there is no reason."""
    found = before_step.relations(tx, [actor.id], case.subject, case.title, case.area)
    return _words(tx, actor, found[actor.id]) if found else None


def not_related(tx: Tx, case: Any, actor: Actor) -> None:
    """Raises Forbidden, with the article."""
    refuse(
        tx, actor, before_step.relations(tx, [actor.id], case.subject, case.title, case.area).get(actor.id)
    )


def refuse(tx: Tx, actor: Actor, relation: str | None) -> None:
    """The same where the actor's relation to the household is known."""
    if relation:
        raise Forbidden(_words(tx, actor, relation), "The person is recused.", code="recused")


def _words(tx: Tx, actor: Actor, relation: str) -> str:
    return f"须回避：{tx.world.recused(tx, actor.id, actor.name, relation)}。"


def entitled(tx: Tx, actor: Actor, route: Route, case: Any, now: datetime) -> bool:
    """Do the actor's posts do what is routed there – or are those who hold them all related, and the actor is one of their superiors?"""
    return reaches(actor, route, case.area) or tx.world.superior(tx, actor, route.posts, case, now)
