"""按月发放 over HTTP: to the account of the register, line by line as the bank answers, until everything has arrived (R53, C-28)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from casework import files, payouts, recognitions, reports, seed
from casework.tables import appointments, households, ledger
from casework.tables import files as files_table
from casework.tables import payouts as payouts_table
from casework.tables import recognitions as recognitions_table
from engine.errors import Conflict
from tests.api.office import Office, found, opened

ACCOUNT = "6222000011112222"
OCTOBER = date(2026, 10, 1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    more = {"database": request.getfixturevalue("postgres").database()} if request.param == "postgres" else {}
    with opened(tmp_path, "2026-09-28T09:00:00+08:00", **more) as made:
        yield made


def recognised(
    office: Office, number: str, name: str, amount: int | None, household: str | None = None
) -> str:
    lead = found(office, subject_name=name)
    with office.runtime.db.transaction() as tx:
        recognitions.recognise(
            tx, application_no=number, programme="DIBAO", case_id=lead["case_id"], area=seed.VILLAGE, title=name,
            decided_on=date(2026, 9, 10), persons=2, valid_to=None, amount=Decimal(amount) if amount else None,
            from_month=OCTOBER if amount else None, now=office.runtime.now(tx), household=household,
        )  # fmt: skip
    return str(lead["case_id"])


def account(office: Office, household: str, number: str | None) -> None:
    with office.runtime.db.transaction() as tx:
        tx.run(update(households).where(households.c.id == household).values(account=number))


def pay_day(office: Office, at: str = "2026-10-08T08:30:00+08:00") -> Any:
    """The first working day of October; → the payment's case."""
    office.advance(to=at)
    rows = office.get("jiuzhu1", "cases?process=monthly_payment&size=100")["items"]
    return next(row for row in rows if row["number"].endswith("101"))


def shown(office: Office, element: str) -> Any:
    return office.get("minzheng1", f"tasks/{office.task('minzheng1', element)['id']}")["values"]


def bank_files(office: Office) -> list[str]:
    """Every file for the bank: its lines without the sum, oldest first."""
    with office.runtime.db.reading() as tx:
        query = select(files_table.c.id).where(files_table.c.name.startswith("按月发放"))
        read = [files.read(tx, one)[1].decode() for one in tx.run(query.order_by(files_table.c.at)).scalars()]
    return ["\n".join(text.splitlines()[1:-1]) for text in read]


def booked(office: Office) -> list[tuple[str, str, str | None]]:
    with office.runtime.db.reading() as tx:
        p = payouts_table.c
        return [tuple(r) for r in tx.run(select(p.number, p.state, p.reason).order_by(p.made_at, p.number))]


def reported(office: Office) -> Any:
    """What the town's report of October says was paid."""
    with office.runtime.db.reading() as tx:
        total = reports.compute(tx, seed.TOWN, OCTOBER, office.runtime.now(tx))["total"]
    return total.get("paid", {})


def signed(office: Office) -> None:
    office.do("check_list", "minzheng1", checked=True)
    office.do("sign_list", "jiuzhu1", ok=True)


def test_the_recognised_are_paid_each_month_until_decided_otherwise(office: Office) -> None:
    account(office, "h_l", ACCOUNT)
    account(office, "h_w", "6222000033334444")
    cases = [recognised(office, "A1", "李某甲", 1800, "h_l"), recognised(office, "A2", "王某乙", 1500, "h_w")]
    recognised(office, "A3", "钱某丁", None)  # a status without money
    case = pay_day(office)
    assert [
        (row["name"], float(row["amount"]), row["tail"]) for row in shown(office, "check_list")["rows"]
    ] == [
        ("李某甲", 1800.0, "李某甲 尾号 2222"),
        ("王某乙", 1500.0, "王某乙 尾号 4444"),
    ]
    signed(office)
    assert bank_files(office) == [
        f"1,A1-M202610,李某甲,{ACCOUNT},1800.00,社会救助金\n2,A2-M202610,王某乙,6222000033334444,1500.00,社会救助金"
    ]
    assert reported(office) == {}, "handed to the bank is not paid"
    office.message("jiuzhu1", case["id"], "收到银行回盘", all_paid=True)
    assert office.get("jiuzhu1", f"cases/{case['id']}")["case"]["status"] == "completed"
    paid = reported(office)
    assert (paid["n"], paid["yuan"], sorted(paid["cases"])) == (2, "3300.00", sorted(cases))
    assert paid["by"] == {"fund:budget": 2, "pay:monthly": 2}
    lines = office.get("fuwuban1", "ledgers/payments")["items"]
    assert {(one["number"], one["name"], one["month"], one["amount"], one["state"]) for one in lines} == {
        ("A1-M202610", "李**", "2026-10", "1800.00", "已到账"),
        ("A2-M202610", "王**", "2026-10", "1500.00", "已到账"),
    }
    rows = office.get("jiuzhu1", "cases?process=monthly_payment&size=100")["items"]
    assert [row["status"] for row in rows if row["number"].endswith("103")] == ["completed"], (
        "a town without anybody to pay is done at once"
    )


