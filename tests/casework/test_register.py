"""The ledger of D.11: every fixed column from the work itself, nothing typed twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from casework import register
from casework.tables import leads
from casework.words import Words
from engine import definitions
from engine.db import Tx
from engine.tables import cases
from tests.api.office import opened
from tests.api.test_expenditure import THURSDAY, delivered, posted, to_application, visited_by_the_bureau
from tests.api.test_review import TOWN_AMOUNT, judged
from tests.tasks.rig import a_lead

MASK: dict[str, Any] = {
    "name": lambda n: (n or "")[:1] + "**",
    "id_no": lambda n: n[:3] + "***" + n[-4:] if n else "",
}
FIXED = (
    "线索编号 镇街 村居 姓名 证件号 性别 年龄 家庭人口 户籍类别/居住状态 困难类型/致困原因 发现渠道 发现人 发现时间 上报时间 核查时间 核查人 "
    "是否先行救助 救助类别 救助方式 救助金额 审批层级 审批时间 发放时间 补办手续时间 转介部门/结果 公示情况 回访时间/结果 经办人 备注"
)


def lines(tx: Tx, *numbers: str) -> list[dict[str, str]]:
    pins = tx.run(select(cases.c.pins).limit(1)).scalar_one()
    return register.lines(tx, numbers, Words.of_codes(definitions.pinned(tx, pins).codes), MASK)


def test_the_columns_are_those_of_the_policy_in_its_order() -> None:
    """policy.md D.11; our own stand behind them."""
    official = FIXED.split()
    labels = list(register.COLUMNS.values())
    assert labels[: len(official)] == official
    assert labels[len(official) :] == ["办理状态", "办理结果"]


def test_the_person_is_the_member_the_lead_names(tx: Tx) -> None:
    people = [
        {"name": "李某某", "relation": "head", "id_no": "120115195005010039"},
        {"name": "王某乙", "relation": "spouse", "id_no": "11010519491231002X"},
    ]
    a_lead(tx, "L1", application={"members": people})
    (line,) = lines(tx, "L1")
    assert (line["id_no"], line["sex"], line["age"]) == ("110***002X", "女", "76")


def test_lines_come_in_the_order_asked_and_unknown_leads_are_left_out(tx: Tx) -> None:
    for number in ("L1", "L2", "L3"):
        a_lead(tx, number)
    tx.run(update(leads).where(leads.c.number == "L2").values(merged_into="L1"))
    found = lines(tx, "L3", "L2", "nothing")
    assert [line["number"] for line in found] == ["L3", "L2"]
    assert found[1]["remark"] == "并入 L1"
    assert {line["id_no"] for line in found} == {""}


def test_a_line_after_a_whole_case(tmp_path: Path) -> None:
    with opened(tmp_path, THURSDAY) as office:
        lead = to_application(office)
        judged(office)
        posted(office)
        office.do("close_notice", "fuwuban1", notice_result="cleared")
        visited_by_the_bureau(office)
        office.do("town_decide", "fuwuban2", result="approved", amount=TOWN_AMOUNT)
        delivered(office, "minzheng1")
        office.do("prepare_payout", "minzheng1", method="bank", fund="budget", account="6200000000000000")
        office.do("approve_payout", "fuwuban1", ok=True)
        office.message("minzheng1", lead["case_id"], "收到银行回盘", paid=True)
        with office.runtime.db.reading() as tx:
            pins = tx.run(select(cases.c.pins).where(cases.c.id == lead["case_id"])).scalar_one()
            (line,) = register.lines(
                tx, [lead["number"]], Words.of_codes(definitions.pinned(tx, pins).codes), MASK
            )
    shown = {
        "number": lead["number"],
        "name": "王**",
        "finder": "乙联络",
        "persons": "2",
        "first_aid": "否",
        "amount": f"{TOWN_AMOUNT}.00",
        "decided_at": "2026-09-29",
        "notice": "已公示 1 次",
        "verifiers": "戊民政、己民政",
        "status": "办理中",
    }
    assert {key: line[key] for key in shown} == shown
    assert line["paid_at"].startswith("2026-09-29")
    assert "支出" in line["programme"]
    assert not [
        key
        for key in ("town", "village", "cause", "source", "level", "handlers", "verified_at")
        if not line[key]
    ]
