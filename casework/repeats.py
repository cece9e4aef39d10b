"""再次救助: whether the same cause has been helped this year already (C-8, `repeat_rule`), in earlier leads or earlier rounds of this one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from casework import rediscovery
from casework.tables import decisions, leads, payouts
from engine.calendar import ZONE, instant
from engine.db import Tx
from engine.tables import cases

TEMPORARY = ("TEMP_EXPENDITURE", "TEMP_EMERGENCY")
"""Programmes of temporary relief 临时救助; small quick relief is one too, its money tells of it."""


def same_cause(tx: Tx, key: Any) -> bool | None:
    """For an expression: `{lead, at}` → whether this person's cause was helped often enough this year, as the books stood at `at`.

    A case that is played again asks with the moment of the step and hears what was known then. None for a lead nobody knows.
    """
    if not isinstance(key, Mapping) or not key.get("at"):
        return None
    number, at = str(key.get("lead")), instant(key["at"])
    query = select(leads, cases.c.document).join(cases, cases.c.id == leads.c.case_id)
    row = tx.run(query.where(leads.c.number == number)).one_or_none()
    if row is None:
        return None
    told = (row.document.get("") or {}).get("lead") or {}
    past = rediscovery.history(
        tx, subject=row.subject, area=row.area, phone=told.get("subject_phone"), besides=number
    )
    same = [number, *(one.number for one in past if one.cause == row.cause)]
    today = at.astimezone(ZONE).date()
    helped = sum(times(tx, one, today.year, at) for one in same)
    return helped >= int(tx.world.terms.parameter("repeat_rule", today))


def times(tx: Tx, lead_no: str, year: int, known: datetime) -> int:
    """How often temporary relief was given on a lead in a year (C-8): approved on file, or small quick relief paid.

    Quick relief that became emergency relief in its round is one relief.
    """
    d, p = decisions.c, payouts.c
    begins, ends = date(year, 1, 1), date(year + 1, 1, 1)
    approved = select(d.application_no).where(
        d.application_no.startswith(f"{lead_no}-", autoescape=True),
        d.programme.in_(TEMPORARY),
        d.result == "approved",
        d.decided_on >= begins,
        d.decided_on < ends,
        or_(d.entered_at.is_(None), d.entered_at <= known),
    )
    quick = select(p.application_no).where(
        p.application_no.startswith(f"{lead_no}-K", autoescape=True),
        or_(p.state == "paid", p.returned_at > known),
        p.paid_at >= instant(begins),
        p.paid_at < instant(ends),
        or_(p.confirmed_at.is_(None), p.confirmed_at <= known),
    )
    given = {number for query in (approved, quick) for number in tx.run(query).scalars()}
    return len({"-K".join(number.rsplit("-E", 1)) for number in given})
