"""Households of the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import false, or_, select

from casework.tables import households
from engine.db import Tx, made


@dataclass(frozen=True, slots=True)
class Household:
    id: str
    area: str
    head: str
    size: int


def search(tx: Tx, q: str, places: Iterable[str], limit: int) -> list[Household]:
    """Households of these areas whose head's name matches."""
    h = households.c
    inside = [or_(h.area == place, h.area.startswith(place + "/", autoescape=True)) for place in places]
    query = select(h.id, h.area, h.head, h.size).where(or_(*inside) if inside else false())
    if q:
        query = query.where(h.head.contains(q, autoescape=True))
    return [made(Household, row) for row in tx.run(query.order_by(h.area, h.id).limit(limit))]