def test_who_has_no_account_is_mended_before_the_file_is_made_and_known_from_then_on(office: Office) -> None:
    account(office, "h_w", "6222000033334444")
    recognised(office, "A1", "李某甲", 1800, "h_l")
    recognised(office, "A2", "王某乙", 1500, "h_w")
    recognised(office, "A4", "孙某", 900)  # on no register
    case = pay_day(office)
    assert "check_list" not in office.open("minzheng1")
    fixes = shown(office, "fix_failures")["fixes"]
    assert [(one["name"], one["reason"]) for one in fixes] == [
        ("孙某", "没有发放账户"),
        ("李某甲", "没有发放账户"),
    ]
    row = office.task("minzheng1", "fix_failures")
    without = {"fixes": [{**one, "how": "pay"} for one in fixes]}
    refused = office.post(
        "minzheng1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": without}
    )
    assert refused.status_code == 422
    half = {"fixes": [{**fixes[0], "how": "later", "note": "本人住院"}]}
    refused = office.post(
        "minzheng1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": half}
    )
    assert refused.status_code == 422, "each of them"
    office.do(
        "fix_failures",
        "minzheng1",
        fixes=[
            {**fixes[0], "how": "pay", "account": "6222 0000 5555 6666", "payee": "孙某兄"},
            {**fixes[1], "how": "later", "note": "存折遗失补办中"},
        ],
    )
    assert [row["tail"] for row in shown(office, "check_list")["rows"]] == [
        "孙某兄 尾号 6666",
        "王某乙 尾号 4444",
    ]
    signed(office)
    assert bank_files(office)[0].startswith("1,A4-M202610,孙某兄,6222000055556666,900.00"), (
        "digits, as a bank reads them"
    )
    office.message("jiuzhu1", case["id"], "收到银行回盘", all_paid=True)
    (later,) = shown(office, "fix_failures")["fixes"]
    assert (later["name"], later["reason"]) == ("李某甲", "没有发放账户"), "put off is still owed"
    office.do("fix_failures", "minzheng1", fixes=[{**later, "how": "pay", "account": ACCOUNT}])
    signed(office)
    office.message("jiuzhu1", case["id"], "收到银行回盘", all_paid=True)
    assert office.get("jiuzhu1", f"cases/{case['id']}")["case"]["status"] == "completed"
    assert reported(office)["yuan"] == "4200.00"
    with office.runtime.db.reading() as tx:
        assert tx.run(select(households.c.account).where(households.c.id == "h_l")).scalar_one() == ACCOUNT
    office.advance(to="2026-11-02T08:30:00+08:00")
    assert [row["tail"] for row in shown(office, "check_list")["rows"]] == [
        "孙某兄 尾号 6666",
        "李某甲 尾号 2222",
        "王某乙 尾号 4444",
    ], "next month nobody asks again"


