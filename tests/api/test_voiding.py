"""A case somebody is being paid for is not voided: not while the family is recognised, nor while a payment is on its way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from casework import recognitions, seed
from casework.tables import recognitions as table
from tests.api.office import Office, found, opened
from tests.api.stories import refused
from tests.api.test_recording import awaiting_the_bank

MORNING = "2026-09-14T09:00:00+08:00"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MORNING) as made:
        yield made


def ended(office: Office, lead: Any, how: str, who: str = "juzhang") -> Any:
    revision = office.get(who, f"cases/{lead['case_id']}")["revision"]
    return office.post(who, f"cases/{lead['case_id']}/{how}", {"revision": revision, "reason": "重复登记"})


def voidable(office: Office, lead: Any) -> tuple[bool, str | None]:
    actions = office.get("juzhang", f"cases/{lead['case_id']}")["actions"]
    return next((a["enabled"], a["reason"]) for a in actions if a["key"] == "void")


def test_a_family_that_is_paid_keeps_its_case(office: Office) -> None:
    lead = found(office, subject_name="李某甲")
    number = f"{lead['number']}-A1"
    with office.runtime.db.transaction() as tx:
        recognitions.recognise(
            tx, application_no=number, programme="DIBAO", case_id=lead["case_id"], area=seed.VILLAGE, title="李某甲",
            decided_on=date(2026, 9, 1), amount=Decimal(700), persons=1, from_month=date(2026, 10, 1), valid_to=None,
            now=office.runtime.now(tx), household="h_l",
        )  # fmt: skip
    answer = ended(office, lead, "void")
    refused(answer, "still_paid")
    assert answer.json()["message"] == f"不能作废：李某甲户（{number}）仍在享救助，须先经动态复核停发。"
    assert voidable(office, lead)[0] is False
    with office.runtime.db.transaction() as tx:
        tx.run(update(table).values(state="ended"))
    assert voidable(office, lead) == (True, None)
    assert ended(office, lead, "void").status_code == 200


def test_a_payment_on_its_way_is_settled_first(office: Office) -> None:
    lead = awaiting_the_bank(office)
    answer = ended(office, lead, "void")
    refused(answer, "still_paid")
    assert "尚未登记结果" in answer.json()["message"]
    office.message("minzheng1", lead["case_id"], "收到银行回盘", paid=True)
    enabled, reason = voidable(office, lead)
    assert not enabled
    assert reason is not None
    assert reason.startswith("困难已核实属实"), "the answer to the person is still owed"
