"""A visit counts for its household, wherever that is now; one without a household follows its village. A month counted again stays as it was."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from casework import (
    areas,
    assessments,
    coverage,
    following,
    ledgers,
    reorganising,
    reports,
    seed,
    visits,
)
from casework.ledgers import Scope
from casework.performance import Period
from casework.silence import State
from casework.staff import actor_of
from casework.tables import area_changes, households
from casework.tables import visits as table
from casework.words import Words
from engine.calendar import ZONE
from engine.db import Tx
from engine.routing import Actor, Appointment
from engine.tables import cases as cases_table
from tests.tasks.rig import NOW, a_case

ADMIN = Actor("p_guanli", "巳管理", (Appointment("system_admin", "district", seed.DISTRICT),))
A, B = seed.VILLAGE, seed.NEXT_VILLAGE
TODAY, SEPTEMBER = NOW.date(), date(2026, 9, 1)
QUARTER = (date(2026, 7, 1), date(2026, 9, 30))


def change(tx: Tx, kind: str, on: date = TODAY, now: datetime = NOW, /, **plan: Any) -> str:
    """A reorganisation carried out at once. → the area it made"""
    made = reorganising.plan(tx, ADMIN, kind, on, plan, "津宝政〔2026〕1号", now)
    return str(tx.run(select(area_changes.c.result).where(area_changes.c.id == made)).scalar_one()["area"])


def visit(tx: Tx, household: str | None, at: datetime, area: str = A, **more: Any) -> None:
    row = {
        "kind": "quarterly" if household else "patrol", "area": area, "household": household, "head": household or "（未到户）",
        "met": "self", "person": "p_lianluo", "at": at, "entered_at": at, "visitors": ["p_lianluo"],
    }  # fmt: skip
    visits.enter(tx, {**row, **more})


def yesterday(n: int = 1) -> datetime:
    return NOW - timedelta(days=n)


def covered(tx: Tx) -> dict[str, tuple[int, int, int]]:
    found = visits.coverage(tx, seed.DISTRICT, "2026Q3", NOW)
    return {c.area: (c.households, c.visited, c.silent) for c in found if c.households}


def owed(tx: Tx, root: str) -> dict[str, tuple[int, int]]:
    found = coverage.owed(tx, root, *QUARTER, TODAY)
    return {path: (o.expected, o.visited) for path, o in found.items()}


MERGES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "into a neighbour": ("merge", {"sources": [A], "into": B}),
    "into a new village": ("merge", {"sources": [A, B], "new": {"name": "合新村", "kind": "village"}}),
    "to another town": ("move", {"area": A, "parent": seed.OTHER_TOWN}),
}


@pytest.mark.parametrize("kind", MERGES)
def test_a_quarter_of_visits_follows_the_village(tx: Tx, kind: str) -> None:
    visit(tx, "h_l", yesterday(3))
    visit(tx, "h_w", yesterday(3))
    place = change(tx, MERGES[kind][0], **MERGES[kind][1])
    homes = 2 if kind == "to another town" else 3
    assert covered(tx)[place] == (homes, 2, homes - 2)
    assert owed(tx, place) == {place: (homes, 2)}
    assert owed(tx, place.rpartition("/")[0])[place] == (homes, 2)
    assert sum(row[2] for row in covered(tx).values()) == visits.silent(tx, f"{seed.DISTRICT}:2026Q3") == 1


def test_a_split_takes_its_visits_along(tx: Tx) -> None:
    visit(tx, "h_w", yesterday())
    change(
        tx, "split", area=A, keep=True, parts=[{"name": "新分村", "kind": "village", "households": ["h_w"]}]
    )
    (north,) = (path for path, name in areas.of_tier(tx, "village", NOW) if name.endswith("新分村"))
    assert (covered(tx)[north], covered(tx)[A]) == ((1, 1, 0), (1, 0, 1))


@pytest.mark.parametrize("first", ["self", visits.NOBODY])
def test_met_once_in_the_quarter_is_met_whatever_was_said_before_or_after(tx: Tx, first: str) -> None:
    other = visits.NOBODY if first == "self" else "self"
    visit(tx, "h_l", yesterday(9), met=first, id="z" if first == "self" else "a")
    visit(tx, "h_l", yesterday(2), met=other, id="m")
    assert covered(tx)[A] == (2, 1, 1)


def test_what_the_old_village_said_is_the_new_ones_word(tx: Tx) -> None:
    """A patrol, a day's word and the posts of then: the successor's days are neither silent nor vacant."""
    friday, thursday = date(2026, 9, 11), date(2026, 9, 10)
    visit(tx, None, datetime.combine(friday, time(9), ZONE))
    keeper = actor_of(tx, "p_lianluo", NOW)
    coverage.say(tx, keeper, A, thursday, ["patrol"], "已问询", None, NOW)
    place = change(tx, "merge", sources=[A, B], new={"name": "合新村", "kind": "village"})
    (found,) = coverage.villages(tx, place, date(2026, 9, 9), friday, NOW)
    assert [state for _, state in found.days] == [State.SILENT, State.ZERO, State.VISITED]
    assert found.visits == 1
    assert [row.day for row in coverage.said(tx, place, thursday, friday)] == [thursday]
    listed, total = visits.between(tx, [visits.of_area(tx, place)], yesterday(30), NOW, 0, 10)
    assert (total, [row.kind for row in listed]) == (1, ["patrol"])


def test_the_appraisal_of_the_new_village_has_the_old_ones_rounds(tx: Tx) -> None:
    screened = a_case(tx, "S1", title="季度排查", area=A)
    quarter = Period(QUARTER[0], date(2026, 10, 1))
    tx.run(
        cases_table.update()
        .where(cases_table.c.id == screened)
        .values(process="village_screening", status="completed")
    )
    visit(tx, "h_l", yesterday())
    place = change(tx, "merge", sources=[A], into=B)
    found = dict(assessments._coverage(tx, place, quarter, NOW + timedelta(days=30)).items)
    assert found["household:h_l:2026Q3"] is True
    assert (found["household:h_w:2026Q3"], len(found)) == (False, 3)


def test_who_was_not_on_the_register_in_the_quarter_owes_it_no_visit(tx: Tx) -> None:
    """Moved away before it was over, or entered after its roster was frozen; who stood all along and was not seen speaks against the unit."""
    screened = a_case(tx, "S1", title="季度排查", area=A)
    frozen = {"": {"roster": {"rows": [{"household": one} for one in ("h_l", "h_w")]}}}
    row = {"process": "village_screening", "status": "completed", "document": frozen}
    tx.run(cases_table.update().where(cases_table.c.id == screened).values(**row))
    new = {"id": "h_new", "area": A, "head": "新户", "size": 1, "focus": [], "programmes": []}
    tx.run(insert(households), new)
    quarter = Period(QUARTER[0], date(2026, 10, 1))

    def found() -> dict[str, bool]:
        return dict(assessments._coverage(tx, A, quarter, NOW + timedelta(days=30)).items)

    def ended(on: date) -> None:
        tx.run(update(households).where(households.c.id == "h_l").values(ended_on=on))

    both = {"household:h_l:2026Q3": False, "household:h_w:2026Q3": False}
    assert found() == both, "came onto the register later"
    ended(date(2026, 9, 30))
    assert found() == {"household:h_w:2026Q3": False}
    ended(date(2026, 10, 1))
    assert found() == both, "it stood to the quarter's end"
    visit(tx, "h_new", yesterday())
    assert found()["household:h_new:2026Q3"] is True


def test_the_ledger_shows_each_round_where_its_household_is(tx: Tx) -> None:
    visit(tx, "h_l", yesterday())
    place = change(tx, "merge", sources=[A], into=B)
    keeper = actor_of(tx, "p_lianluo", NOW)
    scope = Scope(tx, keeper, NOW, place, None, None, 0, 10, {"name": str, "id_no": str}, Words({}))
    lines, total = ledgers.BOOKS["screening"].lines(scope)
    assert (total, lines[0]["village"]) == (
        1,
        areas.names(tx, [B])[B].removeprefix(areas.names(tx, [seed.TOWN])[seed.TOWN]),
    )


# ------------------------------------------------------------------------------------------ the monthly report
def area_of(tx: Tx, home: str) -> str:
    return str(tx.run(select(households.c.area).where(households.c.id == home)).scalar_one())


def counted(tx: Tx, town: str, cutoff: datetime, month: date = SEPTEMBER) -> dict[str, int]:
    figures = reports.compute(tx, town, month, cutoff)
    return {place: row["visits"]["n"] for place, row in figures.items() if "visits" in row}


def test_a_month_counts_visits_in_the_villages_that_stood_at_its_end(tx: Tx) -> None:
    visit(tx, "h_l", yesterday(3))
    visit(tx, "h_t", yesterday(3), area=B)
    visit(tx, None, yesterday(2))
    change(tx, "merge", sources=[A], into=B)
    assert counted(tx, seed.TOWN, NOW) == {B: 3, "total": 3}
    assert reports.snapshot(tx, seed.TOWN, SEPTEMBER, NOW)["rows"][B]["focus_visited"] == 1


@pytest.mark.parametrize("on", [date(2026, 10, 8), date(2026, 9, 20)], ids=["later", "entered late"])
def test_a_merge_after_the_report_changes_nothing_in_it(tx: Tx, on: date) -> None:
    visit(tx, "h_l", yesterday(3))
    visit(tx, None, yesterday(2))
    cutoff, after = datetime(2026, 10, 3, 10, tzinfo=ZONE), datetime(2026, 10, 8, 10, tzinfo=ZONE)
    before = reports.compute(tx, seed.TOWN, SEPTEMBER, cutoff)
    change(tx, "move", on, after, area=A, parent=seed.OTHER_TOWN)
    assert reports.compute(tx, seed.TOWN, SEPTEMBER, cutoff) == before
    assert counted(tx, seed.OTHER_TOWN, cutoff) == {}
    assert counted(tx, seed.TOWN, after) == {A: 2, "total": 2}, "no adjustment: nothing came late"
    assert counted(tx, seed.OTHER_TOWN, after) == {}


@pytest.mark.parametrize("number", range(5))
def test_households_that_move_about_never_change_a_month_counted_before(tx: Tx, number: int) -> None:
    """Together the villages always have every visit, and what was counted at a moment is counted again."""
    dice, now, made = random.Random(number), datetime(2026, 9, 2, 9, tzinfo=ZONE), 0
    kept: list[tuple[datetime, dict[str, int], int]] = []
    for turn in range(60):
        now += timedelta(hours=dice.randrange(5, 30))
        home = dice.choice(["h_l", "h_w", "h_t"])
        if dice.random() < 0.6:
            at = now - timedelta(days=dice.randrange(3))
            visit(tx, home, at, area=area_of(tx, home), entered_at=now)
            made += at.astimezone(ZONE).month == 9
        elif dice.random() < 0.5:
            old = area_of(tx, home)
            new = dice.choice([one for one in (A, B) if one != old])
            step = following.Step(
                old,
                new,
                now.date() - timedelta(days=dice.randrange(4)),
                "调整",
                frozenset({home}),
                frozenset(),
            )
            following.records(tx, step, now)
        else:
            kept.append((now, counted(tx, seed.TOWN, now), made))
        for cutoff, figures, n in kept if turn % 6 == 5 else ():
            assert counted(tx, seed.TOWN, cutoff) == figures
            assert figures.get("total", 0) == n
    assert kept


def test_a_visit_of_a_household_the_register_does_not_know_counts_where_it_was_made(tx: Tx) -> None:
    tx.run(
        insert(table),
        {
            "id": "v", "kind": "care", "period": "2026-09", "area": A, "household": "A-1", "head": "某", "met": "self", "needs": [],
            "policy_explained": False, "person": "p_lianluo", "at": yesterday(), "entered_at": yesterday(),
        },
    )  # fmt: skip
    assert counted(tx, seed.TOWN, NOW) == {A: 1, "total": 1}
    place = change(tx, "merge", sources=[A], into=B)
    assert counted(tx, seed.TOWN, NOW) == {place: 1, "total": 1}
