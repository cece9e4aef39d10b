"""The command line answers in the contract's JSON and exit codes."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from cli.main import app

run = CliRunner()


def test_deadline_gives_the_receipt() -> None:
    result = run.invoke(app, ["deadline", "15wd", "--from", "2026-09-14T10:00:00+08:00", "--json"])
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["due"], answer["due_at"]) == (
        0,
        "2026-10-10",
        "2026-10-11T00:00:00+08:00",
    )
    assert {"date": "2026-09-19", "counted": False, "why": "weekend"} in answer["days"]
    assert {"date": "2026-09-20", "counted": True, "why": "make-up working day"} in answer["days"]


def test_a_missing_calendar_is_an_error_with_its_year() -> None:
    result = run.invoke(app, ["deadline", "10wd", "--from", "2026-12-25", "--json"])
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert (error["code"], error["year"]) == ("calendar_missing", 2027)


def test_feel_keeps_numbers_exact_and_reports_warnings() -> None:
    result = run.invoke(app, ["feel", "0.1 + x", "--context", '{"x": 0.2}', "--json"])
    assert json.loads(result.stdout) == {"value": 0.3, "warnings": []}
    broken = run.invoke(app, ["feel", "1 +", "--json"])
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["error"]["code"] == "feel_syntax"
