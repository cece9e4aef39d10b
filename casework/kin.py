"""近亲属备案: who is related to a household does not act on its case."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from casework.tables import households, kinship
from engine.db import Tx
from engine.routing import Actor
from engine.tables import cases

_RELATION = (
    select(kinship.c.relation)
    .join(households, households.c.id == kinship.c.household)
    .join(cases, (cases.c.title == households.c.head) & (cases.c.area == households.c.area))
    .where(kinship.c.person == bindparam("actor"), cases.c.id == bindparam("case"))
)


def recusal(tx: Tx, actor: Actor, case_id: str) -> str | None:
    """Why the actor is recused from a case, or None: a declared relation to the household the case is about."""
    relation = tx.run(_RELATION, {"actor": actor.id, "case": case_id}).scalars().first()
    return f"您与该户有{relation}关系（近亲属备案）" if relation else None
