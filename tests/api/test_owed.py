"""应退应缴 over HTTP: what an order asks for is followed, instalment by instalment, until it is paid, waived or handed to the court (C-59)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from casework.tables import ledger
from tests.api.office import Office, opened
from tests.api.test_dynamic_review import (
    NUMBER,
    decided,
    delivered,
    heard,
    proposed,
    receives,
    report,
    state,
    surveyed,
)
from tests.api.test_orders import order, revoked

PLAN = [
    {"due_on": "2026-10-20", "amount": 1200},
    {"due_on": "2026-11-20", "amount": 1200},
    {"due_on": "2026-12-21", "amount": 1200},
]
ORDER = f"{NUMBER}-F1-T"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-14T09:00:00+08:00") as made:  # a Monday
        yield made


def owes(office: Office, *, fraud: bool = False, **how: Any) -> str:
    """3600 yuan are ordered back and the order is delivered; the id of the case that follows the money."""
    receives(office)
    made = report(office)
    surveyed(office)
    proposed(office, "stop", overpaid=True, overpaid_amount=3600, fraud=fraud)
    heard(office, made["case_id"], stated=True, was_stated=True, final_proposal="stop")
    decided(office, result="stop")
    delivered(office)
    given = {"how": "instalments", "by": "2026-12-31", "plan": PLAN, **how}
    office.do("order_recovery", "jiuzhu1", due_amount=3600, cause="隐瞒收入", pay_to="区财政专户", **given)
    office.do("deliver_recovery", "jiuzhu2", remedies_told=True)
    if how.get("how") != "once":
        said = order(office, made["case_id"])
        assert "分期计划2026-10-20以前1,200.00元；2026-11-20以前" in said, "the plan is in the order"
    return followed(office, f"{ORDER}-K")


def followed(office: Office, number: str) -> str:
    (found,) = [
        one["id"]
        for one in office.get("jiuzhu1", "cases?process=money_owed")["items"]
        if one["number"] == number
    ]
    return str(found)


def paid_in(office: Office, amount: float, on: str) -> None:
    office.do("collect_money", "jiuzhu1", act="paid", amount=amount, acted_on=on, voucher="票据 0001")


def refused(office: Office, who: str = "jiuzhu1", element: str = "collect_money", **given: Any) -> Any:
    row = office.task(who, element)
    values = {**office.get(who, f"tasks/{row['id']}")["values"], **given}
    return office.post(who, f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values})


def open_balance(office: Office) -> float:
    row = office.task("jiuzhu1", "collect_money")
    return float(office.get("jiuzhu1", f"tasks/{row['id']}")["values"]["balance"])


def booked(office: Office, book: str) -> Decimal:
    with office.runtime.db.reading() as tx:
        return Decimal(tx.run(select(func.sum(ledger.c.amount)).where(ledger.c.book == book)).scalar() or 0)


def test_each_instalment_is_asked_on_its_day_and_the_case_ends_when_all_is_paid(office: Office) -> None:
    case = owes(office)
    assert office.due("jiuzhu1", "collect_money") == "2026-10-20T16:00", "the end of the first day, in UTC"
    assert open_balance(office) == 3600
    office.advance(to="2026-10-19T10:00:00+08:00")
    paid_in(office, 1200, "2026-10-16")
    assert (open_balance(office), office.due("jiuzhu1", "collect_money")) == (2400, "2026-11-20T16:00")
    office.advance(to="2026-11-21T08:00:00+08:00")
    told = [
        one["text"] for one in office.get("jiuzhu1", "notifications")["items"] if one["title"] == "超期催办"
    ]
    assert [text for text in told if f"{ORDER}-K" in text and "登记退缴" in text], (
        "who is late is told to the officer"
    )
    too_much = refused(office, act="paid", amount=2400.01, acted_on="2026-11-21", voucher="票据")
    assert too_much.json()["fields"][0]["path"] == "amount"
    paid_in(office, 2000, "2026-11-20")
    assert (open_balance(office), office.due("jiuzhu1", "collect_money")) == (400, "2026-12-21T16:00")
    paid_in(office, 400, "2026-11-21")
    assert state(office, case) == "completed"
    (shown,) = [
        one for one in office.get("jiuzhu1", f"cases/{case}")["sections"] if one["title"] == "应退应缴"
    ]
    assert "已退清" in str(shown)
    assert (booked(office, "recovery"), booked(office, "recovered")) == (Decimal(3600), Decimal(3600))


def test_a_plan_that_does_not_add_up_is_no_plan(office: Office) -> None:
    with pytest.raises(AssertionError, match="合计等于应退金额"):
        owes(office, plan=PLAN[:2])


def test_what_is_put_off_or_waived_is_agreed_to_by_another(office: Office) -> None:
    case = owes(office, how="once", by="2026-10-31", plan=None)
    asked = {"act": "plan", "reason": "本人书面申请分两期"}
    later = [{"due_on": "2026-11-30", "amount": 1600}, {"due_on": "2027-01-29", "amount": 2000}]
    office.do("collect_money", "jiuzhu1", **asked, plan=later)
    own = (
        refused(office, "jiuzhu1", "approve_owed", agree=True, reason="同意分期")
        if "approve_owed" in office.open("jiuzhu1")
        else None
    )
    assert own is None or own.status_code == 403
    office.do("approve_owed", "juzhang", agree=False, reason="先退一部分")
    assert office.due("jiuzhu1", "collect_money") == "2026-10-31T16:00", "nothing has changed"
    office.do("collect_money", "jiuzhu1", **asked, plan=later)
    office.do("approve_owed", "juzhang", agree=True, reason="同意分期")
    assert (open_balance(office), office.due("jiuzhu1", "collect_money")) == (3600, "2026-11-30T16:00")
    paid_in(office, 1600, office.runtime.now().date().isoformat())
    office.do("collect_money", "jiuzhu1", act="waive", reason="本人重病，经查明确无能力退回")
    assert state(office, case) == "active", "one person waives nothing"
    office.do("approve_owed", "juzhang", agree=True, reason="核实无能力退回")
    assert state(office, case) == "completed"
    assert (booked(office, "recovery"), booked(office, "recovered")) == (Decimal(1600), Decimal(1600))


def test_the_court_is_asked_only_after_urging_and_within_its_three_months(office: Office) -> None:
    case = owes(office, how="once", by="2026-10-31", plan=None)
    ask = {"act": "enforce", "reason": "经催告仍不退回", "acted_on": "2026-11-10"}
    office.advance(to="2026-11-10T09:00:00+08:00")
    early = refused(office, **ask, urged_on="2026-11-03", period_over_on="2027-03-15")
    assert {one["path"] for one in early.json()["fields"]} == {"urged_on", "period_over_on"}
    office.advance(to="2027-03-22T09:00:00+08:00")
    row = office.task("jiuzhu1", "collect_money")
    assert office.get("jiuzhu1", f"tasks/{row['id']}")["values"]["period_over_on"] == "2027-03-14"
    late = refused(office, **ask, urged_on="2026-11-03", period_over_on="2026-12-01")
    assert "三个月" in late.text
    office.do(
        "collect_money",
        "jiuzhu1",
        **{**ask, "acted_on": "2027-03-22"},
        urged_on="2026-11-03",
        period_over_on="2027-03-14",
    )
    office.do("approve_owed", "juzhang", agree=True, reason="依法申请", court="演示区人民法院")
    assert state(office, case) == "completed"


def test_a_fine_is_due_within_the_laws_fifteen_days_and_is_not_waived(office: Office) -> None:
    owes(office, fraud=True)
    office.do("investigate_fraud", "baopian", "jiuzhu1", substantiated=True)
    office.do("tell_penalty", "jiuzhu2")
    office.advance(to="2026-10-12T09:00:00+08:00")
    office.do("decide_penalty", "juzhang", result="fine", fine=5000, pay_to="区财政非税专户")
    office.do("deliver_penalty", "jiuzhu1", remedies_told=True, delivered_on="2026-10-12")
    case = followed(office, f"{NUMBER}-F1-CF-J-K")
    (row,) = [
        one for one in office.get("jiuzhu1", "tasks?size=100")["items"]
        if one["element"] == "collect_money" and one["case_id"] == case
    ]  # fmt: skip
    detail = office.get("jiuzhu1", f"tasks/{row['id']}")
    assert {one["term"]: one["due"] for one in detail["receipts"]}["penalty.pay"] == "2026-10-27"
    given = {**detail["values"], "act": "waive", "reason": "家庭困难", "acted_on": "2026-10-12"}
    answer = office.post(
        "jiuzhu1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": given}
    )
    assert "罚款和骗取的资金不能免" in answer.text


def test_an_order_that_fell_is_not_collected_and_others_decide_anew(office: Office) -> None:
    case = owes(office)
    paid_in(office, 1200, "2026-09-14")
    revoked(office, f"{ORDER}-R")
    assert state(office, case) == "completed"
    assert "collect_money" not in office.open("jiuzhu1")
    assert "退缴的款项须退还" in [one["title"] for one in office.get("jiuzhu2", "notifications")["items"]]
    same = refused(
        office,
        "jiuzhu1",
        "order_recovery",
        due_amount=1200,
        how="once",
        by="2026-12-31",
        cause="重新核定",
        pay_to="区财政专户",
    )
    assert (same.status_code, same.json()["code"]) == (403, "recused"), (
        "who decided first does not decide anew"
    )
    office.do("order_recovery", "jiuzhu2", due_amount=1200, how="once", by="2026-12-31", pay_to="区财政专户")
