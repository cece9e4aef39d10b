"""What must hold whatever people do: random short years of a district, lived through by the real engine (issue "Must hold").

`XUNZHEN_YEARS` says how many years are lived (one by default), `XUNZHEN_SEED` where the seeds begin; the seed of a year that broke
a promise stands in the failure.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import leads as records
from casework.tables import decisions, leads, notices
from engine import clocks, wallclock
from engine.calendar import ZONE
from engine.db import Tx
from engine.tables import cases, incidents, jobs, subscriptions, timers, user_tasks
from engine.tables import clocks as clocks_table
from tasks import settling, simulation, yearbook
from tasks.runtime import Settings, deploy, migrate, open_runtime
from tests.conftest import PROCESSES
from tests.tasks.test_notices import ALLOWED

FIRST = int(os.environ.get("XUNZHEN_SEED", "20260"))
YEARS = [FIRST + n for n in range(int(os.environ.get("XUNZHEN_YEARS", "1")))]
DAYS, ARRIVALS, LEADS = 45, 12, 5
DECIDING = ("town_decide", "district_decide")


class ShortYear(simulation.Simulation):
    """Six weeks from a random day on: leads arrive in the first twelve days."""

    def begins(self, at: datetime) -> None:
        self.begin = self.now = self.looked = at
        self.end = at + timedelta(days=DAYS)

    def arrival(self, number: int) -> datetime:
        dice = self.chance("arrival", number)
        return self.begin + timedelta(days=dice.randrange(ARRIVALS), minutes=dice.randrange(8 * 60, 21 * 60))


def lived(folder: Path, seed: int) -> ShortYear:
    runtime = open_runtime(Settings(data=folder, processes=PROCESSES, simulated=True, demo=True))
    migrate(runtime)
    size = replace(settling.sizes()["small"], leads=LEADS)
    year = ShortYear(runtime, size, 2026, seed)
    year.begins(datetime(2026, 1, 5, tzinfo=ZONE) + timedelta(days=random.Random(seed).randrange(260)))
    with runtime.db.transaction() as tx:
        wallclock.set_now(tx, year.begin)
        deploy(tx, PROCESSES, year.begin)
    year.run()
    return year


# ------------------------------------------------------------------------------------------ the promises
def no_confirmed_lead_without_outcome_or_open_clock(tx: Tx) -> None:
    for row in tx.run(select(cases).where(cases.c.process == records.PROCESS)).all():
        if row.variables.get("verify_result") != "confirmed":
            continue
        conclusion = tx.run(select(leads.c.conclusion).where(leads.c.number == row.number)).scalar_one()
        if row.status != "active":
            assert conclusion, f"{row.number} is closed without an outcome (R62)"
            continue
        line = select(cases.c.id).where(cases.c.number.like(f"{row.number}%"))
        running = select(clocks_table.c.id).where(
            clocks_table.c.case_id.in_(line), clocks_table.c.state.in_(["running", "paused"])
        )
        assert tx.run(running).first() is not None, f"{row.number} waits without a clock (R62)"


def nobody_is_forsaken(tx: Tx) -> None:
    assert yearbook.forsaken(tx) == [], "nothing and nobody will bring these leads on (R62)"


def no_case_closed_with_an_open_step(tx: Tx) -> None:
    for row in tx.run(select(cases).where(cases.c.status != "active")).all():
        for table, state in (
            (user_tasks, "open"),
            (jobs, "ready"),
            (subscriptions, "open"),
            (timers, "pending"),
        ):
            left = tx.run(select(table.c.id).where(table.c.case_id == row.id, table.c.state == state)).first()
            assert left is None, f"{row.number} is closed with something open in {table.name}"
        if row.process == records.PROCESS and row.variables.get("verify_result") == "confirmed":
            assert records.answered(row.variables), (
                f"{row.number} was closed before the waterfall was through (R68)"
            )


def no_notice_off_the_allow_list(tx: Tx) -> None:
    for row in tx.run(select(notices.c.number, notices.c.content)):
        assert set(row.content) == ALLOWED, row.number


def no_date_without_receipt(tx: Tx) -> None:
    known: dict[str, set[datetime]] = {}
    for case_id in tx.run(select(cases.c.id)).scalars().all():
        for clock in clocks.of_case(tx, case_id):
            receipt = clocks.deadline_of(tx.world, clock)
            assert (receipt.due_at, receipt.due) == (clock.due_at, clock.due), (clock.term, case_id)
            assert any(day.counted for day in receipt.days), f"{clock.term} says nothing about its date"
            assert tx.world.terms.get(clock.term, clock.terms_on).citation, f"{clock.term} has no source"
            known.setdefault(case_id, set()).add(clock.due_at)
    t = user_tasks.c
    for row in tx.run(select(t.case_id, t.element, t.due_at).where(t.due_at.is_not(None), t.state == "open")):
        assert row.due_at in known.get(row.case_id, set()), f"{row.element} has a date no clock explains"


def every_decision_has_a_named_person(tx: Tx) -> None:
    t = user_tasks.c
    for row in tx.run(select(user_tasks).where(t.state == "completed")):
        assert row.ended_by, f"{row.element} was done by nobody"
    for made in tx.run(select(decisions).where(decisions.c.result != "not_accepted")).all():
        done = select(t.ended_by).where(
            t.case_id == made.case_id, t.element.in_(DECIDING), t.state == "completed"
        )
        assert tx.run(done).first() is not None, f"{made.number} was decided by no person"


PROMISES: tuple[Callable[[Tx], Any], ...] = (
    no_confirmed_lead_without_outcome_or_open_clock,
    nobody_is_forsaken,
    no_case_closed_with_an_open_step,
    no_notice_off_the_allow_list,
    no_date_without_receipt,
    every_decision_has_a_named_person,
)


@pytest.mark.parametrize("seed", YEARS)
def test_a_random_year_keeps_the_promises(tmp_path: Path, seed: int) -> None:
    year = lived(tmp_path, seed)
    assert year.result.leads == LEADS
    with year.db.reading() as tx:
        assert tx.run(select(incidents.c.message).where(incidents.c.state == "open")).all() == [], (
            f"seed {seed}"
        )
        for promise in PROMISES:
            promise(tx)
    year.db.engine.dispose()
