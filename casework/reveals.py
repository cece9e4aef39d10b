"""查阅敏感信息: with a reason, for a few hours, so many a day, and every one on record (policy.md D.4; people.md 5.13).

A row is about a household or a case. Of a case there are rows of two kinds: somebody gave a reason (`until`), or read it in clear for the
work they have with it (`day`): once a day, person, case and purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from casework import sight
from casework.tables import households, persons, reveals
from engine.calendar import ZONE, midnight
from engine.db import Tx, made, new_id
from engine.errors import Conflict, Field, Invalid
from engine.routing import Actor
from engine.tables import cases

LEAST = 4
"""Characters a reason must have: "工作" is none."""
LONGEST = 200
"""Characters of a purpose that are kept."""
R = reveals.c


def reveal(
    tx: Tx,
    actor: Actor,
    reason: str,
    now: datetime,
    *,
    household: str | None = None,
    case_id: str | None = None,
) -> datetime:
    """Open the sensitive fields of a household or a case to the actor; returns until when.

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
    about = func.coalesce(R.household, R.case_id)
    today = select(func.count(about.distinct())).where(
        R.person == actor.id, R.at >= midnight(on), R.until.is_not(None)
    )
    if int(tx.run(today.where(about != (household or case_id))).scalar_one()) >= limit:
        raise Conflict(
            f"今日查阅已达 {limit} 户（件）上限，请明日再查或由他人查阅。",
            "The day's limit is reached.",
            code="reveal_limit",
        )
    until = now + timedelta(hours=int(tx.world.terms.parameter("reveal.hours", on)))
    row = {
        "id": new_id(),
        "person": actor.id,
        "household": household,
        "case_id": case_id,
        "reason": said,
        "at": now,
        "until": until,
    }
    tx.run(insert(reveals), row)
    return until


def open_until(
    tx: Tx, person: str, now: datetime, *, household: str | None = None, case_id: str | None = None
) -> datetime | None:
    """Until when the person sees the household or the case in clear; None: it is masked."""
    about = R.household == household if household is not None else R.case_id == case_id
    query = select(func.max(R.until)).where(R.person == person, about, R.until > now)
    return tx.run(query).scalar_one_or_none()


# ------------------------------------------------------------------------------------------ readings of cases
@dataclass(frozen=True, slots=True)
class Reading:
    """Sensitive answers of a case were shown in clear. `purpose`: the name of the step, what was printed."""

    person: str
    case_id: str
    purpose: str
    at: datetime


def unwritten(tx: Tx, readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """The rows of those that are not on record yet that day."""
    return [row for row in rows(readings) if not _written(tx, row)]


def rows(readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """Each once."""
    found = {
        (one.person, one.case_id, one.purpose[:LONGEST]): {
            "person": one.person,
            "case_id": one.case_id,
            "reason": one.purpose[:LONGEST],
            "day": one.at.astimezone(ZONE).date(),
            "at": one.at,
        }
        for one in readings
    }
    return list(found.values())


def _written(tx: Tx, row: dict[str, Any]) -> bool:
    same = [R[name] == row[name] for name in ("case_id", "person", "day", "reason")]
    return tx.run(select(R.id).where(*same)).first() is not None


def write(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Put readings on record. Of two at once one row stays: the index says which are the same."""
    inserted = (postgresql if tx.together else sqlite).insert(reveals).on_conflict_do_nothing()
    tx.run(inserted, [{"id": new_id(), **row} for row in rows])


# ------------------------------------------------------------------------------------------ the record
@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody looked. `until`: having given a reason; None: for a step of the case. `title`: the household's head, the case's title."""

    at: datetime
    until: datetime | None
    who: str
    reason: str
    household: str | None
    case_id: str | None
    number: str | None
    title: str
    area: str


def record(
    tx: Tx,
    actor: Actor,
    places: Sequence[str],
    offset: int,
    limit: int,
    *,
    household: str | None = None,
    case_id: str | None = None,
) -> tuple[list[Looked], int]:
    """Who looked, at whom, why – newest first, for households and cases of these areas, without those sealed from the actor."""
    h, c = households.c, cases.c
    joined = (
        reveals.join(persons, persons.c.id == R.person)
        .outerjoin(households, h.id == R.household)
        .outerjoin(cases, c.id == R.case_id)
    )
    area = func.coalesce(h.area, c.area)
    where: list[ColumnElement[bool]] = [
        or_(*(or_(area == place, area.startswith(place + "/", autoescape=True)) for place in places)),
        or_(R.case_id.is_(None), sight.open_to(actor)),
    ]
    if household is not None:
        where.append(R.household == household)
    if case_id is not None:
        where.append(R.case_id == case_id)
    total = tx.run(select(func.count()).select_from(joined).where(*where)).scalar_one()
    query = (
        select(
            R.at, R.until, persons.c.name, R.reason, R.household, R.case_id, c.number,
            func.coalesce(h.head, c.title), area,
        )
        .select_from(joined)
        .where(*where)
        .order_by(R.at.desc(), R.id)
    )  # fmt: skip
    return [made(Looked, row) for row in tx.run(query.offset(offset).limit(limit))], int(total)
