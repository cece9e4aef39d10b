"""Payments: which fund paid, what the bank gets, what the register says."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from casework import books, files, payment_inquiries, payouts, reports, seed
from casework.tables import notifications
from casework.tables import payouts as table
from engine import step
from engine.db import Tx
from engine.errors import Conflict
from tests.tasks.rig import NOW, a_case, book, case_numbers, work

LIST = {"fund": "budget", "method": "bank", "amount": 4040, "account": "6200000000000000", "payee": "王某乙"}
ORDERED = {"payout_no": "A1-P1", "application_no": "A1", "lead_no": "L1", "amount": 4040}


def listed(**changes: Any) -> dict[str, Any]:
    return {"payout": [{**LIST, **changes}, {"ok": True}]}


def states(tx: Tx) -> dict[str, str]:
    return {row.number: row.state for row in tx.run(select(table))}


def test_the_banks_file_has_one_line_per_payment_and_a_checksum(tx: Tx) -> None:
    case = a_case(tx, document=listed())
    file = work(tx, case, "payout.file", ORDERED).variables["payout_file"]
    kept, content = files.read(tx, file)
    assert (kept.type, content[:3]) == ("text/csv", b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1] == ["1", "A1-P1", "王某乙", "6200000000000000", "4040.00", "社会救助金"]
    body = text[: text.index("合计")]
    assert rows[2] == ["合计", "1", "", "", "4040.00", hashlib.sha256(body.encode()).hexdigest()]
    assert states(tx) == {"A1-P1": "sent"}


def test_a_repeated_job_sends_nothing_twice(tx: Tx) -> None:
    case = a_case(tx, document=listed())
    first = work(tx, case, "payout.file", ORDERED)
    assert work(tx, case, "payout.file", ORDERED) == first


def test_a_name_is_never_a_formula() -> None:
    order = payouts.Order("P", "c", "A", "a", Decimal(1), "bank", "budget", "=cmd|' /C calc'!A0")
    assert b",=" not in payouts.instruction([order])


def test_money_of_the_budget_leaves_the_reserve_alone_and_opens_one_follow_up(tx: Tx) -> None:
    case = a_case(tx, document=listed())
    work(tx, case, "payout.file", ORDERED)
    paid = {**ORDERED, "given_amount": 500, "paid_at": NOW.isoformat()}
    left = work(tx, case, "fund.book", paid, job_id="job-2").variables["reserve_balance"]
    work(tx, case, "fund.book", paid, job_id="job-2")
    assert (left, book(tx, "reserve_fund")) == (50_000, [])
    assert states(tx) == {"A1-P1": "paid"}
    assert case_numbers(tx, "follow_up") == ["L1-F1"]


def test_cash_of_the_reserve_is_booked_once_per_job(tx: Tx) -> None:
    case = a_case(tx, document=listed(fund="reserve", method="cash"))
    for _ in range(2):
        left = work(tx, case, "fund.book", {**ORDERED, "amount": 1200}).variables["reserve_balance"]
        assert left == 48_800
    assert [row.amount for row in book(tx, "reserve_fund")] == [Decimal("-1200.00")]
    assert states(tx) == {"A1-P1": "paid"}


def test_first_aid_is_booked_by_what_was_given(tx: Tx) -> None:
    case = a_case(tx, document={"first_aid": {"form": "cash", "fund": "reserve"}})
    given = {"given_amount": 300, "given_at": "2026-09-14T06:00:00+08:00", "application_no": "L1-K1"}
    for _ in range(2):
        assert work(tx, case, "fund.book", given).variables["reserve_balance"] == 49_700
    assert states(tx) == {"L1-K1-X": "paid"}, "money is money, whenever its papers come"


def test_nothing_is_booked_without_a_paper_that_says_who_pays(tx: Tx) -> None:
    case = a_case(tx)
    with pytest.raises(Conflict, match="neither") as refused:
        work(tx, case, "fund.book", {"given_amount": 4040})
    assert "资金来源" in refused.value.message
    assert books.balance(tx, "reserve_fund", seed.TOWN) == 50_000


def test_a_new_order_means_the_earlier_one_failed(tx: Tx) -> None:
    case = a_case(tx, document=listed())
    work(tx, case, "payout.file", ORDERED)
    assert payouts.unsettled(tx, case) == ["A1-P1"]
    work(tx, case, "payout.file", {**ORDERED, "payout_no": "A1-P2"}, job_id="job-2")
    assert states(tx) == {"A1-P1": "failed", "A1-P2": "sent"}
    cash = {**ORDERED, "payout_no": "A1-P3"}
    work(tx, case, "fund.book", cash, job_id="job-3")
    assert states(tx) == {"A1-P1": "failed", "A1-P2": "failed", "A1-P3": "paid"}
    assert payouts.unsettled(tx, case) == []


def test_a_low_reserve_tells_the_service_office(tx: Tx) -> None:
    case = a_case(tx, document={"first_aid": {"form": "cash", "fund": "reserve"}})
    for _ in range(2):
        work(tx, case, "fund.book", {"given_amount": 45_000})
    told = tx.run(select(notifications.c.person).where(notifications.c.kind == "alarm")).scalars()
    assert sorted(told) == ["p_fuwuban1", "p_fuwuban2", "p_jiuzhu1", "p_jiuzhu2"], (
        "who spends and who tops up"
    )


def test_another_bank_takes_the_order(tx: Tx) -> None:
    taken = []

    class Gateway(payouts.ByHand):
        def take(self, tx: Tx, order: payouts.Order, now: Any) -> str:
            taken.append(order.number)
            return super().take(tx, order, now)

    case = a_case(tx)
    order = payouts.Order("A1-P1", case, "A1", seed.VILLAGE, Decimal(1), "bank", "budget", "王某乙")
    assert payouts.send(tx, order, NOW, Gateway()) == payouts.send(tx, order, NOW, Gateway())
    assert taken == ["A1-P1"]


def test_a_number_of_another_case_is_refused_and_stays_as_it_was(tx: Tx) -> None:
    first = a_case(tx, "L1", document=listed())
    work(tx, first, "fund.book", ORDERED)
    again = a_case(tx, "L2", document=listed())
    for what in ("payout.file", "fund.book"):
        with pytest.raises(Conflict) as refused:
            work(tx, again, what, {**ORDERED, "amount": 5000}, job_id=f"job-{what}")
        assert refused.value.code == "number_taken"
    assert [(row.case_id, row.amount) for row in tx.run(select(table))] == [(first, Decimal("4040.00"))]


@pytest.mark.parametrize(
    ("number", "amount", "due", "base"),
    [
        ("L1", 5000, 960, "L1-E1"),
        ("L1-E1-C1", 5000, 960, "L1-E1-C1"),
        ("L1-E1-C1", 4000, 0, "L1-E1-C1"),
        ("L1", None, 0, "L1-E1"),
    ],
)
def test_what_is_left_to_pay(tx: Tx, number: str, amount: int | None, due: int, base: str) -> None:
    old = a_case(tx, "L0", document=listed())
    p = payouts.Order("L1-E1-P1", old, "L1-E1", seed.VILLAGE, Decimal(3240), "cash", "budget", "王某乙")
    payouts.paid(tx, p, NOW, NOW)
    aid = payouts.Order("L1-K1-X", old, "L1-K1", seed.VILLAGE, Decimal(800), "cash", "reserve", "王某乙")
    payouts.given(tx, aid, NOW, NOW)
    found = work(tx, a_case(tx, number), "payout.due", {"application_no": "L1-E1", "amount": amount})
    assert found.variables == {"amount_due": due, "payout_base": base}


def test_what_did_not_arrive_is_taken_back_once_and_a_frozen_month_keeps_its_figure(tx: Tx) -> None:
    case = a_case(tx, "L1")
    cash = payouts.Order("L1-K1-P1", case, "L1-K1", seed.VILLAGE, Decimal(800), "cash", "reserve", "王某乙")
    month = payouts.Order(
        "L1-A1-1-M202609", case, "L1-A1-1", seed.VILLAGE, Decimal(500), "bank", "budget", "王某乙",
        month=NOW.date().replace(day=1),
    )  # fmt: skip
    for order in (cash, month):
        payouts.paid(tx, order, NOW, NOW)
    found = [
        {"number": "L1-K1-P1", "found": "taken_back", "basis": "问过经手人"},
        {"number": "L1-A1-1-M202609", "found": "returned", "basis": "退汇凭证 7 号"},
    ]
    later = NOW + timedelta(days=20)
    held = step.lock(tx, case)
    owed = payment_inquiries.correct(tx, held, found, later)
    assert [(one["application_no"], one["amount"], one["month"], one["programme"]) for one in owed] == [
        ("L1-K1", 800, None, "SMALL_QUICK"),
        ("L1-A1-1", 500, "2026-09-01", None),
    ]
    assert payment_inquiries.correct(tx, held, found, later) == [], "nobody is owed it twice"
    assert [row.amount for row in book(tx, "reserve_fund")] == [Decimal("800.00")]
    assert states(tx) == {"L1-K1-P1": "failed", "L1-A1-1-M202609": "failed"}
    assert payouts.so_far(tx, "L1-K1") == 0
    for days, yuan in ((19, "1300.00"), (21, None)):
        total = reports.compute(tx, seed.TOWN, date(2026, 9, 1), NOW + timedelta(days=days))["total"]
        assert total.get("paid", {}).get("yuan") == yuan
