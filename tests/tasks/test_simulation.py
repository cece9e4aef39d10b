"""A simulated year: the same seed is the same year, nobody falls through, and two versions are told apart."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from cli.main import app
from engine import wallclock
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


@pytest.mark.parametrize("seed", [1, 7])
def test_nobody_falls_through(tmp_path: Path, seed: int) -> None:
    runtime, year = lived(tmp_path, seed)
    assert year.result.stuck == []
    assert year.result.leads == LEADS
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
    runtime.db.engine.dispose()


def _waiting(tx: Tx, case_id: str) -> bool:
    """An outside party, a timer or a job is awaited."""
    for table, state in ((subscriptions, "open"), (timers, "pending"), (jobs, "ready")):
        query = select(table.c.id).where(table.c.case_id == case_id, table.c.state == state)
        if tx.run(query).first() is not None:
            return True
    return False


def test_the_same_seed_is_the_same_year_and_a_changed_term_shows(tmp_path: Path) -> None:
    one, first = lived(tmp_path / "one", 3)
    other = tmp_path / "processes"
    shutil.copytree(PROCESSES, other)
    terms = other / "terms.toml"
    text = terms.read_text(encoding="utf-8")
    known = 'key = "lead.self_verify.ordinary"\nname = "第一时间核实"\nn = 24'
    assert known in text
    terms.write_text(text.replace(known, known.replace("n = 24", "n = 72")), encoding="utf-8")
    two, second = lived(tmp_path / "two", 3, other)
    before, after = shape(one, first), shape(two, second)
    found = yearbook.compare(before, after, [first.result.work, second.result.work])
    assert (found.leads, found.other_steps, found.other_end) == (LEADS, (), ())
    assert set(found.other_due) == {"lead.self_verify.ordinary"}
    ordered = {
        "district_area_officer",
        "district_assistance_office",
        "town_civil_officer",
        "town_service_office",
        "village_committee",
    }
    assert {post for post, (old, new) in found.work.items() if old != new} <= ordered, (
        "a longer term means fewer notices and orders, and nothing else"
    )
    for runtime in (one, two):
        runtime.db.engine.dispose()


class TwoDays(simulation.Simulation):
    """The first two days of a year, with all leads at once."""

    def _arrival(self, number: int) -> datetime:
        return self.begin + timedelta(hours=9, minutes=number)


def test_a_year_before_the_demos_people_were_appointed_can_be_lived(tmp_path: Path) -> None:
    """And only limits to act by count as kept; what stands still for long is named."""
    runtime = open_runtime(Settings(data=tmp_path, processes=PROCESSES, simulated=True, demo=True))
    migrate(runtime)
    year = TwoDays(runtime, replace(settling.sizes()["small"], leads=2), 2025, 7)
    year.end = year.begin + timedelta(days=3)
    with runtime.db.transaction() as tx:
        wallclock.set_now(tx, year.begin)
        deploy(tx, PROCESSES, year.begin)
    year.run()
    assert (year.result.leads, year.result.stuck) == (2, [])
    with runtime.db.transaction() as tx:
        tx.run(update(clocks).where(clocks.c.state == "stopped").values(kind="min"))
        assert all(c.on_time == 0 for c in yearbook.compliance(tx, year.end))
        since = (year.end - timedelta(days=81)).isoformat()
        pause = {"from": since, "to": None, "reason": "supplement", "token": "x"}
        one = tx.run(select(clocks.c.id).limit(1)).scalar_one()
        tx.run(update(clocks).where(clocks.c.id == one).values(state="paused", pauses=[pause]))
        (found,) = yearbook.standing(tx, year.end)
        assert (found.clocks, round(found.longest), found.reasons) == (1, 81, ("等待补正",))
    runtime.db.engine.dispose()


def test_the_command_prints_one_document_and_keeps_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "year"
    answer = CliRunner().invoke(app, ["simulate", "--leads", "2", "--data", str(folder), "--json"])
    assert answer.exit_code == 0, answer.output
    said = json.loads(answer.stdout)
    assert said["leads"] == 2
    assert {row["term"] for row in said["compliance"]} >= {"lead.gap"}
    assert (folder / "xunzhen.db").is_file()
    again = CliRunner().invoke(app, ["simulate", "--leads", "2", "--data", str(folder), "--json"])
    assert (again.exit_code, json.loads(again.stdout)["error"]["code"]) == (2, "not_empty")


def test_an_unknown_size_is_named() -> None:
    answer = CliRunner().invoke(app, ["simulate", "--district", "moon", "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "unknown_size")
