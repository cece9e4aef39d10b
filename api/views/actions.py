"""What may be done with a case or a task, as its page offers it."""

from __future__ import annotations

from collections.abc import Sequence

from api import schemas
from engine import recusal
from engine.db import Tx
from engine.routing import Actor
from engine.step import Case


def unless_kin(tx: Tx, actor: Actor, case: Case, offered: Sequence[schemas.Action]) -> list[schemas.Action]:
    """The same for who is no relative; who is one is told why nothing of it goes, but for giving back what they hold."""
    why = recusal.why(tx, case, actor)
    if why is None:
        return list(offered)
    return [
        one if one.key == "release" else one.model_copy(update={"enabled": False, "reason": why})
        for one in offered
    ]
