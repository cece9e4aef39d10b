"""查阅敏感信息: with a reason, for a few hours, so many a day, and every one on record (policy.md D.4; people.md 5.13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, or_, select

from casework.tables import households, persons, reveals
from engine.calendar import ZONE, midnight
from engine.db import Tx, new_id
from engine.errors import Conflict, Field, Invalid
from engine.routing import Actor

LEAST = 4
"""Characters a reason must have: "工作" is none."""


def reveal(tx: Tx, actor: Actor, household: str, reason: str, now: datetime) -> datetime:
    """Open a household's sensitive fields to the actor; returns until when.

    Raises Invalid without a reason, Conflict when the day's limit is reached.
    """
    said = reason.strip()
    if len(said) < LEAST:
        raise Invalid(
            "请写明查阅事由。",
            "A reason is needed.",
            fields=[Field("reason", f"至少 {LEAST} 个字，如“入户核实医疗支出”")],
        )
    on = now.astimezone(ZONE).date()
    limit = int(tx.world.terms.parameter("reveal.per_day", on))
    r = reveals.c
    today = select(func.count(r.household.distinct())).where(r.person == actor.id, r.at >= midnight(on))
    if int(tx.run(today.where(r.household != household)).scalar_one()) >= limit:
        raise Conflict(
            f"今日查阅已达 {limit} 户上限，请明日再查或由他人查阅。",
            "The day's limit is reached.",
            code="reveal_limit",
        )
    until = now + timedelta(hours=int(tx.world.terms.parameter("reveal.hours", on)))
    row = {
        "id": new_id(),
        "person": actor.id,
        "household": household,
        "reason": said,
        "at": now,
        "until": until,
    }
    tx.run(insert(reveals), row)
    return until


def open_until(tx: Tx, person: str, household: str, now: datetime) -> datetime | None:
    """Until when the person sees the household in clear; None: it is masked."""
    r = reveals.c
    query = select(func.max(r.until)).where(r.person == person, r.household == household, r.until > now)
    return tx.run(query).scalar_one_or_none()


def record(
    tx: Tx, places: Sequence[str], offset: int, limit: int, household: str | None = None
) -> tuple[list[Any], int]:
    """Who looked, at whom, why – newest first, for households of these areas."""
    h = households.c
    inside = or_(*(or_(h.area == place, h.area.startswith(place + "/", autoescape=True)) for place in places))
    joined = reveals.join(households, h.id == reveals.c.household).join(
        persons, persons.c.id == reveals.c.person
    )
    where = [inside] if household is None else [inside, reveals.c.household == household]
    total = tx.run(select(func.count()).select_from(joined).where(*where)).scalar_one()
    query = (
        select(reveals, persons.c.name.label("who"), h.head, h.area)
        .select_from(joined)
        .where(*where)
        .order_by(reveals.c.at.desc(), reveals.c.id)
    )
    return list(tx.run(query.offset(offset).limit(limit))), int(total)
