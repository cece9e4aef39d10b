"""投诉: which cases are complained about. A complaint marks the application it concerns; the bureau then must visit (C-25)."""

from __future__ import annotations

from sqlalchemy import select

from engine.db import Tx
from engine.tables import cases

C = cases.c
PROCESS = "complaint"


def concerns(tx: Tx, number: str) -> bool:
    """Is there a complaint about the case with this number, about what it came from, or about what came of it?

    A complaint that was found groundless and closed no longer counts.
    """
    parent = cases.alias()
    query = (
        select(parent.c.number, C.status, C.variables)
        .select_from(cases)
        .join(parent, parent.c.id == C.parent)
        .where(C.process == PROCESS, C.status != "cancelled")
    )
    for row in tx.run(query):
        related = (
            row.number == number or number.startswith(f"{row.number}-") or row.number.startswith(f"{number}-")
        )
        groundless = row.status == "completed" and row.variables.get("complaint_finding") == "unfounded"
        if related and not groundless:
            return True
    return False
