"""A review's decision falls in reconsideration: what it took is paid again, others review, it is decided anew (C-57)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.api.office import PEOPLE, Office, opened
from tests.api.test_dynamic_review import (
    NUMBER,
    decided,
    delivered,
    heard,
    now_receives,
    paid,
    proposed,
    receives,
    report,
    state,
    surveyed,
)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-14T09:00:00+08:00") as made:  # a Monday
        yield made


OTHERS = [PEOPLE["fuwuban1"], PEOPLE["baocun"]]


def reviewed(office: Office, result: str, amount: int | None = None) -> None:
    """A review that reduces or stops, heard and delivered."""
    made = report(office)
    surveyed(office)
    proposed(office, result, amount)
    heard(office, made["case_id"], stated=True, was_stated=True, final_proposal=result, final_amount=amount)
    decided(office, result=result, amount=amount)
    delivered(office)


def revoked(office: Office) -> None:
    """The family asks for reconsideration; the decision falls and the bureau takes the matter up again."""
    (watch,) = [
        row["id"]
        for row in office.get("jiuzhu1", "cases?process=remedy_watch")["items"]
        if row["number"] == f"{NUMBER}-D1-R"
    ]
    office.message("jiuzhu1", watch, "复议已受理", procedure="ordinary", simplified=False)
    office.do("prepare_reply", "jiuzhu1")
    office.message("jiuzhu1", watch, "等待复议决定", remedy_result="revoked")
    office.do("carry_out", "jiuzhu1", reopen=True)
    assert state(office, watch) == "completed"


def again_reviewed(office: Office) -> Any:
    (case,) = [
        row
        for row in office.get("jiuzhu1", "cases?process=dynamic_review")["items"]
        if row["status"] == "active"
    ]
    return case


def test_a_stop_that_falls_is_paid_again_reviewed_by_others_and_decided_anew(office: Office) -> None:
    receives(office)
    reviewed(office, "stop")
    assert paid(office, date(2026, 10, 1)) == []
    revoked(office)
    assert paid(office, date(2026, 10, 1)) == [Decimal(1800)], "as before the stop, from the month it ended"
    again = again_reviewed(office)
    assert again["number"] == f"{NUMBER}-F2"
    row = office.task("fuwuban1", "assign_investigators")
    same = {"staff": [PEOPLE["minzheng1"], PEOPLE["minzheng2"]], "recusal_checked": True}
    refused = office.post(
        "fuwuban1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": same}
    )
    assert refused.status_code == 422, "who investigated before does not investigate again"
    office.do("assign_investigators", "fuwuban1", staff=OTHERS, recusal_checked=True)
    office.do("home_survey", "fuwuban1", "baocun", visitors=OTHERS, hard_to_verify=False)
    if "econ_check" in office.open("jiuzhu1"):
        office.do("econ_check", "jiuzhu1", econ_disputed=False)
    proposed(office, "keep", 1800)
    decided(office, result="keep", amount=1800)
    delivered(office)
    assert state(office, again["id"]) == "completed"
    results = [one["result"] for one in office.get("jiuzhu1", f"recognitions/{NUMBER}")["changes"]]
    assert results == ["stop", "reinstate", "keep"], "each decision stays on record"
    assert now_receives(office).amount == Decimal(1800)


def test_a_reduction_that_falls_is_paid_in_full_again_until_decided_anew(office: Office) -> None:
    receives(office)
    reviewed(office, "reduce", 1200)
    assert paid(office, date(2026, 10, 1)) == [Decimal(1200)]
    revoked(office)
    assert paid(office, date(2026, 10, 1)) == [Decimal(1800)]
    assert again_reviewed(office)["number"] == f"{NUMBER}-F2"