def test_what_the_bank_returns_goes_back_to_the_town_and_out_again(office: Office) -> None:
    account(office, "h_l", ACCOUNT)
    account(office, "h_w", "6222000033334444")
    recognised(office, "A1", "李某甲", 1800, "h_l")
    recognised(office, "A2", "王某乙", 1500, "h_w")
    case = pay_day(office)
    signed(office)
    detail = office.get("jiuzhu1", f"cases/{case['id']}")
    (action,) = [
        a["key"].removeprefix("message:")
        for a in detail["actions"]
        if a["label"].startswith("登记：收到银行回盘")
    ]
    form = office.get("jiuzhu1", f"cases/{case['id']}/messages/{action}")["form"]
    (table,) = [c for c in form["components"] if c.get("path") == "failed_rows"]
    assert [o["label"] for o in table["components"][0]["values"]] == [
        "1 李某甲 1800元 李某甲 尾号 2222",
        "2 王某乙 1500元 王某乙 尾号 4444",
    ]
    body = {"subscription": action, "revision": detail["revision"]}
    for rows in ([], [{"line": "A9", "why": "name"}], [{"line": "A2-M202610", "why": "name"}] * 2):
        values = {"all_paid": False, "failed_rows": rows, "paid_at": "2026-10-08T09:00:00+08:00"}
        answer = office.post("jiuzhu1", f"cases/{case['id']}/messages", {**body, "values": values})
        assert answer.status_code == 422, rows
    failed = [{"line": "A2-M202610", "why": "other", "note": "账户已挂失"}]
    office.message("jiuzhu1", case["id"], "收到银行回盘", all_paid=False, failed_rows=failed)
    assert booked(office) == [
        ("A1-M202610", "paid", None),
        ("A2-M202610", "failed", "其他（账户已挂失）"),
    ], "only what arrived is booked"
    assert (reported(office)["n"], reported(office)["yuan"]) == (1, "1800.00")
    (fix,) = shown(office, "fix_failures")["fixes"]
    assert (fix["name"], fix["reason"]) == ("王某乙", "其他（账户已挂失）")
    office.do("fix_failures", "minzheng1", fixes=[{**fix, "how": "pay", "account": "6222000077778888"}])
    assert [row["tail"] for row in shown(office, "check_list")["rows"]] == ["王某乙 尾号 8888"]
    signed(office)
    assert bank_files(office)[1:] == ["1,A2-M202610-2,王某乙,6222000077778888,1500.00,社会救助金"]
    office.message("jiuzhu1", case["id"], "收到银行回盘", all_paid=True)
    assert office.get("jiuzhu1", f"cases/{case['id']}")["case"]["status"] == "completed"
    assert booked(office)[-1] == ("A2-M202610-2", "paid", None)
    assert (reported(office)["n"], reported(office)["yuan"]) == (2, "3300.00")
    with office.runtime.db.reading() as tx:
        assert tx.run(select(ledger.c.id).where(ledger.c.book == "monthly_payment")).first() is None


def test_a_line_falls_off_by_a_decision_alone(office: Office) -> None:
    recognised(office, "A1", "李某甲", 1800, "h_l")
    case = pay_day(office)
    for _ in range(2):
        (fix,) = shown(office, "fix_failures")["fixes"]
        office.do("fix_failures", "minzheng1", fixes=[{**fix, "how": "later", "note": "联系不上本人"}])
    assert office.open("minzheng1").count("fix_failures") == 1, "owed as long as nobody decided otherwise"
    with office.runtime.db.transaction() as tx:
        recognitions.change(
            tx, "A1", result="natural", decided_on=date(2026, 10, 9), from_month=OCTOBER, amount=None, persons=0,
            reason="death", hearing_ref=None, decision_no=None, case_id=case["id"], now=office.runtime.now(tx), job="j",
        )  # fmt: skip
    office.do("fix_failures", "minzheng1", fixes=[{**fix, "how": "later", "note": "已去世"}])
    assert office.get("jiuzhu1", f"cases/{case['id']}")["case"]["status"] == "completed"
    assert booked(office) == []


def test_nobody_is_paid_a_month_twice_and_an_answer_names_lines_of_its_list(office: Office) -> None:
    case = recognised(office, "A1", "李某甲", 1800, "h_l")
    order = payouts.Order(
        "A1-M202610",
        case,
        "A1",
        seed.VILLAGE,
        Decimal(1800),
        "bank",
        "budget",
        "李某甲",
        ACCOUNT,
        "B1",
        OCTOBER,
    )
    with office.runtime.db.transaction() as tx:
        now = office.runtime.now(tx)
        file = payouts.send_list(tx, "B1", "按月发放 B1", [order], now)
        assert payouts.send_list(tx, "B1", "按月发放 B1", [order], now) == file
        with pytest.raises(Conflict) as refused:
            payouts.settle(tx, "B1", {"A7": "账号有误"}, now, now)
        assert refused.value.code == "unknown_line"
        assert payouts.unsettled(tx, case) == [], "the family's own case does not wait for it"
    twice = replace(order, number="A1-X", batch="B2")
    with pytest.raises(IntegrityError), office.runtime.db.transaction() as tx:
        payouts.send_list(tx, "B2", "按月发放 B2", [twice], now)


