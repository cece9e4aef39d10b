"""Cycles of timers: they go forward, and months are counted from the first turn."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from engine.errors import ModelRefused, StepFailed
from engine.model import Event
from engine.runner.timing import first_turn, following
from engine.runner.values import FireTimer, WaitKind
from tests.runner.notation import NoHost, Sim, body, program_of

ROUND = "s:S u:A b:T@A!?cyc.{} u:N e:E"


def dates(cycle: str, turns: int) -> list[str]:
    """When a calm boundary timer fires, the state read back after each turn."""
    sim, found = Sim(program_of(body(ROUND.format(cycle), "S>A>E; T>N>E")), {}), []
    for _ in range(turns):
        (timer,) = sim.of(WaitKind.TIMER)
        found.append(timer.due.date().isoformat())
        sim.now = timer.due
        sim.turn(FireTimer(timer.key))
    return found


@pytest.mark.parametrize(
    ("cycle", "expected"),
    [
        (
            "R/2026-01-31T09:00:00+08:00/P1M",
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"],
        ),
        ("R/2026-08-31T09:00:00+08:00/P3M", ["2026-08-31", "2026-11-30", "2027-02-28", "2027-05-31"]),
        (
            "R/2024-02-29T09:00:00+08:00/P1Y",
            ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
        ),
        ("R/2026-01-31T09:00:00+08:00/P1MT1H", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("R/2026-01-30T09:00:00+08:00/P10D", ["2026-01-30", "2026-02-09", "2026-02-19"]),
        ("R/2026-01-30T09:00:00+08:00/P2W", ["2026-01-30", "2026-02-13", "2026-02-27"]),
    ],
)
def test_each_turn_is_counted_from_the_first(cycle: str, expected: list[str]) -> None:
    assert dates(cycle, len(expected)) == expected


def test_a_schedule_counts_in_the_same_way_and_one_of_before_goes_on() -> None:
    event = Event("timer", expression="R/2026-01-31T09:00:00+08:00/P1M", timer="cycle")
    turn = json.loads(json.dumps(first_turn("S", event, datetime(2026, 1, 1, tzinfo=UTC), NoHost())))
    for expected in ("2026-02-28", "2026-03-31"):
        turn = json.loads(json.dumps(following(turn)))
        assert turn["due"][:10] == expected
    before = {"due": "2026-02-28T09:00:00+08:00", "left": -1, "period": "P1M"}
    assert following(before) == {**before, "due": "2026-03-28T09:00:00+08:00"}


@pytest.mark.parametrize(
    "cycle", ["R/PT0S", "R/-PT1H", "R3/P0D", "R/PT0.5S", "PT0S", "-P1D", "R/2026-01-31T09:00:00+08:00/PT0S"]
)
def test_a_cycle_that_does_not_go_forward_is_refused(cycle: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        program_of(body(ROUND.format(cycle), "S>A>E; T>N>E"))
    assert [r.element for r in refused.value.refusals] == ["T"]


@pytest.mark.parametrize("value", ["R/PT0S", "R/-PT1H", "PT0S"])
def test_a_computed_cycle_that_does_not_go_forward_is_an_incident(value: str) -> None:
    sim = Sim(program_of(body("s:S u:Z u:A b:T@A!?cyc.=x u:N e:E", "S>Z>A>E; T>N>E")), {})
    with pytest.raises(StepFailed) as failed:
        sim.step(f'Z{{x="{value}"}}')
    assert failed.value.element == "T"
    sim.step('Z{x="R2/PT1H"}')
    sim.step("[A]")


def test_a_single_turn_may_come_at_once() -> None:
    sim = Sim(program_of(body(ROUND.format("R1/PT0S"), "S>A>E; T>N>E")), {})
    sim.step("+PT1H")
    sim.step("[A,N]")
