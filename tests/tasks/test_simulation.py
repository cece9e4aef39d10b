"""A simulated year: nobody falls through, load and absence show, and the command tells."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from casework.tables import notifications
from cli.main import app
from engine.db import Tx
from engine.tables import cases, clocks, incidents, jobs, subscriptions, timers, user_tasks
from tasks import simulation, yearbook
from tasks.runtime import Runtime
from tests.api.office import every_history_replays
from tests.tasks.years import LEADS, lived, weeks


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


def test_load_changes_how_long_a_step_waits(tmp_path: Path) -> None:
    def effort(hours: float) -> dict[str, Any]:
        one = {"median": hours, "spread": 0.0}
        return {"effort": {"village": one, "town": one, "district": one}}

    quick, before, *_ = weeks(tmp_path / "quick", 4, **effort(0.1))
    slow, after, *_ = weeks(tmp_path / "slow", 4, **effort(6.0))
    assert quick.result.stuck == slow.result.stuck == []
    assert quick.result.numbers.keys() == slow.result.numbers.keys()
    assert after["town_ack"] > before["town_ack"]


def test_nothing_is_done_while_everybody_is_away(tmp_path: Path) -> None:
    """And the year before the demo's people were appointed can be lived, too."""
    away, waited, *_ = weeks(tmp_path, 2, 2025, absence={"weeks": 52})
    assert (away.result.leads, away.result.steps, away.result.stuck, waited) == (0, 0, [], {})


def test_the_command_prints_one_document_and_keeps_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "year"
    some = ["simulate", "--leads", "60", "--until", "2026-01-14", "--data", str(folder), "--json"]
    answer = CliRunner().invoke(app, some)
    assert answer.exit_code == 0, answer.output
    said = json.loads(answer.stdout)
    assert 0 < said["leads"] < 60
    assert sorted(town["opening"] for town in said["reserves"]) == [15000.0, 15000.0, 50000.0, 50000.0]
    assert said["forsaken"] == []
    assert any(row["term"].startswith("lead.") for row in said["compliance"])
    assert (folder / "xunzhen.db").is_file()
    again = CliRunner().invoke(app, some)
    assert (again.exit_code, json.loads(again.stdout)["error"]["code"]) == (2, "not_empty")


def test_a_year_that_forsakes_a_lead_is_no_good_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yearbook, "forsaken", lambda tx: ["1201150022026090001"])
    monkeypatch.setattr(simulation.Simulation, "run", lambda self: None)
    answer = CliRunner().invoke(app, ["simulate", "--leads", "1"])
    assert answer.exit_code == 1
    assert "无人接续 1201150022026090001" in answer.stdout


def test_a_reserve_is_spent_alarms_and_is_filled_up_again(tmp_path: Path) -> None:
    """Three hundred residents, three hundred yuan: the first aid on the spot is more than there is."""
    fund = {"residents": 300, "refill": {"median": 8.0, "spread": 0.0}}
    lived, _, _, reserves = weeks(tmp_path, 12, reserve=fund, leads=8)
    assert lived.result.stuck == []
    town = reserves[0]
    assert town.opening == 300.0
    assert town.low >= town.overdrawn > 0
    assert town.filled > 0
    assert town.balance == town.opening - town.spent + town.filled
    with lived.db.reading() as tx:
        n = notifications.c
        told = set(tx.run(select(n.title).where(n.kind.in_(("alarm", "fund")))).scalars())
    assert "备用金透支" in told
    assert any(title.startswith("备用金拨入") for title in told)


def test_an_unknown_size_is_named() -> None:
    answer = CliRunner().invoke(app, ["simulate", "--district", "moon", "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "unknown_size")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (["--until", "2027-02-01"], "bad_until"),
        (["--until", "April"], "bad_until"),
        (["--table", "a.xlsx"], "no_against"),
        (["--against", "processes", "--table", "a.pdf"], "bad_table"),
        (["--against", "processes", "--table", "nowhere/a.csv"], "no_folder"),
    ],
)
def test_what_cannot_be_done_is_said_before_a_year_is_lived(wrong: list[str], code: str) -> None:
    answer = CliRunner().invoke(app, ["simulate", "--json", *wrong])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, code)
