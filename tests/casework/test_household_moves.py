"""A household that moves to another village: its record goes along, both villages have the line and hear of it, what was counted stays counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from casework import audit, household_moves, households, seed, staff, visits
from casework.standing import Standing
from casework.tables import appointments, notifications, places
from casework.tables import households as table
from engine.db import Tx
from engine.errors import Conflict, Forbidden, Invalid, StaleRevision
from engine.routing import Actor
from engine.tables import cases
from tests.tasks.rig import NOW, a_case

A, B = seed.VILLAGE, seed.NEXT_VILLAGE
TODAY = NOW.date()


@pytest.fixture
def officer(tx: Tx) -> Actor:
    return staff.actor_of(tx, "p_minzheng1", NOW)


def move(tx: Tx, actor: Actor, home: str = "h_w", to: str = B, why: str = "随子女居住") -> tuple[str, ...]:
    return household_moves.move(tx, actor, home, households.get(tx, home).revision, to, why, NOW).warnings


def test_it_belongs_to_the_other_village_and_is_the_same_household(tx: Tx, officer: Actor) -> None:
    before = households.get(tx, "h_w")
    assert move(tx, officer) == ()
    after = households.get(tx, "h_w")
    assert (after.area, after.number, after.revision) == (B, before.number, before.revision + 1)
    (left,) = tx.run(select(places).where(places.c.subject == "h_w"))
    assert (left.area, left.next_area, left.until, left.entered_at) == (A, B, TODAY, NOW)
    stood = Standing.of(tx, seed.TOWN, TODAY - timedelta(days=1), NOW)
    assert stood.place(A, "h_w", B) == A


def test_both_villages_have_the_line_and_are_told(tx: Tx, officer: Actor) -> None:
    tx.run(
        update(appointments)
        .where(appointments.c.person == "p_wangge")
        .values(area=B, tier="village", post="village_liaison")
    )
    move(tx, officer)
    for place in (A, B):
        keeper = Actor("x", "某", tuple(a for a in officer.appointments))
        lines, _ = audit.page(tx, keeper, area=place, kind="home_moved")
        assert len(lines) == 1
        assert "随子女居住" in (lines[0].text + str(lines[0].details))
    (line,) = [one for one in audit.of_household(tx, "h_w", 9) if one.kind == "home_moved"]
    assert line.by == officer.id
    n = notifications.c
    told = set(tx.run(select(n.person).where(n.title == "户迁往另一村（居）")).scalars())
    assert told >= {"p_lianluo", "p_wangge"}


def test_the_visits_of_the_quarter_are_not_lost(tx: Tx, officer: Actor) -> None:
    row = {
        "kind": "quarterly",
        "area": A,
        "household": "h_w",
        "head": "王某乙",
        "met": "self",
        "person": "p_lianluo",
        "at": NOW,
        "entered_at": NOW,
    }
    visits.enter(tx, {**row, "visitors": ["p_lianluo"]})
    move(tx, officer)
    found = {
        c.area: (c.households, c.visited)
        for c in visits.coverage(tx, seed.TOWN, "2026Q3", NOW)
        if c.households
    }
    assert found == {A: (1, 0), B: (2, 1)}


def test_a_number_that_is_taken_and_cases_that_stay_are_told(tx: Tx, officer: Actor) -> None:
    tx.run(update(table).where(table.c.id == "h_t").values(number="002"))
    case = a_case(tx)
    tx.run(update(cases).where(cases.c.id == case).values(subject="h_w"))
    first, second = move(tx, officer)
    assert households.get(tx, "h_w").number == f"{A[-6:]}-002"
    assert f"{A[-6:]}-002" in first
    assert "1 件在办事项" in second
    assert tx.run(select(cases.c.area).where(cases.c.id == case)).scalar_one() == A


def test_who_keeps_one_of_the_two_villages_only_moves_nobody(tx: Tx, officer: Actor) -> None:
    with pytest.raises(Forbidden):
        move(tx, staff.actor_of(tx, "p_lianluo", NOW))
    with pytest.raises(Forbidden):
        move(tx, officer, to=f"{seed.OTHER_TOWN}/120115103201")
    for wrong in (A, seed.TOWN):
        with pytest.raises(Invalid):
            move(tx, officer, to=wrong)
    with pytest.raises(StaleRevision):
        household_moves.move(tx, officer, "h_w", 99, B, "随子女居住", NOW)
    households.end(tx, officer, "h_w", TODAY, "迁出", NOW)
    with pytest.raises(Conflict):
        move(tx, officer)
