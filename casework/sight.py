"""Who may know of a case: the people of its area and who opened it; sealed ones are kept from those they are about (K4)."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import ColumnElement, and_, or_, select, true

from casework import places
from engine import step
from engine.db import Tx, made
from engine.errors import Forbidden, NotFound
from engine.model import Tier
from engine.routing import Actor, sees
from engine.tables import cases
from engine.worklist import in_sight

SEALED = ("handle_objection",)
"""Cases kept from the village: whoever objects to a neighbour's aid is protected (K4)."""
CONFIDENTIAL = ("complaint", "petition_review", "accountability")
"""Cases the district keeps to itself: who complains is protected from those complained about."""


class Known(Protocol):
    """What a case is judged by."""

    @property
    def area(self) -> str: ...
    @property
    def process(self) -> str: ...
    @property
    def opened_by(self) -> str | None: ...


def hidden(actor: Actor) -> tuple[str, ...]:
    """Processes whose cases somebody of these tiers does not see, unless having opened them."""
    tiers = {held.tier for held in actor.appointments}
    if Tier.DISTRICT in tiers:
        return ()
    return CONFIDENTIAL if Tier.TOWN in tiers else (*SEALED, *CONFIDENTIAL)


def open_to(actor: Actor) -> ColumnElement[bool]:
    """The SQL for cases that are not sealed from the actor."""
    kept = hidden(actor)
    return or_(cases.c.process.not_in(kept), cases.c.opened_by == actor.id) if kept else true()


def listed(actor: Actor, root: str | None = None) -> ColumnElement[bool]:
    """The SQL of `inside`, narrowed to a subtree if asked: what a list of cases, or of anything that names one, may show."""
    return and_(in_sight(actor, cases.c.area, root), open_to(actor))


def inside(actor: Actor, case: Known) -> bool:
    """Is it a case of the actor's areas, and not sealed from the actor?"""
    return sees(actor, case.area) and not sealed(actor, case)


def sealed(actor: Actor, case: Known) -> bool:
    """Is it kept from the actor, whatever the area?"""
    return case.process in hidden(actor) and case.opened_by != actor.id


def knows(tx: Tx, actor: Actor, case: step.Case) -> bool:
    """Inside, opened by the actor, or handed over from the actor's areas (what was done there stays readable)."""
    if inside(actor, case) or case.opened_by == actor.id:
        return True
    return case.process not in hidden(actor) and places.read_until(tx, actor, case.id) is not None


def known(tx: Tx, actor: Actor, case_id: str) -> step.Case:
    """A case the actor may know of. Raises NotFound."""
    found = _load(tx, case_id)
    if found is None or not knows(tx, actor, found):
        raise unknown()
    return found


def within(tx: Tx, actor: Actor, case_id: str) -> step.Case:
    """A case of the actor's areas, not sealed from the actor. Raises NotFound, or Forbidden where the actor may know of it."""
    found = known(tx, actor, case_id)
    if not inside(actor, found):
        raise Forbidden("这件事项不在您的区域范围内。", "The case is outside your areas.")
    return found


def _load(tx: Tx, case_id: str) -> step.Case | None:
    row = tx.run(select(*step.COLUMNS).where(cases.c.id == case_id)).one_or_none()
    return made(step.Case, row) if row is not None else None


def unknown() -> NotFound:
    return NotFound("没有这件救助事项，或您无权查看。", "No such case.")
