"""近亲属备案: who is related to a household does not act on its case."""

from __future__ import annotations

from sqlalchemy import select

from casework.tables import households, kinship
from engine.db import Tx
from engine.routing import Actor
from engine.tables import cases


def recusal(tx: Tx, actor: Actor, case_id: str) -> str | None:
    """Why the actor is recused from a case, or None: a declared relation to the household the case is about."""
    query = (
        select(kinship.c.relation)
        .join(households, households.c.id == kinship.c.household)
        .join(cases, (cases.c.title == households.c.head) & (cases.c.area == households.c.area))
        .where(kinship.c.person == actor.id, cases.c.id == case_id)
    )
    relation = tx.run(query).scalars().first()
    return f"您与该户有{relation}关系（近亲属备案）" if relation else None
