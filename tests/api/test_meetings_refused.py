"""A meeting's step that is refused after everything was written, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from engine.db import Tx
from engine.errors import Invalid
from engine.world import StepDone
from tests.api.office import Office, opened
from tests.api.test_expenditure import THURSDAY
from tests.api.test_meetings import begun, roll, saved, stepped, steps, to_appraise


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    more = {"database": request.getfixturevalue("postgres").database()} if request.param == "postgres" else {}
    with opened(tmp_path, THURSDAY, **more) as made:
        yield made


def test_a_case_refused_at_the_last_moment_has_written_nothing(office: Office) -> None:
    """Whoever follows the step says no when all of it is written: it is taken back, the other case goes on."""
    first, second = to_appraise(office, "王某乙", "A-1"), to_appraise(office, "李某甲", "A-2")
    number = begun(office)
    saved(office, number, roll=roll())
    db = office.runtime.db
    usual = db.world.on_done

    def refuse(tx: Tx, done: StepDone, now: datetime) -> None:
        if done.case_id == first:
            raise Invalid("后面的不收", "No.")
        usual(tx, done, now)

    db.world = db.world.with_(on_done=refuse)
    answer = stepped(office, number, "convene").json()
    assert (answer["done"], [one["title"] for one in answer["refused"]]) == (1, ["王某乙"])
    office.advance(by="PT1M")
    assert (steps(office, first), steps(office, second)) == (["plan_meeting"], ["record_meeting"])
    db.world = db.world.with_(on_done=usual)
    assert stepped(office, number, "convene").json()["refused"] == []
    office.advance(by="PT1M")
    assert steps(office, first) == ["record_meeting"]
