"""A change of the tree and a hand-over are no corrections: a month that was told stays with who told it, and the balances carry over."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from casework import areas, places, reports, seed
from engine import definitions
from engine.calendar import ZONE
from engine.db import Tx
from tests.casework.test_report_months import did, heard
from tests.casework.test_reports import LINE, District, frozen
from tests.casework.test_where_visits_count import MERGES, A, B, change
from tests.tasks.rig import a_case

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (8, 9, 10, 11))
TOWNS = (seed.TOWN, seed.OTHER_TOWN)
IN_OCTOBER = datetime(2026, 10, 8, 10, tzinfo=ZONE)
CHANGES: Mapping[str, tuple[str, dict[str, Any]]] = {
    **MERGES,
    "some households": ("split", {"area": A, "keep": True, "parts": [{"name": "新分村", "kind": "village", "households": ["h_w"]}]}),
}  # fmt: skip


def third(month: date) -> datetime:
    """When the report of a month is frozen."""
    following = reports.add_months(month, 1)
    return datetime(following.year, following.month, 3, 10, tzinfo=ZONE)


@pytest.fixture
def case_id(tx: Tx) -> str:
    definitions.deploy(tx, LINE, now=datetime(2026, 8, 1, tzinfo=ZONE))
    return a_case(tx, "M1", made=LINE)


@pytest.fixture
def happened(tx: Tx, case_id: str) -> District:
    """A September in which everything happens: leads open and closed, acts, visits, decisions, money."""
    made = District(tx, random.Random(5))
    for day in range(2, 27):
        at = datetime(2026, 9, day, 9, tzinfo=ZONE)
        area = (A, B)[day % 2]
        made.lead(area, at, at)
        mine = made.open[-1]
        did("verify_on_site", {"verify_result": "confirmed", "verified_at": at.isoformat()})(tx, mine[1], at)
        heard("dept_result", {"finished_on": at.date().isoformat()})(tx, mine[1], at)
        made.visit(area, at, at)
        made.talk(area, at, at)
        made.referral(*mine, at, at)
        if day % 3 == 0:
            made.decision(*mine, at, at)
            made.payout(*mine, at, at)
            made.fewer(*mine, at, at)
            made.close(*mine, at, at + timedelta(hours=6))
    return made


def told(tx: Tx, case_id: str, month: date) -> dict[str, Any]:
    return {town: frozen(tx, case_id, month, third(month), town) for town in TOWNS}


def totals(figures: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Counted in all these places together, what another town has taken over left out."""
    sums: Counter[str] = Counter()
    for one in figures:
        sums.update(
            {c: cell["n"] for c, cell in one["total"].items() if c not in ("handed_in", "handed_out")}
        )
    return sums


def wrong(tx: Tx, row: Any) -> list[str]:
    before = reports.latest(tx, row.area, reports.add_months(row.month, -1))
    return [
        f"{one.name}：{one.detail}"
        for one in reports.checks(row.figures, row.snapshot, before, row.adjustments)
        if not one.ok
    ]


@pytest.mark.parametrize("on", [date(2026, 10, 8), date(2026, 9, 20)], ids=["of that day", "entered late"])
@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_of_the_tree_is_no_correction(
    tx: Tx, case_id: str, happened: District, kind: str, on: date
) -> None:
    september = told(tx, case_id, SEPTEMBER)
    change(tx, CHANGES[kind][0], on, IN_OCTOBER, **CHANGES[kind][1])
    for town, row in september.items():
        assert reports.compute(tx, town, SEPTEMBER, third(SEPTEMBER)) == row.figures
    october = told(tx, case_id, OCTOBER)
    valid = {path for path, _name in areas.of_tier(tx, "village", third(OCTOBER))}
    for row in october.values():
        assert row.adjustments == []
        assert wrong(tx, row) == []
        gone = {place: set(row.figures[place]) for place in set(row.figures) - {"total", *TOWNS} - valid}
        left = (
            {A: {"in_hand_begin", "handed_out"}}
            if kind == "to another town" and row.area == seed.TOWN
            else {}
        )
        assert gone == left, (
            "figures of villages that stand, and what one took along that went to another town"
        )
    assert totals([row.figures for row in october.values()])["in_hand_end"] == len(happened.open)


