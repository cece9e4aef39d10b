"""What is certain about a condition before anything is known – and what is not."""

from __future__ import annotations

import pytest

from engine.feel.settled import condition


@pytest.mark.parametrize(
    "text",
    [
        "=false",
        "=1 > 2",
        "=false and x",
        '=level = "town" and level = "village"',
        "=x > 5 and x < 3",
        "=x > 5 and y and x <= 5",
        "=x = 1 and x > 1",
        "=x between 1 and 2 and x > 7",
        '=d >= date("2026-02-01") and date("2026-01-01") > d',
        "=case.ok and case.ok = false",
        "=(1 = 2) or (x > 1 and x < 1)",
    ],
)
def test_never(text: str) -> None:
    assert condition(text).never()
    assert not condition(text).always()


@pytest.mark.parametrize("text", ["=true", "=1 < 2", "=x or true", '=count([1]) = 1 and "a" = "a"'])
def test_always(text: str) -> None:
    assert condition(text).always()
    assert not condition(text).never()


@pytest.mark.parametrize(
    "text",
    [
        "=x",
        "=x > 5",
        "=x > 5 or x < 3",
        '=level = "town" and other = "village"',
        "=x >= 5 and x <= 5",
        "=x != 1 and x = 1",
        "=now() > now()",
        "=today() = today()",
        "=null",
        "=x > y and x < y",
        '=x = 1 and y = "1"',
        "=f(1) = 2",
    ],
)
def test_open(text: str) -> None:
    assert not condition(text).always()
    assert not condition(text).never()


@pytest.mark.parametrize(
    ("text", "other", "certain"),
    [
        ("=x > 10", "=x > 5", True),
        ("=x > 5", "=x > 10", False),
        ("=x >= 5", "=x > 5", False),
        ("=x > 5", "=x >= 5", True),
        ("=x = 7", "=x > 5", True),
        ("=x = 7 and y", "=x > 5", True),
        ("=x > 10", "=x > 5 and y", False),
        ("=f(x)", "=f(x)", True),
        ("=x > 1", "=f(x)", False),
        ("=ok = false", "=ok", False),
        ("=ok", "=ok = true", True),
        ("=x = 1", '=x = "1"', False),
    ],
)
def test_true_only_when_another_is(text: str, other: str, certain: bool) -> None:
    assert condition(text).only_if(condition(other)) is certain
