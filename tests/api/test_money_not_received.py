"""Money the register calls paid and the person never got: looked into by others, taken back in the register, paid anew – once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import books, payment_inquiries, reserve, seed
from casework.tables import payouts
from engine.tables import cases
from tests.api.office import Office, acknowledged, opened, verified
from tests.api.stories import ended, here, refused, routed

MONDAY = "2026-09-14T09:00:00+08:00"
BANK = {"method": "bank", "account": "6222000011112222", "fund": "budget"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MONDAY) as made:
        yield made


def handed_over(office: Office, **order: Any) -> Any:
    """Small quick relief is booked as paid; the liaison has not asked yet."""
    lead = acknowledged(office, main_cause="15", urgent_signs=["no_food"])
    verified(office, immediate_need=True, causes=["15"], est_amount=800)
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=False, other_routes=[])
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=2, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    office.do("prepare_payout", "minzheng1", **(order or {"method": "cash", "fund": "reserve"}))
    office.do("approve_payout", "fuwuban1", ok=True)
    office.advance(by="PT5M")
    if order:
        office.message("minzheng1", lead["case_id"], "收到银行回盘", paid=True)
    else:
        office.do("hand_over", "minzheng1", "minzheng2")
    return lead


def register(office: Office) -> list[tuple[str, float, str]]:
    p = payouts.c
    with office.runtime.db.reading() as tx:
        rows = tx.run(select(p.number, p.amount, p.state).order_by(p.made_at))
        return [(row.number.partition("-")[2], float(row.amount), row.state) for row in rows]


def inquiries(office: Office) -> list[tuple[str, str]]:
    c = cases.c
    with office.runtime.db.reading() as tx:
        rows = tx.run(
            select(c.number, c.status).where(c.process == payment_inquiries.PROCESS).order_by(c.number)
        )
        return [(row.number.partition("-")[2], row.status) for row in rows]


def balance(office: Office) -> float:
    with office.runtime.db.reading() as tx:
        return float(books.balance(tx, reserve.BOOK, seed.TOWN))


def finding(
    office: Office, who: str, found: str, basis: str = "问过本人和两位经手人"
) -> list[dict[str, Any]]:
    task = office.task(who, "trace_payment")
    rows = office.get(who, f"tasks/{task['id']}")["values"]["findings"]
    return [{**row, "found": found, "basis": basis} for row in rows]


def traced(office: Office, found: str, who: str = "fuwuban2", **more: Any) -> None:
    office.do("trace_payment", who, findings=finding(office, who, found), told_person=True, **more)
    office.advance(by="PT5M")


def test_cash_that_never_came_is_looked_into_by_others_and_paid_anew_once(office: Office) -> None:
    lead = handed_over(office)
    assert balance(office) == 50_000 - 800
    office.do("confirm_received", "lianluo", received=False, missing_note="说没有人来送过钱")
    office.advance(by="PT5M")
    assert inquiries(office) == [("Q1", "active")]
    assert here(office, lead) == set()
    with pytest.raises(AssertionError, match="前序环节"):
        traced(office, "arrived", who="minzheng1")
    assert office.receipts("fuwuban2", "trace_payment") == {"payout.trace.emergency": "2026-09-15"}
    assert register(office) == [("K1-P1", 800.0, "paid")], "nothing is taken back before the finding"
    with pytest.raises(AssertionError, match="不是转账的没有退汇"):
        traced(office, "returned")
    traced(office, "taken_back")
    assert register(office) == [("K1-P1", 800.0, "failed")]
    assert balance(office) == 50_000
    assert office.receipts("minzheng1", "prepare_payout") == {"payout.again.emergency": "2026-09-15"}
    with pytest.raises(AssertionError, match="不能多于应发的"):
        office.do("prepare_payout", "minzheng1", method="cash", fund="reserve", amount=900)
    office.do("prepare_payout", "minzheng1", method="cash", fund="reserve")
    office.do("approve_payout", "fuwuban1", ok=True)
    office.do("hand_over", "minzheng1", "minzheng2")
    office.do("confirm_received", "lianluo", received=True)
    office.advance(by="PT1H")
    assert register(office) == [("K1-P1", 800.0, "failed"), ("Q1-1-P1", 800.0, "paid")]
    assert balance(office) == 50_000 - 800
    assert inquiries(office) == [("Q1", "completed")]
    assert here(office, lead) == {"assess_gap"}, "the lead goes on when the money has come"


def test_what_had_come_after_all_is_not_paid_again(office: Office) -> None:
    lead = handed_over(office)
    office.do("confirm_received", "lianluo", received=False, missing_note="本人不记得收过")
    office.advance(by="PT5M")
    (inquiry,) = office.get("fuwuban1", "cases?process=payment_inquiry")["items"]
    refused(ended(office, {"case_id": inquiry["id"]}, "jiuzhu1", "cancel"), "still_owed")
    traced(office, "arrived")
    office.advance(by="PT5M")
    assert register(office) == [("K1-P1", 800.0, "paid")]
    assert inquiries(office) == [("Q1", "completed")]
    assert here(office, lead) == {"assess_gap"}


def test_a_visit_that_finds_money_missing_opens_the_inquiry_and_the_lead_waits(office: Office) -> None:
    lead = handed_over(office, **BANK)
    office.do("confirm_received", "lianluo", received=True)
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    office.advance(by="P20D")
    visit = {"still_in_difficulty": False, "satisfaction": "2"}
    office.do("first_visit", "minzheng1", aid_received=False, missing_note="存折上没有这笔钱", **visit)
    office.advance(by="PT5M")
    assert inquiries(office) == [("Q1", "active")]
    office.advance(by="P45D")
    office.do("second_visit", "minzheng1", aid_received=False, missing_note="还是没有", **visit)
    office.advance(by="PT5M")
    assert inquiries(office) == [("Q1", "active")], "what is being looked into is not looked into twice"
    assert office.get("fuwuban1", f"cases/{lead['case_id']}")["case"]["status"] == "active"
    traced(office, "returned", who="minzheng2")
    office.do("prepare_payout", "minzheng1", method="bank", account="6222000011113333", fund="budget")
    office.do("approve_payout", "fuwuban1", ok=True)
    office.advance(by="PT5M")
    with office.runtime.db.reading() as tx:
        (inquiry,) = tx.run(select(cases.c.id).where(cases.c.process == payment_inquiries.PROCESS)).scalars()
    office.message("minzheng1", inquiry, "收到银行回盘", paid=True)
    office.do("confirm_received", "lianluo", received=True)
    office.advance(by="PT1H")
    assert register(office) == [("K1-P1", 800.0, "failed"), ("Q1-1-P1", 800.0, "paid")]
    closed = office.get("fuwuban1", f"cases/{lead['case_id']}")["case"]
    assert closed["status"] == "completed"


def test_a_visit_that_finds_nothing_given_at_all_arranges_aid_anew(office: Office) -> None:
    lead = acknowledged(office)
    verified(office)
    routed(office, "DIBAO")
    office.do("receive_application", "fuwuban1", accept_result="not_accepted")
    office.do("tell_not_accepted", "fuwuban2")
    office.advance(by="PT5M")
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    office.advance(by="P20D")
    office.do(
        "first_visit", "minzheng1",
        aid_received=False, missing_note="说好的送餐没有来", still_in_difficulty=False, satisfaction="2",
    )  # fmt: skip
    office.advance(by="PT1H")
    assert inquiries(office) == []
    assert here(office, lead) == {"choose_routes"}
