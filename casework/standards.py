"""Dated amounts per area: the monthly dibao standard and others. Never in code."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from casework.tables import standards
from engine.db import Tx


def standard(tx: Tx | None, area: str, key: str, on: date) -> Any:
    """The amount in force that day in the area or the nearest area above it; None when there is none."""
    if tx is None:
        return None
    above = ["/".join(area.split("/")[: n + 1]) for n in range(area.count("/") + 1)]
    s = standards.c
    query = select(s.amount).where(s.key == key, s.area.in_(above), s.valid_from <= on)
    return tx.run(query.order_by(s.area.desc(), s.valid_from.desc()).limit(1)).scalar()
