"""Who stands in the frame of a spot check: nobody leaves it for having been reported once, or for a namesake (R37)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from casework import leads as records
from casework import reorganising, seed, spot_checks, staff
from casework.tables import household_members, households, leads
from engine.calendar import ZONE
from engine.db import Tx, new_id
from engine.routing import Actor, Appointment
from engine.tables import cases
from tests.tasks.rig import NOW

GRID = Actor("p_wangge", "甲网格", (Appointment("grid_worker", "village", seed.VILLAGE),))
BEGINS, ENDS = datetime(2026, 7, 1, tzinfo=ZONE), datetime(2026, 10, 1, tzinfo=ZONE)
ALL = {"Hh_l", "Hh_t", "Hh_w"}


def reported(tx: Tx, subject: str, household: str | None = None, **values: Any) -> str:
    given = {
        "source": "01",
        "place_area": seed.VILLAGE,
        "main_cause": "11",
        "urgent_signs": [],
        "residence_status": "1",
    }
    made = records.report(tx, GRID, {**given, "subject_name": subject}, NOW, household).number
    if values:
        tx.run(update(leads).where(leads.c.number == made).values(**values))
    return made


def strata(tx: Tx) -> dict[str, str]:
    return {item["id"]: item["stratum"] for item in spot_checks.frame(tx, seed.DISTRICT, BEGINS, ENDS)}


def homes(tx: Tx) -> set[str]:
    return {one for one in strata(tx) if one.startswith("H")}


def stopped(tx: Tx, number: str, **values: Any) -> None:
    tx.run(update(cases).where(cases.c.number == number).values(status="cancelled", **values))


def test_a_lead_that_was_closed_long_ago_says_nothing_about_today(tx: Tx) -> None:
    years = NOW - timedelta(days=1200)
    reported(tx, "李某甲", discovered_at=years, closed_at=years, conclusion="not_confirmed")
    assert homes(tx) == ALL


def test_a_lead_of_the_quarter_or_open_still_is_a_report(tx: Tx) -> None:
    number = reported(tx, "李某甲", discovered_at=NOW - timedelta(days=200))
    assert strata(tx).keys() == ALL - {"Hh_l"}, "found in another quarter and open still: no lead of this one"
    stopped(tx, number)
    assert homes(tx) == ALL, "stopped in another quarter"
    new = reported(tx, "李某甲", conclusion="not_confirmed", closed_at=NOW)
    assert strata(tx).keys() == ALL - {"Hh_l"} | {f"L{new}"}
    stopped(tx, new, conclusion="voided")
    assert strata(tx).keys() == ALL | {f"L{new}"}, "what should never have been reports nobody"


def test_an_emergency_that_was_stopped_is_not_unsettled_for_ever(tx: Tx) -> None:
    number = reported(tx, "李某甲", discovered_at=NOW - timedelta(days=200))
    tx.run(update(cases).where(cases.c.number == number).values(urgent=True))
    assert strata(tx)[f"L{number}"] == "unsettled"
    stopped(tx, number)
    assert f"L{number}" not in strata(tx)


@pytest.mark.parametrize(("subject", "household"), [("田某妻", "h_w"), ("王小某", None), ("王某乙", None)])
def test_a_lead_is_about_its_household_whoever_it_names(tx: Tx, subject: str, household: str | None) -> None:
    row = {"id": new_id(), "household": "h_w", "name": "王小某", "relation": "son"}
    tx.run(insert(household_members), row)
    number = reported(tx, subject, household)
    if household is None:
        tx.run(update(leads).where(leads.c.number == number).values(household=None))
    assert homes(tx) == ALL - {"Hh_w"}


def test_of_two_namesakes_neither_leaves_the_frame_for_the_other(tx: Tx) -> None:
    tx.run(update(households).where(households.c.id == "h_w").values(head="李某甲"))
    assert homes(tx) == ALL
    reported(tx, "李某甲")
    assert homes(tx) == ALL
    reported(tx, "李某甲", "h_l")
    assert homes(tx) == ALL - {"Hh_l"}


def test_a_lead_on_the_register_of_kin_is_known_by_its_household(tx: Tx) -> None:
    number = reported(tx, "谁某", "h_t")
    assert strata(tx)[f"L{number}"] == "kin_leads"


def test_a_village_that_was_merged_takes_its_reports_along(tx: Tx) -> None:
    number = reported(tx, "王某乙", conclusion="not_confirmed", closed_at=NOW, household=None)
    tx.run(update(cases).where(cases.c.number == number).values(status="completed"))
    assert homes(tx) == ALL - {"Hh_w"}
    keeper = staff.actor_of(tx, "p_guanli", NOW)
    change = {"sources": [seed.VILLAGE], "into": seed.NEXT_VILLAGE}
    reorganising.plan(tx, keeper, "merge", NOW.date(), change, "批准文件一号", NOW)
    assert homes(tx) == ALL - {"Hh_w"}


def test_a_lead_found_after_a_freezing_stands_in_the_next_frame_and_once(tx: Tx) -> None:
    """The frame is frozen on the first of a quarter's last month: what is found in that month, and what is entered late, is not lost."""
    frozen = datetime(2026, 9, 1, 8, tzinfo=ZONE)
    done = {"conclusion": "not_confirmed", "closed_at": NOW}
    before = reported(tx, "李某甲", discovered_at=frozen - timedelta(days=20), **done)
    case = new_id()
    tx.run(insert(cases), {**case_row(tx, before), "id": case, "number": "C1", "area": seed.DISTRICT})
    since, framed = spot_checks.framed_before(tx, seed.DISTRICT, "C1")
    assert (since, framed) == (None, set()), "the first check begins with its quarter"
    first = spot_checks.frame(tx, seed.DISTRICT, BEGINS, frozen, framed)
    spot_checks.freeze(tx, "C1", "2026Q3", first, case, frozen)
    late = reported(tx, "赵某", discovered_at=frozen - timedelta(days=3), **done)
    after = reported(tx, "钱某", discovered_at=frozen + timedelta(days=10), **done)
    since, framed = spot_checks.framed_before(tx, seed.DISTRICT, "C2")
    assert since == BEGINS
    assert framed == {f"L{before}"}
    second = spot_checks.frame(tx, seed.DISTRICT, since, datetime(2026, 12, 1, tzinfo=ZONE), framed)
    assert {item["id"] for item in second} == ALL | {f"L{late}", f"L{after}"}
    assert spot_checks.framed_before(tx, seed.DISTRICT, "C1") == (None, set()), "said again, it is the same"


def case_row(tx: Tx, number: str) -> dict[str, Any]:
    return dict(tx.run(select(cases).where(cases.c.number == number)).one()._mapping)
