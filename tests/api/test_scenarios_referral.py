"""Policy F-6 and its neighbours over HTTP: several departments at once, refused, sent on, late – one number for the person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.office import Office, acknowledged, found, opened, verified
from tests.api.stories import here, orders, receipts, routed, running

MONDAY = "2026-10-12T08:30:00+08:00"
SUMMARY = "学费、住房、就业困难，请予核实"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MONDAY) as made:
        yield made


def referred(office: Office, *ways: str, at: str = "2026-10-15T10:00:00+08:00", **report: Any) -> Any:
    """Family S: tuition, a cracked house, the father without work; routed at that instant."""
    lead = acknowledged(office, **{"main_cause": "31", **report})
    verified(office, needs=["schooling", "housing", "job"], causes=["31", "34", "41"])
    office.advance(to=at)
    routed(office, *ways)
    return lead


def sent(office: Office, **wanted: Any) -> None:
    office.do("prepare_referral", "jiuzhu1", **{"channel": "platform", "consent": True, **wanted})


def letters(office: Office) -> list[dict[str, Any]]:
    folder = office.runtime.settings.data / "outbox"
    return [json.loads(p.read_text("utf-8")) for p in sorted(folder.rglob("*.json"))]


def answered(office: Office, lead: Any, label: str, **wanted: Any) -> None:
    office.message("jiuzhu1", lead["case_id"], label, **wanted)


def bounced(office: Office, lead: Any, reason: str = "农村住房由农业农村部门办理") -> None:
    answered(office, lead, "等待部门接收", dept_reply="bounced", bounce_reason=reason)


# ------------------------------------------------------------------------------------------ F-6
def test_three_referrals_the_same_day_with_one_number_for_the_person(office: Office) -> None:
    lead = referred(office, "EDUCATION", "HOUSING", "EMPLOYMENT")
    rows = [t for t in office.get("jiuzhu1", "tasks?size=100")["items"] if t["element"] == "prepare_referral"]
    assert len(rows) == 3
    assert {t["case_number"] for t in rows} == {lead["number"]}, "the person has one number"
    for row in rows:
        shown = office.get("jiuzhu1", f"tasks/{row['id']}")
        assert {r["term"]: r["due"] for r in shown["receipts"]}["referral.forward"] == "2026-10-16"
    for _ in rows:
        sent(office)
    assert running(office, lead, "referral.accept") == ["2026-10-20"] * 3
    mail = letters(office)
    assert sorted(one["收件"] for one in mail) == ["education", "employment", "housing"]
    assert all(one["转介编号"].startswith(lead["number"]) for one in mail)


def test_the_letter_is_the_least_that_is_needed(office: Office) -> None:
    referred(
        office, "EDUCATION",
        description="尿毒症透析，卡号 6200000000000000", subject_phone="13800001234",
    )  # fmt: skip
    row = office.task("jiuzhu1", "prepare_referral")
    shown = office.get("jiuzhu1", f"tasks/{row['id']}")["values"]
    assert "尿毒症" not in shown["summary"], "what the finder wrote is not copied out of the house"
    assert shown["to_dept"] == "education"
    values = {**shown, "summary": "学费困难，卡号 6200000000000000", "channel": "platform", "consent": True}
    answer = office.post(
        "jiuzhu1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert (answer.status_code, answer.json()["fields"][0]["path"]) == (422, "summary")
    sent(office)
    (letter,) = letters(office)
    assert set(letter) == {"收件", "转介编号", "姓名", "事项", "必要情况", "联系方式", "首次受理", "第几次"}
    text = json.dumps(letter, ensure_ascii=False)
    assert not [word for word in ("尿毒症", "6200000", "账户", "诊断", "身份证") if word in text]


def test_bounced_sent_on_in_one_day_with_a_new_clock_and_the_old_age(office: Office) -> None:
    lead = referred(office, "HOUSING")
    sent(office)
    office.advance(to="2026-10-19T10:00:00+08:00")
    bounced(office, lead)
    assert office.receipts("baopian", "reroute")["referral.reroute"] == "2026-10-20"
    row = office.task("baopian", "reroute")
    assert office.get("baopian", f"tasks/{row['id']}")["values"]["age_days"] == 4, "since the 15th"
    office.do("reroute", "baopian", to_dept="rural_housing")
    assert running(office, lead, "referral.accept") == ["2026-10-22"], "the receiver's clock starts anew"
    first, second = letters(office)
    assert (first["收件"], second["收件"]) == ("housing", "rural_housing")
    assert second["必要情况"] == first["必要情况"], "the second letter says as much as the first"
    assert (second["首次受理"], second["第几次"]) == ("2026-10-15", 2), "the total age is kept"
    answered(office, lead, "等待部门接收", dept_reply="accepted")
    assert running(office, lead, "referral.result") == ["2026-11-02"], (
        "ten working days from the second letter"
    )
    answered(office, lead, "等待办理结果", referral_result="已列入危房改造")
    row = office.task("baopian", "check_result")
    assert office.get("baopian", f"tasks/{row['id']}")["values"]["age_days"] == 4
    office.do("check_result", "baopian", outcome="aided", amount="修缮房屋")
    office.do("tell_person", "minzheng1", satisfied=True)
    assert here(office, lead) == {"assess_gap"}


def test_a_second_bounce_offers_the_coordination_mechanism_and_not_before(office: Office) -> None:
    lead = referred(office, "HOUSING")
    sent(office)
    bounced(office, lead)
    row = office.task("baopian", "reroute")
    values = {"bounce_reason": "不归我管", "to_dept": "mechanism", "to_mechanism": True}
    office.do("reroute", "baopian", to_dept="rural_housing")
    bounced(office, lead, "也不归我管")
    row = office.task("baopian", "reroute")
    form = office.get("baopian", f"tasks/{row['id']}")["form"]
    hidden = next(c for c in form["components"] if c.get("key") == "to_mechanism")["conditional"]["hide"]
    assert "attempt" in hidden
    body = {"revision": row["revision"], "values": {**values, "to_dept": "housing"}}
    answer = office.post("baopian", f"tasks/{row['id']}/complete", body)
    assert (answer.status_code, answer.json()["fields"][0]["path"]) == (422, "to_mechanism")
    office.do("reroute", "baopian", **values)
    assert [one["收件"] for one in letters(office)] == ["housing", "rural_housing", "mechanism"]


def test_a_late_result_brings_an_order_the_morning_after_and_not_a_period_later(office: Office) -> None:
    lead = referred(office, "EMPLOYMENT")
    known = orders(office, lead)  # the way was chosen late, which has an order of its own
    sent(office)
    answered(office, lead, "等待部门接收", dept_reply="accepted")
    assert running(office, lead, "referral.result") == ["2026-10-29"]
    office.advance(to="2026-10-29T23:30:00+08:00")
    assert orders(office, lead, known) == []
    office.advance(to="2026-10-30T00:30:00+08:00")
    assert len(orders(office, lead, known)) == 1
    office.advance(to="2026-11-20T09:00:00+08:00")
    assert len(orders(office, lead, known)) == 1, "one overrun, one order"
    answered(office, lead, "等待办理结果", referral_result="已推荐岗位")
    office.do("check_result", "baopian", outcome="aided")
    assert len(orders(office, lead, known)) == 1, "the order is closed by people, never by the case going on"


def test_in_time_brings_no_order_and_an_unclear_answer_another_ten_days(office: Office) -> None:
    lead = referred(office, "EMPLOYMENT")
    known = orders(office, lead)  # the way was chosen late, which has an order of its own
    sent(office)
    answered(office, lead, "等待部门接收", dept_reply="accepted")
    office.advance(to="2026-10-29T16:00:00+08:00")
    answered(office, lead, "等待办理结果", referral_result="正在联系用人单位")
    office.do("check_result", "baopian", outcome="unclear")
    assert running(office, lead, "referral.result") == ["2026-11-12"], "then every ten working days (C-39)"
    office.advance(to="2026-11-12T20:00:00+08:00")
    assert orders(office, lead, known) == []
    office.advance(to="2026-11-13T00:30:00+08:00")
    assert len(orders(office, lead, known)) == 1


@pytest.mark.parametrize(
    ("at", "forward", "accept", "result"),
    [
        ("2026-10-15T10:00:00+08:00", "2026-10-16", "2026-10-20", "2026-10-29"),  # policy F-6
        ("2026-12-28T10:00:00+08:00", "2026-12-29", "2026-12-31", None),  # the year after is not announced
        ("2026-10-30T16:00:00+08:00", "2026-11-02", "2026-11-04", "2026-11-13"),  # a Friday
    ],
)
def test_the_dates_of_a_referral_follow_the_calendar(
    office: Office, at: str, forward: str, accept: str, result: str | None
) -> None:
    lead = referred(office, "EDUCATION", at=at)
    assert office.receipts("jiuzhu1", "prepare_referral")["referral.forward"] == forward
    sent(office)
    assert running(office, lead, "referral.accept") == [accept]
    answered(office, lead, "等待部门接收", dept_reply="accepted")
    (clock,) = receipts(office, lead, "referral.result")
    assert clock["provisional"] is (result is None)
    if result is not None:
        assert clock["due"] == result


def test_of_two_referrals_under_way_each_answer_says_which_it_is_for(office: Office) -> None:
    """R51: a letter that comes back is written down for its own department."""
    lead = referred(office, "HOUSING", "EMPLOYMENT")
    for _ in range(2):
        sent(office, channel="paper")
    asked = [
        a
        for a in office.get("jiuzhu1", f"cases/{lead['case_id']}")["actions"]
        if "等待部门接收" in a["label"]
    ]
    by_department = {a["label"].partition("（")[2].partition(" ")[0]: a for a in asked}
    assert len(by_department) == 2
    jobs = next(department for department in by_department if "人力资源" in department)
    key = by_department[jobs]["key"].removeprefix("message:")
    form = office.get("jiuzhu1", f"cases/{lead['case_id']}/messages/{key}")
    assert f"登记：{form['label']}" == by_department[jobs]["label"], "the form says it too"
    why = "不属本部门职责"
    answered(office, lead, "等待部门接收", about=jobs, dept_reply="bounced", bounce_reason=why)
    (left,) = [
        a
        for a in office.get("jiuzhu1", f"cases/{lead['case_id']}")["actions"]
        if "等待部门接收" in a["label"]
    ]
    assert left["label"] == "登记：等待部门接收", "alone it needs no more words"
    assert left["key"] == next(a["key"] for d, a in by_department.items() if d != jobs)


def test_over_national_day_the_departments_time_stands_still(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-28T08:30:00+08:00") as office:
        lead = referred(office, "EDUCATION", at="2026-09-30T10:00:00+08:00")
        assert office.receipts("jiuzhu1", "prepare_referral")["referral.forward"] == "2026-10-08"
        sent(office)
        assert running(office, lead, "referral.accept") == ["2026-10-10"], "8th, 9th and the make-up Saturday"
        answered(office, lead, "等待部门接收", dept_reply="accepted")
        assert running(office, lead, "referral.result") == ["2026-10-20"]


# ------------------------------------------------------------------------------------------ the platform
@pytest.mark.parametrize("by_platform", [True, False])
def test_a_lead_reported_by_the_platform_is_before_the_bureau_at_once(
    office: Office, by_platform: bool
) -> None:
    lead = found(office, main_cause="31", description="癌症术后", subject_phone="13800001234")
    office.do("self_verify", "wangge", self_result="confirmed")
    office.do("report_to_town", "wangge", via_platform=by_platform, special_needs=["education", "housing"])
    assert here(office, lead) == {"town_ack"}, "the town has it all the same"
    told = [n["title"] for n in office.get("baopian", "notifications")["items"]]
    assert ("经救急难平台报来的线索" in told) is by_platform
    mail = letters(office)
    assert len(mail) == int(by_platform)
    if by_platform:
        assert (mail[0]["线索编号"], mail[0]["需要"]) == (lead["number"], "教育、住房")
        assert "癌症" not in json.dumps(mail[0], ensure_ascii=False)


def test_paper_goes_out_by_an_officer_and_nothing_leaves_by_wire(office: Office) -> None:
    lead = referred(office, "EDUCATION")
    sent(office, channel="paper")
    assert letters(office) == []
    assert "请送达书面转介函" in [n["title"] for n in office.get("jiuzhu2", "notifications")["items"]]
    assert running(office, lead, "referral.accept") == ["2026-10-20"], "the clock runs all the same"


def test_an_unhelped_person_is_told_and_the_gap_goes_on(office: Office) -> None:
    lead = referred(office, "EMPLOYMENT")
    sent(office)
    answered(office, lead, "等待部门接收", dept_reply="accepted")
    answered(office, lead, "等待办理结果", referral_result="不符合条件")
    office.do("check_result", "baopian", outcome="not_aided")
    office.do("tell_person", "minzheng1", satisfied=False)
    office.do("assess_gap", "minzheng1", gap_result="gap")
    assert here(office, lead) == {"confirm_gap"}, "where policy falls short the waterfall goes on (R68)"
