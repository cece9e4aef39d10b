"""追回 and 处罚 over HTTP: what was paid too much is ordered back, fraud has a file of its own; both in writing, served, and open to remedies."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from sqlalchemy import select

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
)  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-14T09:00:00+08:00") as made:  # a Monday
        yield made


def order(office: Office, case: str, kind: str = "recovery", who: str = "jiuzhu1") -> str:
    """The order as it is handed over, from the menu of the case, without blanks."""
    if not office.get(who, f"cases/{case}")["revealed_until"]:
        office.post(who, f"cases/{case}/reveal", {"reason": "打印决定书送达"})
    (paper,) = [p for p in office.get(who, f"cases/{case}/papers") if p["key"] == f"order-{kind}"]
    assert paper["reason"] is None
    content = office.client(who).get(f"/api{paper['url']}").content
    return "".join(
        "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).split()
    )


def revoked(office: Office, number: str) -> None:
    """The watch over an order's remedies hears that reconsideration has revoked it, and the bureau carries that out."""
    listed = office.get("jiuzhu1", "cases?process=remedy_watch")["items"]
    watch = next(one["id"] for one in listed if one["number"] == number)
    office.message("jiuzhu1", watch, "复议已受理", procedure="ordinary", simplified=False)
    office.do("prepare_reply", "jiuzhu1")
    office.message("jiuzhu1", watch, "等待复议决定", remedy_result="revoked")
    office.do("carry_out", "jiuzhu1", reopen=True)
    office.advance(by="PT5M")


@pytest.mark.parametrize("fraud", [False, True])
def test_overpayment_is_recovered_and_only_fraud_has_a_file_of_its_own(office: Office, fraud: bool) -> None:
    receives(office)
    made = report(office)
    surveyed(office)
    proposed(office, "stop", overpaid=True, overpaid_amount=3600, fraud=fraud)
    heard(office, made["case_id"], stated=True, was_stated=True, final_proposal="stop")
    decided(office, result="stop")
    delivered(office)
    row = office.task("jiuzhu1", "order_recovery")
    base = {
        "due_amount": 3600,
        "cause": "隐瞒收入",
        "how": "once",
        "by": "2026-12-31",
        "pay_to": "区财政专户",
        "ordered_on": "2026-09-14",
    }
    for wrong, path in (({"fine": 100}, "fine"), ({"due_amount": 5000}, "due_amount")):
        refused = office.post(
            "jiuzhu1",
            f"tasks/{row['id']}/complete",
            {"revision": row["revision"], "values": {**base, **wrong}},
        )
        assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, path)
    office.do(
        "order_recovery", "jiuzhu1", due_amount=3600, cause="7月至9月隐瞒工资收入，每月多发1200元", how="once",
        by="2026-12-31", pay_to="区财政专户或镇服务窗口", basis="《社会救助法》第七十三条、《社会救助暂行办法》第六十八条",
        authority="演示区人民政府",
    )  # fmt: skip
    assert state(office, made["case_id"]) == "active", "it is not over before the order has been delivered"
    assert "送达日期待送达" in order(office, made["case_id"])
    office.do("deliver_recovery", "jiuzhu2", remedies_told=True)
    told = order(office, made["case_id"])
    for said in (
        "责令退回社会救助资金决定书", "3,600.00元", "7月至9月隐瞒工资收入", "《社会救助法》第七十三条", "2026-12-31以前退清", "区财政专户",
        "60日内向演示区人民政府申请行政复议", "6个月内直接向人民法院提起行政诉讼", "申请行政复议期：2026-11-13",
    ):  # fmt: skip
        assert said in told, said
    assert {"deliver_recovery", "order_recovery"}.isdisjoint(office.open("jiuzhu1"))
    watch = f"{NUMBER}-F1-T-R"
    assert watch in [one["number"] for one in office.get("jiuzhu1", "cases?process=remedy_watch")["items"]]
    assert state(office, made["case_id"]) == "completed", "the review does not wait for the penalty"
    files = office.get("jiuzhu1", "cases?process=penalty_file")["items"]
    assert [one["number"] for one in files] == ([f"{NUMBER}-F1-CF"] if fraud else [])
    if fraud:
        assert office.receipts("baopian", "investigate_fraud")["penalty.decide"] == "2026-12-13"
        office.do("investigate_fraud", "baopian", "jiuzhu1", substantiated=True)
        office.do("tell_penalty", "jiuzhu2")
        assert "decide_penalty" not in office.open("juzhang")
        office.advance(to="2026-10-12T09:00:00+08:00")
        over = {
            "result": "fine",
            "fine": 7200.01,
            "defence": "未陈述申辩",
            "reasons": "事实清楚",
            "pay_to": "某银行",
            "signature": "局长",
        }
        row = office.task("juzhang", "decide_penalty")
        body = {"revision": row["revision"], "values": over}
        answer = office.post("juzhang", f"tasks/{row['id']}/complete", body)
        assert "2 倍以下" in answer.text, "the Law of 2026, no longer three times"
        office.do("decide_penalty", "juzhang", result="fine", fine=7200, pay_to="区财政非税专户")
        assert state(office, files[0]["id"]) == "active"
        office.do("deliver_penalty", "jiuzhu1", remedies_told=True)
        assert state(office, files[0]["id"]) == "completed"
        said = order(office, files[0]["id"], "penalty", "juzhang")
        assert [
            part
            for part in ("行政处罚决定书", "7,200.00元", "15日内缴纳", "百分之三", "6个月内直接")
            if part not in said
        ] == []
        watches = [one["number"] for one in office.get("jiuzhu1", "cases?process=remedy_watch")["items"]]
        assert f"{NUMBER}-F1-CF-J-R" in watches


def test_an_order_that_falls_is_taken_out_of_the_book_and_decided_anew(office: Office) -> None:
    receives(office)
    made = report(office)
    surveyed(office)
    proposed(office, "stop", overpaid=True, overpaid_amount=3600, fraud=False)
    heard(office, made["case_id"], stated=True, was_stated=True, final_proposal="stop")
    decided(office, result="stop")
    delivered(office)
    office.do("order_recovery", "jiuzhu1", due_amount=3600, how="once", by="2026-12-31", pay_to="区财政专户")
    office.do("deliver_recovery", "jiuzhu1", remedies_told=True)
    revoked(office, f"{NUMBER}-F1-T-R")
    with office.runtime.db.reading() as tx:
        booked = tx.run(
            select(ledger.c.amount).where(ledger.c.book == "recovery").order_by(ledger.c.at)
        ).scalars()
        assert list(booked) == [Decimal(3600), Decimal(-3600)]
    (anew,) = office.get("jiuzhu1", "cases?process=recovery")["items"]
    assert anew["number"] == f"{NUMBER}-F1-T-C"
    office.do("order_recovery", "jiuzhu2", due_amount=1200, how="once", by="2026-12-31", pay_to="区财政专户")
    office.do("deliver_recovery", "jiuzhu1", remedies_told=True)
    assert state(office, anew["id"]) == "completed"
