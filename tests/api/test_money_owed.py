"""Money and its papers: paid once, under a number of its own; waited for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework.tables import payouts
from tests.api.office import PEOPLE, Office, acknowledged, opened, paid, verified
from tests.api.stories import here
from tests.api.test_expenditure import (
    THURSDAY,
    delivered,
    posted,
    surveyed,
    to_application,
    visited_by_the_bureau,
)

BANK = {"method": "bank", "account": "6222000011112222"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, THURSDAY) as made:
        yield made


def decided(office: Office, amount: int) -> Any:
    lead = to_application(office)
    surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2")
    office.do("draft_opinion", "minzheng1", opinion="support", amount=amount)
    posted(office)
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    visited_by_the_bureau(office)
    office.do("town_decide", "fuwuban2", result="approved", amount=amount, reasons="同意确认")
    delivered(office, "minzheng1")
    return lead


def reopened(office: Office) -> None:
    (watch,) = [row["id"] for row in office.get("jiuzhu1", "cases?process=remedy_watch")["items"]]
    office.message("minzheng1", watch, "复议已受理", procedure="ordinary", simplified=False)
    office.do("prepare_reply", "minzheng1")
    office.message("minzheng1", watch, "等待复议决定", remedy_result="revoked")
    office.do("carry_out", "minzheng1", reopen=True)


def decided_anew(office: Office, amount: int) -> None:
    others = [PEOPLE["fuwuban1"], PEOPLE["baocun"]]
    office.do("assign_investigators", "fuwuban1", staff=others, recusal_checked=True)
    office.do("home_survey", "fuwuban1", "baocun", visitors=others, hard_to_verify=False)
    office.do("draft_opinion", "minzheng1", opinion="support", amount=amount, reasons="符合条件", persons=2)
    office.do("check_notice", "fuwuban2", content_ok=True)
    office.do("post_notice", "jiandu", complaint_phone="022-00000000")
    office.advance(by="P12D")
    office.do("remove_notice", "jiandu", continuous=True)
    office.do("close_notice", "fuwuban2", notice_result="cleared")
    visited_by_the_bureau(office)
    office.do("town_decide", "fuwuban2", result="approved", amount=amount, reasons="同意确认")
    delivered(office, "minzheng1")


def booked(office: Office) -> list[tuple[str, float, str]]:
    p = payouts.c
    with office.runtime.db.reading() as tx:
        rows = tx.run(select(p.number, p.amount, p.state).order_by(p.made_at))
        return [(row.number.partition("-")[2], float(row.amount), row.state) for row in rows]


def test_a_second_decision_pays_the_rest_under_a_number_of_its_own(office: Office) -> None:
    decided(office, 3000)
    paid(office)
    reopened(office)
    decided_anew(office, 5000)
    task = office.task("minzheng1", "prepare_payout")
    assert float(office.get("minzheng1", f"tasks/{task['id']}")["values"]["amount"]) == 2000
    office.do("prepare_payout", "minzheng1", **BANK)
    office.do("approve_payout", "fuwuban1", ok=True)
    office.advance(by="PT5M")
    assert booked(office) == [("A1-1-P1", 3000.0, "paid"), ("A1-1-C1-P1", 2000.0, "sent")]


def test_a_refusal_waits_for_the_banks_answer(office: Office) -> None:
    lead = decided(office, 3000)
    office.do("prepare_payout", "minzheng1", **BANK)
    office.do("approve_payout", "fuwuban1", ok=True)
    office.advance(by="PT5M")
    with pytest.raises(AssertionError, match="尚无回盘"):
        office.message("minzheng1", lead["case_id"], "本人谢绝救助", reason="不要了")
    office.message("minzheng1", lead["case_id"], "收到银行回盘", paid=True)
    office.message("minzheng1", lead["case_id"], "本人谢绝救助", reason="不要了")
    office.do("record_refusal", "minzheng1", "minzheng2")
    office.do("revisit", "wangge", changed_mind=False)
    office.advance(by="PT1H")
    assert office.get("fuwuban1", f"cases/{lead['case_id']}")["case"]["status"] == "completed"


def helped_first(office: Office, route: str) -> Any:
    lead = acknowledged(office, main_cause="15", urgent_signs=["no_food"])
    verified(
        office, immediate_need=True, causes=["15"], est_amount=3000 if route == "TEMP_EMERGENCY" else 800
    )
    office.do("choose_routes", "minzheng1", green_route=route, first_aid=True, other_routes=[])
    office.do("give_first_aid", "minzheng1", "minzheng2", form="cash", amount=800, fund="reserve")
    return lead


def test_first_aid_has_its_papers_whatever_is_answered_after_a_refusal(office: Office) -> None:
    lead = helped_first(office, "TEMP_EMERGENCY")
    office.message("minzheng1", lead["case_id"], "本人谢绝救助", reason="不要了")
    with pytest.raises(AssertionError, match="须补办"):
        office.do("record_refusal", "minzheng1", "minzheng2", papers_open=False)
    office.do("record_refusal", "minzheng1", "minzheng2")
    assert here(office, lead) == {"finish_papers"}


def test_nobody_declines_while_first_aid_is_on_its_way_into_the_books(office: Office) -> None:
    lead = acknowledged(office, main_cause="15", urgent_signs=["no_food"])
    verified(office, immediate_need=True, causes=["15"], est_amount=800)
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=True, other_routes=[])
    office.do("give_first_aid", "minzheng1", form="cash", amount=800, fund="reserve")
    row = office.task("minzheng2", "give_first_aid")
    signed = office.get("minzheng2", f"tasks/{row['id']}")["values"]
    answer = office.post(
        "minzheng2", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": signed}
    )
    assert answer.status_code == 200, answer.text
    with pytest.raises(AssertionError, match="正在登记台账"):
        office.message("minzheng1", lead["case_id"], "本人谢绝救助", reason="不要了")
    office.advance(by="PT5M")
    office.message("minzheng1", lead["case_id"], "本人谢绝救助", reason="不要了")
    with pytest.raises(AssertionError, match="须补办"):
        office.do("record_refusal", "minzheng1", "minzheng2", papers_open=False)


def test_first_aid_that_quick_relief_did_not_approve_is_decided_as_emergency_relief(office: Office) -> None:
    lead = helped_first(office, "SMALL_QUICK")
    office.do("note_emergency_end", "minzheng1")
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=2, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="other_route")
    assert here(office, lead) == {"register_emergency"}