NOVEMBER, NOVEMBERS_PAY_DAY = date(2026, 11, 1), "2026-11-02T08:30:00+08:00"


def vacant(office: Office, until: date | None) -> None:
    """Everybody of the town's office leaves (a day), or comes back (None)."""
    with office.runtime.db.transaction() as tx:
        held = (appointments.c.tier == "town", appointments.c.area == seed.TOWN)
        tx.run(update(appointments).where(*held).values(valid_to=until))


def test_a_town_nobody_works_in_has_its_list_and_its_report_all_the_same(office: Office) -> None:
    recognised(office, "A1", "李某甲", 1800, "h_l")
    vacant(office, date(2026, 9, 29))
    case = pay_day(office)
    assert case["status"] == "active", "owed, and seen as owed"
    reports_ = office.get("jiuzhu1", "cases?process=monthly_report&size=100")["items"]
    assert any(row["number"].endswith("101") and row["status"] == "active" for row in reports_)
    vacant(office, None)
    (fix,) = shown(office, "fix_failures")["fixes"]
    office.do("fix_failures", "minzheng1", fixes=[{**fix, "how": "pay", "account": ACCOUNT}])
    signed(office)
    assert bank_files(office) == [f"1,A1-M202610,李某甲,{ACCOUNT},1800.00,社会救助金"]


def test_a_month_no_list_knew_of_is_on_the_next_one(office: Office) -> None:
    account(office, "h_l", ACCOUNT)
    assert pay_day(office)["status"] == "completed"
    recognised(
        office, "A1", "李某甲", 1800, "h_l"
    )  # decided in September, enrolled after the list of October
    office.advance(to=NOVEMBERS_PAY_DAY)
    assert [row["tail"] for row in shown(office, "check_list")["rows"]] == [
        "李某甲 尾号 2222（补发2026年10月）",
        "李某甲 尾号 2222",
    ]
    signed(office)
    assert bank_files(office) == [
        f"1,A1-M202610,李某甲,{ACCOUNT},1800.00,社会救助金\n2,A1-M202611,李某甲,{ACCOUNT},1800.00,社会救助金"
    ]
    with office.runtime.db.reading() as tx:
        p = payouts_table.c
        assert list(tx.run(select(p.month).order_by(p.month)).scalars()) == [OCTOBER, NOVEMBER]


def test_a_month_whose_list_is_open_is_left_to_it(office: Office) -> None:
    recognised(office, "A1", "李某甲", 1800, "h_l")
    pay_day(office)  # no account: the list of October stays open
    account(office, "h_l", ACCOUNT)
    office.advance(to=NOVEMBERS_PAY_DAY)
    assert [row["tail"] for row in shown(office, "check_list")["rows"]] == ["李某甲 尾号 2222"]
    assert "fix_failures" in office.open("minzheng1")


def test_who_was_recognised_without_an_amount_is_seen_until_a_review_says_it(office: Office) -> None:
    account(office, "h_l", ACCOUNT)
    case = recognised(office, "A1", "李某甲", 1800, "h_l")
    with office.runtime.db.transaction() as tx:
        tx.run(update(recognitions_table).values(amount=None))
    pay_day(office)
    (fix,) = shown(office, "fix_failures")["fixes"]
    assert fix["reason"] == "没有月发放金额"
    row = office.task("minzheng1", "fix_failures")
    paid = {"fixes": [{**fix, "how": "pay"}]}
    refused = office.post(
        "minzheng1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": paid}
    )
    assert refused.status_code == 422
    assert "动态复核" in refused.text
    with office.runtime.db.transaction() as tx:
        recognitions.change(
            tx, "A1", result="increase", decided_on=date(2026, 10, 9), from_month=NOVEMBER, amount=Decimal(1800), persons=2,
            reason="other", hearing_ref=None, decision_no=None, case_id=case, now=office.runtime.now(tx), job="j",
        )  # fmt: skip
    office.do("fix_failures", "minzheng1", fixes=[{**fix, "how": "later", "note": "复核已补定金额"}])
    office.do("fix_failures", "minzheng1", fixes=[{**fix, "amount": 1800, "how": "pay", "reason": ""}])
    assert [row["amount"] for row in shown(office, "check_list")["rows"]] == [1800], "October too"
