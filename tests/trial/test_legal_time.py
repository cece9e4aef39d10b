"""What expressions may ask of legal time, and that a wrong question gives null with a reason, never an exception."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from engine import feel
from engine.calendar import ZONE
from engine.hosting import LegalHost
from engine.world import World

NOW = datetime(2026, 9, 14, 10, tzinfo=ZONE)


def asked(world: World, text: str, **variables: Any) -> feel.Evaluation:
    host = LegalHost(world.terms, world.calendar, now=NOW)
    return feel.evaluate(text, variables, host.functions(NOW, variables))


def test_a_term_counts_from_the_node_or_from_what_is_given(world: World) -> None:
    assert asked(world, 'deadline("15wd")').value.isoformat() == "2026-10-11T00:00:00+08:00"
    assert (
        asked(world, 'deadline("1wd", date("2026-09-18"))').value.isoformat() == "2026-09-21T00:00:00+08:00"
    )


@pytest.mark.parametrize(
    "text",
    [
        "deadline(null)",
        "deadline(5)",
        'deadline(["5wd"])',
        'deadline("no such term")',
        'deadline("5wd", "yesterday")',
        'deadline("5wd", 7)',
        'deadline("5wd", date("9999-12-31"))',
        'deadline("5wd", date("0001-01-01"))',
        'remind("5wd", null)',
        'remind("5wd", 1.5)',
        'remind("5wd", "half")',
        "parameter([1])",
        "parameter(null)",
        "deadline()",
        'deadline("5wd", null, null, null)',
    ],
)
def test_a_wrong_question_gives_null_and_a_reason(world: World, text: str) -> None:
    found = asked(world, text, track=["odd"])
    assert found.value is None
    assert found.warnings
