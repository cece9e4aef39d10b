"""A test that could not be told matches nothing, not even a value that is not there (contracts 1: never a default)."""

from __future__ import annotations

import pytest

from engine import dmn, feel

TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="D" name="D"><decisionTable id="t"><input id="i1"><inputExpression id="e1"><text>x</text></inputExpression></input>
<output id="o1" name="o"/><rule id="r1"><inputEntry id="a1"><text><![CDATA[{cell}]]></text></inputEntry>
<outputEntry id="x1"><text>"matched"</text></outputEntry></rule></decisionTable></decision></definitions>"""


@pytest.mark.parametrize(
    "cell",
    [
        "? > 3",
        "? <= limit",
        'starts with(?, "a")',
        'contains(?, "a")',
        "? + 1 > 3",
        "? + 1",
        "= ? + 1",
        'date(?) < date("2020-01-01")',
        "not(? > 3)",
        "? in [1..5]",
        "? > 3 and ? < 9",
        "list contains(?, 1)",
        "some i in ? satisfies i > 3",
        "x > 3",
        "limit + 1",
        "limit between 1 and 3",
        "< 5",
        "[limit..5]",
    ],
)
def test_a_cell_that_cannot_be_told_does_not_match_a_missing_value(cell: str) -> None:
    model = dmn.load(TABLE.format(cell=cell).encode())
    assert model.decide("D", {"x": None, "limit": None}).value is None


@pytest.mark.parametrize(
    ("cell", "given", "matches"),
    [
        ("null", {"x": None}, True),
        ("null", {"x": 1}, False),
        ("not(null)", {"x": 1}, True),
        ("? = null", {"x": None}, True),
        ("? = null or ? > 3", {"x": None}, True),
        ("? != null", {"x": None}, False),
        ("limit", {"x": None, "limit": None}, True),
        ("-", {"x": None}, True),
        ("? > 3", {"x": 4}, True),
        ("? > limit", {"x": 4, "limit": 3}, True),
        ("? + 1 > 3", {"x": 4}, True),
        ("limit + 1", {"x": 4, "limit": 3}, True),
        ('starts with(?, "a")', {"x": "ab"}, True),
    ],
)
def test_what_was_written_still_matches(cell: str, given: dict[str, object], *, matches: bool) -> None:
    found = dmn.load(TABLE.format(cell=cell).encode()).decide("D", given).value
    assert (found == "matched") is matches


def test_the_same_holds_for_in() -> None:
    assert feel.evaluate("null in (? > 3)", {}).value is None
    assert feel.evaluate("null in (null)", {}).value is True
