"""What stands first in a list: an emergency in which something is to be done within a day; what has been helped takes its turn by its days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from engine.tables import user_tasks
from tests.api.office import Office, acknowledged, found, opened
from tests.api.test_emergency import NIGHT, emergency


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, NIGHT) as made:
        yield made


def relieved(office: Office) -> Any:
    """An emergency helped at once, whose papers are still to be made up."""
    lead = emergency(office, first_aid=True)
    office.do("give_first_aid", "minzheng1", "minzheng2", form="cash", amount=2500, fund="reserve")
    office.do("note_emergency_end", "minzheng1", emergency_ended_on="2026-09-25")
    return lead


def todo(office: Office, who: str) -> list[str]:
    return [one["case_number"] for one in office.get(who, "tasks?size=100")["items"]]


def test_an_emergency_long_relieved_stands_behind_what_is_due_today(office: Office) -> None:
    helped = relieved(office)
    other = acknowledged(office, subject_name="孙某乙")
    due = office.runtime.now() + timedelta(hours=6)
    with office.runtime.db.transaction() as tx:
        mine = user_tasks.c.case_id == other["case_id"]
        tx.run(update(user_tasks).where(mine, user_tasks.c.state == "open").values(due_at=due))
    order = todo(office, "minzheng1")
    assert order.index(other["number"]) < order.index(helped["number"])
    fresh = acknowledged(office, subject_name="周某丙", main_cause="15", urgent_signs=["no_food"])
    order = todo(office, "minzheng1")
    assert order.index(fresh["number"]) < order.index(other["number"]) < order.index(helped["number"])


def test_of_the_cases_too_only_an_emergency_that_presses_is_on_top(office: Office) -> None:
    helped = relieved(office)
    newer = found(office, subject_name="孙某乙")
    numbers = [one["number"] for one in office.get("minzheng1", "cases?status=active")["items"]]
    assert numbers.index(newer["number"]) < numbers.index(helped["number"])
    fresh = found(office, subject_name="周某丙", main_cause="15", urgent_signs=["no_food"])
    newest = found(office, subject_name="钱某丁")
    numbers = [one["number"] for one in office.get("minzheng1", "cases?status=active")["items"]]
    assert numbers[:2] == [fresh["number"], newest["number"]]
