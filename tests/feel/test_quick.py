"""The short ways for numbers, variables at hand and tests of an entry give what the general way gives, warnings included."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine import feel
from tests.feel.cases import same

ROWS: list[Any] = [
    {"n": Decimal(1)}, {"n": 2}, {"n": Decimal("2.5")}, {"n": "3"}, {"n": None}, {}, {"m": Decimal(9)}, Decimal(4), "五",
    {"n": [Decimal(7)]},
]  # fmt: skip


@pytest.mark.parametrize(
    ("quick", "general"),
    [
        ("rows[n > 1]", "rows[1 < n]"),
        ("rows[n <= 2]", "rows[2 >= n]"),
        ("some r in rows satisfies r.n >= 2.5", "some r in rows satisfies 2.5 <= r.n"),
        ("every r in rows satisfies r.n < 3", "every r in rows satisfies 3 > r.n"),
        ("every r in rows[n > 0] satisfies r.n > 0", "every r in rows[0 < n] satisfies 0 < r.n"),
    ],
)
def test_a_test_of_an_entry(quick: str, general: str) -> None:
    context = {"rows": ROWS, "n": 1}
    short, long = feel.evaluate(quick, context), feel.evaluate(general, context)
    assert same(short.value, long.value)
    assert [w.code for w in short.warnings] == [w.code for w in long.warnings]


def test_an_entry_goes_before_a_variable_of_its_name_and_a_variable_before_nothing() -> None:
    context = {"rows": [{"n": Decimal(1)}, {"m": Decimal(1)}], "n": Decimal(5)}
    assert feel.evaluate("rows[n > 3]", context).value == [{"m": Decimal(1)}]


@pytest.mark.parametrize(
    ("a", "b", "divided", "less", "codes"),
    [
        (Decimal(1), Decimal(2), Decimal("0.5"), True, []),
        (1, 2, Decimal("0.5"), True, []),
        (Decimal(1), Decimal(0), None, False, ["division_by_zero"]),
        (Decimal("9e6144"), Decimal("1e-6000"), None, False, ["overflow"]),
        ("甲", Decimal(1), None, None, ["type", "type"]),
        (None, Decimal(1), None, None, ["type", "type"]),
    ],
)
def test_two_variables_at_hand(a: Any, b: Any, divided: Any, less: bool | None, codes: list[str]) -> None:
    context = {"a": a, "b": b}
    quotient, order = feel.evaluate("a / b", context), feel.evaluate("a < b", context)
    assert same(quotient.value, divided)
    assert order.value is less
    assert [w.code for w in (*quotient.warnings, *order.warnings)] == codes


def test_a_missing_variable_is_named_once() -> None:
    assert [w.code for w in feel.evaluate("1 < b", {}).warnings] == ["unknown_name", "type"]
    assert [w.code for w in feel.evaluate("a + b", {"a": Decimal(1)}).warnings] == ["unknown_name", "type"]


def test_not_is_whatever_the_host_or_the_context_calls_so() -> None:
    no = feel.evaluate("function(x) 7").value
    assert feel.evaluate("not(yes)", {"yes": True}).value is False
    assert feel.evaluate("not(yes)", {"yes": "甲"}).value is None
    assert feel.evaluate("not(yes)", {"yes": True}, {"not": lambda _: "主"}).value == "主"
    assert feel.evaluate("not(yes)", {"yes": True, "not": no}).value == 7
    assert feel.evaluate("{not: function(x) 5, r: not(true)}.r").value == 5
