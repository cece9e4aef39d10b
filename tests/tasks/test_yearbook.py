"""How a simulated year is judged: by the act, and only where somebody had to act."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from engine.db import Tx
from engine.tables import clocks
from tasks import yearbook
from tests.tasks.rig import NOW, a_case

DUE = NOW + timedelta(days=10)


def clock(case: str, number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": f"c{number}", "case_id": case, "token": f"t{number}", "process": "p", "element": "e", "term": "t", "name": "补正期", "kind": "max",
        "terms_on": NOW.date(), "started_at": NOW, "entered_at": NOW, "due_at": DUE, "due": DUE.date(), "provisional": False, "state": "stopped",
        "pauses": [], **values,
    }  # fmt: skip


def test_a_period_that_ran_out_to_the_instant_is_nobodys_lateness(tx: Tx) -> None:
    case, second = a_case(tx, "L1"), timedelta(seconds=1)
    done = [(DUE - second, DUE - second), (DUE, DUE), (DUE + second, DUE + second), (DUE, DUE + second)]
    rows = [clock(case, n, ended_at=act, stopped_at=entry) for n, (act, entry) in enumerate(done)]
    running = clock(case, 9, state="running", stopped_at=None, ended_at=None)
    tx.run(insert(clocks), [*rows, running])
    (early,) = yearbook.compliance(tx, DUE - second)
    assert (early.total, early.on_time, early.late) == (3, 1, 2), (
        "what still runs within its time does not count"
    )
    (found,) = yearbook.compliance(tx, DUE + 2 * second)
    assert (found.total, found.on_time, found.late) == (4, 1, 3), "an act of the day after is late"
