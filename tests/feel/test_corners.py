"""Corners of the language that a hostile reading found open: references in patterns, years, chains, long answers."""

from __future__ import annotations

import json

import pytest

from engine import feel
from tests.feel.cases import check, same

CORNERS = r"""
a group matched again
    matches("上报上报", "(上报)\\1")              => true
    matches("上报核实", "(上报)\\1")              => false
    matches("bB", "(b)\\1", "i")                  => true
    matches("bb1", "(b)\\11")                     => true
    replace("去去就来", "(去)\\1", "$1")          => "去就来"
    matches("bb", "(b\\1)")                       => null
    matches("b", "(b)\\2")                        => null
    matches("bbc", "(b)(\\1)*c")                  => null
ranges are equal with the same comparison operator, too
    (= 7) = (= 7)                                 => true
    (= 7) = [7..7]                                => false
    (= 7) = (!= 7)                                => false
    string((= 7))                                 => "(=7)"
    (= 7).end included                            => true
what is of another kind is no member of a list
    true in [false, 7]                            => false
    true in ["no", true]                          => true
    "七" in [7, null]                             => false
    7 in ("七", 8)                                => null
a bound without a value tells nothing
    7 in (null..9]                                => null
    7 in [1..null]                                => null
    7 in (<= 9)                                   => true
    not(7 in [1..null])                           => null
points of time are equal by hour, minute and second; their order and difference know fractions
    @"10:30:00.25" = @"10:30:00.5"                => true
    @"2026-05-01T10:30:00.25Z" = @"2026-05-01T12:30:00+02:00" => true
    @"10:30:00.25" = @"10:30:01"                  => false
    @"10:30:00.25" < @"10:30:00.5"                => true
    is(@"10:30:00.25", @"10:30:00.5")             => true
a range that ends before it begins is none
    [3..2]                                        => null
    2 in [3..1]                                   => null
    {a: 3, r: 2 in [a..1]}.r                      => null
    for n in [3..2] return n                      => null
    for n in [2..2) return n                      => []
    for n in 3..2 return n                        => [3, 2]
years
    date("02026-01-01")                           => null
    date and time("02026-01-01T00:00:00")         => null
"""


@pytest.mark.parametrize(("text", "expected"), check(CORNERS))
def test_corner(text: str, expected: str) -> None:
    assert same(feel.evaluate(text, {}).value, feel.evaluate(expected, {}).value)


@pytest.mark.parametrize("link", ["+1", ".a", "[1]", " or x", "**1"])
def test_a_chain_is_as_deep_as_it_is_long_and_bounded(link: str) -> None:
    short = feel.compile("x" + link * 200)
    assert "x" in short.names
    assert short.evaluate({"x": 1}).warnings is not None
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile("x" + link * 4000)


def test_an_answer_may_be_longer_than_a_list_that_an_expression_makes() -> None:
    rows = [{"n": n, "名": ("甲", None)} for n in range(150_000)]
    assert json.loads(feel.json_text({"rows": rows}))["rows"][-1] == {"n": 149_999, "名": ["甲", None]}
