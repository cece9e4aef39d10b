"""Silence has reasons, and each looks different: pure rules without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from casework import focus, indicators, silence
from casework.silence import Beat, Day, State
from engine.world import World

TODAY = date(2026, 9, 24)
GRACE = 7


def day(**changes: object) -> Day:
    plain = {
        "day": TODAY, "working": True, "staffed": True, "visits": 0, "leads": 0, "said": False, "over": True, **changes,
    }  # fmt: skip
    return Day(**plain)  # type: ignore[arg-type]


def heard(ago: int, waiting: int = 0, device: str = "telephone") -> Beat:
    on = TODAY - timedelta(days=ago)
    return Beat(on, datetime(on.year, on.month, on.day, 9, tzinfo=UTC), waiting, device)


@pytest.mark.parametrize(
    ("known", "beats", "state"),
    [
        (day(visits=1), [], State.VISITED),
        (day(leads=1, staffed=False), [], State.VISITED),
        (day(said=True), [], State.ZERO),
        (day(staffed=False), [heard(0)], State.VACANT),
        (day(working=False), [heard(0)], State.REST),
        (day(working=False, visits=2), [], State.VISITED),
        (day(over=False), [], State.OPEN),
        (day(), [heard(0)], State.SILENT),
        (day(), [], State.SILENT),
        (day(), [heard(1)], State.UNSYNCED),
        (day(), [heard(0, waiting=2)], State.UNSYNCED),
        (day(), [heard(GRACE)], State.UNSYNCED),
        (day(), [heard(GRACE + 1)], State.SILENT),
        (day(), [heard(9), heard(-1)], State.SILENT),
        (day(), [heard(1, waiting=2, device="telephone"), heard(0, device="desk")], State.UNSYNCED),
        (day(), [heard(GRACE + 1, waiting=2, device="telephone"), heard(0, device="desk")], State.SILENT),
        (day(), [heard(1, waiting=2, device="telephone"), heard(0, device="telephone")], State.SILENT),
    ],
)
def test_a_day_of_a_village(known: Day, beats: list[Beat], state: State) -> None:
    assert silence.state(known, beats, GRACE) is state


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ([State.SILENT, State.VISITED, State.REST], State.VISITED),
        ([State.SILENT, State.ZERO], State.ZERO),
        ([State.REST, State.REST], State.REST),
        ([State.REST, State.OPEN], State.OPEN),
        ([State.UNSYNCED, State.SILENT], State.SILENT),
        ([State.SILENT, State.UNSYNCED, State.REST], State.UNSYNCED),
        ([State.VACANT, State.VACANT], State.VACANT),
        ([State.VACANT, State.SILENT], State.SILENT),
    ],
)
def test_a_longer_time_is_told_by_what_was_heard(states: list[State], whole: State) -> None:
    assert silence.whole(states) is whole


def test_of_several_villages_the_one_somebody_must_act_on_shows() -> None:
    assert silence.group([State.VISITED, State.VACANT, State.UNSYNCED]) is State.UNSYNCED
    assert silence.group([State.ZERO, State.REST]) is State.ZERO


def test_cadence_follows_the_strictest_list(world: World) -> None:
    monthly = world.terms.parameter("visit.monthly", TODAY)
    assert focus.term_of(["marginal", "serious_illness"], [], monthly) == focus.MONTHLY
    assert focus.term_of(["disabled"], [], monthly) == focus.QUARTERLY
    assert focus.term_of([], [{"code": "DIBAO"}], monthly) == focus.QUARTERLY
    assert focus.term_of([], [], monthly) is None
    last = datetime(2026, 1, 31, 10, tzinfo=UTC)
    due = focus.due(focus.MONTHLY, date(2026, 1, 1), last, world.terms, world.calendar)
    assert due is not None
    assert due.due == date(2026, 2, 28), "a month without the day ends on its last"
    assert focus.next_day(due, date(2026, 2, 10)) == date(2026, 2, 10), "the visitor asked for an earlier day"
    assert focus.next_day(due, date(2026, 6, 1)) == date(2026, 2, 28)


def test_the_cadence_of_a_visit_is_that_in_force_on_its_day_here(world: World) -> None:
    """Seen at eight in the morning of 1 October, which is still 30 September by the world's clock."""
    month = replace(world.terms.get(focus.MONTHLY, TODAY), valid_to=date(2026, 10, 1))
    longer = replace(month, n=2, valid_from=date(2026, 10, 1), valid_to=None)
    law = replace(world.terms, terms={**world.terms.terms, focus.MONTHLY: (month, longer)}, choices={})
    seen = datetime(2026, 9, 30, 16, tzinfo=UTC)
    due = focus.due(focus.MONTHLY, date(2026, 1, 1), seen, law, world.calendar)
    assert due is not None
    assert due.due == date(2026, 12, 1)


def test_median_and_ninetieth_percentile_by_rank() -> None:
    found = indicators.spread([5, 1, 2, 3, 4, 6, 7, 8, 9, 100])
    assert (found.n, found.median, found.p90) == (10, 5, 9)  # type: ignore[union-attr]
    assert indicators.spread([]) is None
    assert indicators.spread([2.5]) == indicators.Spread(1, 2.5, 2.5)


def test_an_interval_needs_both_ends_in_order() -> None:
    at = datetime(2026, 9, 24, 9, tzinfo=UTC)
    course = indicators.Course("a", "1", at + timedelta(hours=1), at, at + timedelta(hours=2), None, False)
    assert course.hours() == {"reported": 2.0}
