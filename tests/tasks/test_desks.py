"""Desks of a simulated district: hours, queues, absences and who stands in – the same by name in every version."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from engine.calendar import ZONE, load_calendar
from engine.routing import Actor, Appointment
from engine.terms import HOURS
from tasks.desks import Desks, covering
from tests.conftest import PROCESSES

CALENDAR = load_calendar(PROCESSES / "calendars")
BEGIN = datetime(2026, 1, 1, tzinfo=ZONE)
TOWN = "120115/120115101"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def dice(*about: Any) -> random.Random:
    return random.Random("|".join(map(str, about)))


def person(key: str, post: str = "town_civil_officer", area: str = TOWN) -> Actor:
    return Actor(key, key, (Appointment(post, "town", area),))


def desks(*people: Actor, weeks: int = 0) -> Desks:
    return Desks(people, BEGIN, CALENDAR, HOURS, weeks, dice)


def test_one_step_after_the_other_in_working_hours() -> None:
    here = desks(person("a"))
    assert here.ready("a", at("2026-09-24T12:30"), urgent=False) == at("2026-09-24T13:30")
    here.busy("a", at("2026-09-24T16:30"), 2)
    assert here.ready("a", at("2026-09-24T16:40"), urgent=False) == at("2026-09-28T09:30"), "over 中秋"
    assert here.ready("a", at("2026-09-24T23:00"), urgent=True) == at("2026-09-24T23:00")
    here.busy("a", at("2026-09-24T16:40"), 1)
    assert here.free["a"] == at("2026-09-28T10:30"), "the second waits for the first"


def test_nobody_works_while_away_a_substitute_does() -> None:
    a, b = person("a"), person("b")
    here = desks(a, b, weeks=1)
    (week,) = here.away["a"]
    if here.away["b"] == [week]:
        raise AssertionError("the dice of this test send both away together")
    during = datetime.combine(week, HOURS[0][0], ZONE) + timedelta(days=1)
    assert here.ready("a", during, urgent=True).date() == week + timedelta(days=7)
    assert here.standing_in["a", week] == "b"
    (acting,) = here.acting(during.date())
    assert acting.id == "b"
    assert {held.instead_of for held in acting.appointments} == {None, "a"}
    assert [row["substitute"] for row in here.rows() if row["away"] == "a"] == ["b"]


def test_a_step_waits_for_as_many_as_it_needs() -> None:
    here = desks(person("a"), person("b"))
    here.busy("b", at("2026-09-21T08:30"), 3)

    def able(day: date) -> list[Actor]:
        return covering(here.acting(day), ("town_civil_officer",), f"{TOWN}/1")

    assert here.opening(able, at("2026-09-21T09:00"), urgent=False) == at("2026-09-21T09:00")
    assert here.opening(able, at("2026-09-21T09:00"), urgent=False, needed=2) == at("2026-09-21T11:30")
    assert here.opening(able, at("2026-09-21T09:00"), urgent=False, needed=3) is None


def test_absences_are_drawn_by_name_not_by_order() -> None:
    people = [person(key) for key in "abcd"]
    assert desks(*people, weeks=3).away == desks(*people[::-1], weeks=3).away
    assert desks(*people, person("z"), weeks=3).away["c"] == desks(*people, weeks=3).away["c"]


def test_with_everybody_away_all_year_nothing_begins() -> None:
    here = desks(person("a"), person("b"), weeks=52)
    assert here.standing_in == {}
    assert here.opening(here.acting, at("2026-03-02T09:00"), urgent=False) != at("2026-03-02T09:00")
    assert here.acting(date(2026, 6, 1)) == []
