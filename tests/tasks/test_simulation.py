"""A simulated year: the same seed is the same year, nobody falls through, and two versions are told apart."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from cli.main import app
from engine import wallclock
from engine.calendar import ZONE
from engine.db import Tx
from engine.tables import cases, clocks, incidents, jobs, subscriptions, timers, user_tasks
from tasks import settling, simulation, yearbook
from tasks.runtime import Runtime, Settings, deploy, migrate, open_runtime
from tests.api.office import every_history_replays
from tests.conftest import PROCESSES

LEADS = 8


def lived(folder: Path, seed: int, processes: Path = PROCESSES) -> tuple[Runtime, simulation.Simulation]:
    runtime = open_runtime(Settings(data=folder, processes=processes, simulated=True, demo=True))
    migrate(runtime)
    size = replace(settling.sizes()["small"], leads=LEADS)
    year = simulation.Simulation(runtime, size, 2026, seed)
    with runtime.db.transaction() as tx:
        wallclock.set_now(tx, year.begin)
        deploy(tx, processes, year.begin)
    year.run()
    return runtime, year


def shape(runtime: Runtime, year: simulation.Simulation) -> dict[str, yearbook.Course]:
    with runtime.db.reading() as tx:
        return yearbook.courses(tx, year.result.numbers)


def test_nobody_falls_through(tmp_path: Path) -> None:
    runtime, year = lived(tmp_path, 7)
    assert year.result.stuck == []
    assert year.result.leads == LEADS
    with runtime.db.reading() as tx:
        assert yearbook.forsaken(tx) == []
    with runtime.db.reading() as tx:
        assert tx.run(select(incidents.c.message).where(incidents.c.state == "open")).all() == []
        for row in tx.run(select(cases).where(cases.c.process == "active_discovery")).all():
            outcome = row.conclusion is not None
            below = select(cases.c.id).where((cases.c.parent == row.id) & (cases.c.status == "active"))
            busy = tx.run(
                select(user_tasks.c.id).where(user_tasks.c.case_id == row.id, user_tasks.c.state == "open")
            )
            waits = outcome or busy.first() is not None or tx.run(below).first() is not None
            assert waits or _waiting(tx, row.id), (
                f"{row.number} has neither an outcome nor anything open (R62)"
            )
    every_history_replays(runtime)
    only_limits_to_act_are_kept_or_broken_and_long_pauses_are_named(runtime, year)
    runtime.db.engine.dispose()


def only_limits_to_act_are_kept_or_broken_and_long_pauses_are_named(
    runtime: Runtime, year: simulation.Simulation
) -> None:
    with runtime.db.transaction() as tx:
        least = set(tx.run(select(clocks.c.term).where(clocks.c.kind == "min")).scalars())
        told = {c.term for c in yearbook.compliance(tx, year.end)}
        assert told
        assert not least & told
        one = tx.run(select(clocks.c.id).where(clocks.c.state == "running").limit(1)).scalar_one()
        since = (year.end - timedelta(days=81)).isoformat()
        pause = {"from": since, "to": None, "reason": "supplement", "token": "x"}
        tx.run(update(clocks).where(clocks.c.id == one).values(state="paused", pauses=[pause]))
        (found,) = [s for s in yearbook.standing(tx, year.end) if round(s.longest) == 81]
        assert (found.clocks, found.reasons) == (1, ("等待补正",))


def _waiting(tx: Tx, case_id: str) -> bool:
    """An outside party, a timer or a job is awaited."""
    for table, state in ((subscriptions, "open"), (timers, "pending"), (jobs, "ready")):
        query = select(table.c.id).where(table.c.case_id == case_id, table.c.state == state)
        if tx.run(query).first() is not None:
            return True
    return False


class Weeks(simulation.Simulation):
    """Some days of May in which all leads come at once; `habits` as the test says."""

    def begins(self, days: int, **habits: Any) -> None:
        self.begin = self.now = self.looked = datetime(self.begin.year, 5, 11, tzinfo=ZONE)
        self.end = self.begin + timedelta(days=days)
        self.habits = self.habits | habits

    def _arrival(self, number: int) -> datetime:
        return self.begin + timedelta(hours=9, minutes=self.chance("arrival", number).randrange(60))


def weeks(
    folder: Path, days: int, year: int = 2026, **habits: Any
) -> tuple[Weeks, dict[str, float], dict[str, yearbook.Course]]:
    """→ the weeks as lived, how long the steps of each element waited in all, and the leads' courses."""
    runtime = open_runtime(Settings(data=folder, processes=PROCESSES, simulated=True, demo=True))
    migrate(runtime)
    lived = Weeks(runtime, replace(settling.sizes()["small"], leads=6), year, 7)
    lived.begins(days, **habits)
    with runtime.db.transaction() as tx:
        wallclock.set_now(tx, lived.begin)
        deploy(tx, PROCESSES, lived.begin)
    lived.run()
    with runtime.db.reading() as tx:
        waited = {b.element: b.waited for b in yearbook.bottlenecks(tx)}
    made = shape(runtime, lived)
    runtime.db.engine.dispose()
    return lived, waited, made


def test_the_same_seed_is_the_same_time(tmp_path: Path) -> None:
    """Another folder, another database, other ids: not a due day, a step or a person is different."""
    one, waited, courses = weeks(tmp_path / "one", 30)
    two, again, others = weeks(tmp_path / "two", 30)
    assert courses == others
    assert waited == again
    assert one.result.work == two.result.work


def test_load_changes_how_long_a_step_waits(tmp_path: Path) -> None:
    def effort(hours: float) -> dict[str, Any]:
        one = {"median": hours, "spread": 0.0}
        return {"effort": {"village": one, "town": one, "district": one}}

    quick, before, _ = weeks(tmp_path / "quick", 4, **effort(0.1))
    slow, after, _ = weeks(tmp_path / "slow", 4, **effort(6.0))
    assert quick.result.stuck == slow.result.stuck == []
    assert quick.result.numbers.keys() == slow.result.numbers.keys()
    assert after["town_ack"] > before["town_ack"]


def test_nothing_is_done_while_everybody_is_away(tmp_path: Path) -> None:
    """And the year before the demo's people were appointed can be lived, too."""
    away, waited, _ = weeks(tmp_path, 2, 2025, absence={"weeks": 52})
    assert (away.result.leads, away.result.steps, away.result.stuck, waited) == (0, 0, [], {})


def test_the_command_prints_one_document_and_keeps_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "year"
    answer = CliRunner().invoke(app, ["simulate", "--leads", "2", "--data", str(folder), "--json"])
    assert answer.exit_code == 0, answer.output
    said = json.loads(answer.stdout)
    assert said["leads"] == 2
    assert said["forsaken"] == []
    assert {row["term"] for row in said["compliance"]} >= {"lead.gap"}
    assert (folder / "xunzhen.db").is_file()
    again = CliRunner().invoke(app, ["simulate", "--leads", "2", "--data", str(folder), "--json"])
    assert (again.exit_code, json.loads(again.stdout)["error"]["code"]) == (2, "not_empty")


def test_a_year_that_forsakes_a_lead_is_no_good_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yearbook, "forsaken", lambda tx: ["1201150022026090001"])
    monkeypatch.setattr(simulation.Simulation, "run", lambda self: None)
    answer = CliRunner().invoke(app, ["simulate", "--leads", "1"])
    assert answer.exit_code == 1
    assert "无人接续 1201150022026090001" in answer.stdout


def test_an_unknown_size_is_named() -> None:
    answer = CliRunner().invoke(app, ["simulate", "--district", "moon", "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "unknown_size")
