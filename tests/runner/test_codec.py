"""What a case's variables hold comes back from its stored state as the very same value, of the very same type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine import feel
from engine.runner.codec import pack, unpack
from engine.runner.values import SetVariables
from tests.feel.cases import same
from tests.runner.notation import Sim, body, program_of

KEPT = (
    "12.50", '@"2026-09-14"', '@"12026-09-14"', '@"2026-09-14T10:00:00+08:00"', '@"2026-09-14T10:00:00@Asia/Shanghai"',
    '@"2026-09-14T10:00:00.123456789"', '@"10:00:00@Asia/Shanghai"', '@"10:00:00.000000001Z"', '@"PT36H"', '@"P1000000000D"', '@"P1Y2M"',
    "[1..5)", '[@"2026-09-14"..@"2026-12-31"]', '>= "甲"', "!= 4", '[@"P1Y2M", {期: [1..2]}]',
)  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_a_variable_comes_back_as_it_was(text: str) -> None:
    value = feel.evaluate(text).value
    command, _ = unpack(pack(SetVariables({"v": value}), []))
    assert isinstance(command, SetVariables)
    back = command.variables["v"]
    assert same(back, value), (back, value)
    assert feel.evaluate("string(v)", {"v": back}).value == feel.evaluate("string(v)", {"v": value}).value


MARKED = (
    {"\u0001": "n", "v": "boom"},
    {"\u0001": "zz", "v": "boom", "other": [{"\u0001": 1}]},
    {"a": {"\u0001": {"\u0001": "d"}}},
    {"\u0001": feel.evaluate('@"P1Y2M"').value, "n": Decimal("1.50")},
    "\u0001",
    "\\u0001",
)


@pytest.mark.parametrize("value", MARKED)
def test_a_context_that_holds_our_own_mark_comes_back_as_it_was(value: Any) -> None:
    """FEEL and JSON can say any character in a key."""
    command, edits = unpack(pack(SetVariables({"v": value}), [("", "s", {"f": value}, False)]))
    assert isinstance(command, SetVariables)
    assert command.variables["v"] == value
    assert edits == [("", "s", {"f": value}, False)]
    sim = Sim(program_of(body("s:S u:A u:B e:E", "S>A>B>E")), {})
    sim.turn(SetVariables({"x": value}))
    for step in ("A", "[B]", "B", "."):
        sim.step(step)
    assert sim.variables["x"] == value