@pytest.mark.parametrize("kind", CHANGES)
def test_what_is_entered_late_after_a_change_of_the_tree_is_an_adjustment_where_it_was_told(
    tx: Tx, case_id: str, happened: District, kind: str
) -> None:
    told(tx, case_id, SEPTEMBER)
    mine = happened.open[0]
    change(tx, CHANGES[kind][0], IN_OCTOBER.date(), IN_OCTOBER, **CHANGES[kind][1])
    at = datetime(2026, 9, 28, 9, tzinfo=ZONE)
    did("give_first_aid", {"given_at": at.isoformat(), "amount": 800})(
        tx, mine[1], IN_OCTOBER + timedelta(days=1)
    )
    lines = [line for row in told(tx, case_id, OCTOBER).values() for line in row.adjustments]
    assert [(line["month"], line["area"], line["column"], line["was"], line["now"]) for line in lines] == [
        ("2026-09-01", mine[2], "first_aid", 0, 1)
    ]
    assert all(row.adjustments == [] for row in told(tx, case_id, NOVEMBER).values()), "once"


def test_a_case_handed_to_another_town_leaves_its_month_with_the_town_that_told_it(
    tx: Tx, case_id: str, happened: District
) -> None:
    """What was done before the hand-over counts where it was done, what is done after it in the other town; the balances name the hand-over."""
    found = datetime(2026, 10, 2, 9, tzinfo=ZONE)
    september = told(tx, case_id, SEPTEMBER)
    old = happened.open[0]
    happened.lead(A, found, found)
    new = happened.open[-1]
    for one in (old, new):
        did("escort_person", {"departed_at": found.isoformat()})(tx, one[1], found)
        places.move_case(
            tx, one[1], f"{seed.OTHER_TOWN}/201", IN_OCTOBER, reason="不属本镇", why="handed_over"
        )
        later = IN_OCTOBER + timedelta(days=1)
        did("give_first_aid", {"given_at": later.isoformat(), "amount": 800})(tx, one[1], later)
    october = told(tx, case_id, OCTOBER)
    assert [row.adjustments for row in october.values()] == [[], []]
    here, there = (row.figures["total"] for row in october.values())
    begun = september[seed.TOWN].figures["total"]["in_hand_end"]["n"]

    def numbers(total: Mapping[str, Any]) -> list[int]:
        columns = ("in_hand_begin", "leads", "handed_in", "handed_out", "in_hand_end", "escorts", "first_aid")
        return [total.get(column, {}).get("n", 0) for column in columns]

    assert numbers(here) == [begun, 1, 0, 2, begun - 1, 2, 0]
    assert numbers(there) == [0, 0, 2, 0, 2, 0, 2]
    assert [wrong(tx, row) for row in october.values()] == [[], []]
    november = told(tx, case_id, NOVEMBER)
    assert [(row.adjustments, wrong(tx, row)) for row in november.values()] == [([], []), ([], [])]


@pytest.mark.parametrize("seed_number", range(4))
def test_a_district_that_changes_its_tree_has_the_totals_of_one_that_does_not(
    tx: Tx, case_id: str, seed_number: int
) -> None:
    """Anything happens, villages merge, split and change towns: the towns together have every column as before, and a month told is told."""
    dice = random.Random(seed_number)
    happening = District(tx, random.Random(seed_number))
    now = datetime(2026, 8, 25, 9, tzinfo=ZONE)
    while now < third(SEPTEMBER):
        happening.happen(now)
        now += timedelta(hours=dice.randrange(4, 30))
    september = told(tx, case_id, SEPTEMBER)
    cutoff = third(SEPTEMBER) + timedelta(days=1)
    before = {
        month: totals([reports.compute(tx, town, month, cutoff) for town in TOWNS])
        for month in (AUGUST, SEPTEMBER)
    }
    day = date(2026, dice.choice([9, 10]), dice.randrange(1, 4))
    kind, wanted = CHANGES[dice.choice(list(CHANGES))]
    change(tx, kind, day, cutoff, **wanted)
    for month, sums in before.items():
        assert totals([reports.compute(tx, town, month, cutoff) for town in TOWNS]) == sums
    for town, row in september.items():
        assert reports.compute(tx, town, SEPTEMBER, row.cutoff) == row.figures
    assert [row.adjustments for row in told(tx, case_id, OCTOBER).values()] == [[], []]
