"""回访: one follow-up per round of aid, opened by the first payment or, without one, when the lead arranges it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from engine import cases
from engine.db import Tx
from engine.step import Case
from engine.tables import cases as cases_table

PROCESS = "follow_up"
HEARD_BY_THEN = timedelta(days=3660)
"""How long an answer waits for its lead: longer than any round of aid, for no other visit is arranged while it waits (R62)."""


def open_for(tx: Tx, case: Case, variables: Mapping[str, Any], begun: datetime, now: datetime) -> str | None:
    """Open the follow-up of this round unless there is one already (open, or answered and not yet heard).

    `follow_ups`: how many the line has heard the end of. Returns the new case's id.
    """
    lead_no = str(variables.get("lead_no") or case.number)
    opened = tx.run(
        select(func.count()).where(
            cases_table.c.process == PROCESS, cases_table.c.number.like(f"{lead_no}-F%")
        )
    ).scalar_one()
    if int(opened) > int(variables.get("follow_ups") or 0):
        return None
    return cases.start(
        tx,
        PROCESS,
        now=now,
        area=case.area,
        number=f"{lead_no}-F{int(opened) + 1}",
        title=case.title,
        variables={"lead_no": lead_no, "follow_up_from": begun.isoformat(), "track": case.track},
        parent=case.id,
    )
