"""Publicity: where, when and how the policy was explained, and to how many people (R21) – within a campaign or outside one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select

from casework.tables import publicity
from engine.db import Tx, new_id

P = publicity.c


def enter(
    tx: Tx,
    values: Mapping[str, Any],
    *,
    area: str,
    person: str,
    at: datetime,
    key: str | None = None,
    campaign: str | None = None,
    case_id: str | None = None,
) -> str:
    """Write a session down. `values`: held_on, place, form, people, topic, photos. With a `key`, a second writing changes nothing."""
    row_id = key or new_id()
    if tx.run(select(P.id).where(P.id == row_id)).first() is not None:
        return row_id
    held = values["held_on"]
    row = {
        "id": row_id,
        "area": area,
        "held_on": held if isinstance(held, date) else date.fromisoformat(str(held)[:10]),
        "place": values["place"],
        "form": values["form"],
        "people": int(values["people"]),
        "topic": values["topic"],
        "photos": list(values.get("photos") or []),
        "campaign": campaign,
        "person": person,
        "at": at,
        "case_id": case_id,
    }
    tx.run(insert(publicity), row)
    return row_id


def page(
    tx: Tx, where: ColumnElement[bool], *, campaign: str | None, offset: int, limit: int
) -> tuple[list[Any], int, int]:
    """Sessions within sight, newest first; how many, and how many people they reached."""
    conditions = [where, *([P.campaign == campaign] if campaign else [])]
    sums: Any = tx.run(select(func.count(), func.sum(P.people)).where(*conditions)).one()
    query = select(publicity).where(*conditions).order_by(P.held_on.desc(), P.at.desc(), P.id)
    return list(tx.run(query.offset(offset).limit(limit))), int(sums[0]), int(sums[1] or 0)


def reached(tx: Tx, campaign: str, area: str) -> tuple[int, int]:
    """Sessions and people of a campaign in an area and below."""
    inside = (P.area == area) | P.area.startswith(area + "/", autoescape=True)
    row: Any = tx.run(select(func.count(), func.sum(P.people)).where(P.campaign == campaign, inside)).one()
    return int(row[0]), int(row[1] or 0)
