"""Duty and superiors: an urgent lead reaches who is on duty at that hour, never nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from casework import leads, roster, seed
from casework.tables import appointments, notifications
from engine.db import Database, Tx
from engine.errors import Invalid
from engine.routing import Actor, Appointment
from tasks import sweep
from tests.tasks.rig import NOW

GRID = Actor("p_wangge", "甲网格", (Appointment("grid_worker", "village", seed.VILLAGE),))


def test_the_demo_town_has_one_person_on_duty_at_every_hour(tx: Tx) -> None:
    hours = [roster.on_duty(tx, seed.TOWN, NOW + timedelta(hours=n)) for n in range(72)]
    assert {len(people) for people in hours} == {1}
    assert {people[0] for people in hours} == {"p_fuwuban1", "p_fuwuban2"}
    change = NOW.replace(hour=8, minute=30)
    assert roster.on_duty(tx, seed.TOWN, change) != roster.on_duty(
        tx, seed.TOWN, change - timedelta(minutes=1)
    )


def test_a_gap_in_the_roster_falls_back_to_the_service_office(tx: Tx) -> None:
    assert roster.on_duty(tx, seed.OTHER_TOWN, NOW) == ["p_linzhen2"]
    assert roster.on_duty(tx, seed.TOWN, NOW + timedelta(days=400)) == ["p_fuwuban1", "p_fuwuban2"]


def test_a_turn_that_ends_before_it_begins_is_refused(tx: Tx) -> None:
    with pytest.raises(Invalid) as refused:
        roster.plan(tx, seed.TOWN, "p_fuwuban1", NOW, NOW)
    assert [f.path for f in refused.value.fields] == ["ends"]


@pytest.mark.parametrize(("signs", "urgent"), [(["fire"], True), ([], False)])
def test_only_an_urgent_lead_rings_the_duty(district: Database, signs: list[str], urgent: bool) -> None:
    given = {"source": "01", "place_area": seed.VILLAGE, "main_cause": "15" if urgent else "22"}
    given |= {"urgent_signs": signs, "subject_name": "王某乙", "residence_status": "1"}
    with district.transaction() as tx:
        made = leads.report(tx, GRID, given, NOW)
    sweep.drain(district, NOW)
    with district.reading() as tx:
        n = notifications.c
        rung = [tuple(row) for row in tx.run(select(n.person, n.case_id).where(n.kind == "urgent"))]
        assert rung == ([(roster.on_duty(tx, seed.TOWN, NOW)[0], made.case_id)] if urgent else [])


def test_a_post_that_has_ended_has_no_superior(tx: Tx) -> None:
    assert roster.superiors(tx, ["p_lianluo"], seed.VILLAGE, NOW) == ["p_fuwuban1", "p_fuwuban2"]
    over = appointments.c.person == "p_lianluo"
    tx.run(update(appointments).where(over).values(valid_to=NOW.date() - timedelta(days=1)))
    assert roster.superiors(tx, ["p_lianluo"], seed.VILLAGE, NOW) == []
    assert roster.superiors(tx, ["p_nobody"], seed.VILLAGE, NOW) == []


def test_the_head_of_the_bureau_is_urged_by_nobody(tx: Tx) -> None:
    assert roster.superiors(tx, ["p_juzhang"], seed.VILLAGE, NOW) == []
