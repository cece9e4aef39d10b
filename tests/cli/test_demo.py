"""`xunzhen demo` goes from the fire to the second follow-up and says who did what by when."""

from __future__ import annotations

from typer.testing import CliRunner

from cli.main import app


def test_the_demo_ends_with_a_household_that_was_helped() -> None:
    result = CliRunner().invoke(app, ["demo"], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    steps = [line for line in lines if line[:2].isdigit()]
    assert [line for line in steps if "第二次回访" in line], result.output
    assert any("限 09-28" in line and "登记小额快救" in line for line in steps), (
        "three days from the report, no roll"
    )
    assert any("不计" in line and "中秋节" in line for line in lines), (
        "the receipt names what was not counted"
    )
    assert lines[-1] == "已办结：已救助"
