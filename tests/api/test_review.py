"""Every other way an application may take: intake, investigation, notice, decision and remedies, over HTTP."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.api.office import PEOPLE, Office, opened
from tests.api.test_expenditure import (
    DIBAO,
    THURSDAY,
    delivered,
    posted,
    surveyed,
    to_application,
    visited_by_the_bureau,
)

TOWN_AMOUNT = 4 * DIBAO
PANEL = [{"name": f"{name}某", "role": "resident"} for name in "钱孙李周吴郑王冯陈褚卫蒋"]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, THURSDAY) as made:
        yield made


def here(office: Office, lead: Any) -> set[str]:
    return {t["element"] for t in office.get("fuwuban1", f"cases/{lead['case_id']}")["tasks"]}


def judged(office: Office, amount: int = TOWN_AMOUNT) -> None:
    surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2")
    office.do("draft_opinion", "minzheng1", opinion="support", amount=amount)


def notice_no(office: Office, lead: Any) -> str:
    return str(office.get("fuwuban1", f"cases/{lead['case_id']}")["case"]["number"]) + "-A1-1-G1"


def text_of(office: Office, number: str) -> str:
    answer = office.client("fuwuban1").get(f"/api/notices/{number}.pdf")
    assert answer.status_code == 200, answer.text
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)


def test_four_times_the_standard_is_the_towns_and_goes_on_the_bureaus_file(office: Office) -> None:
    lead = to_application(office)
    judged(office)
    posted(office)
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    visited_by_the_bureau(office)
    assert office.receipts("fuwuban2", "town_decide")["relief.town_decide"] == "2026-10-08"
    office.do("town_decide", "fuwuban2", result="approved", amount=TOWN_AMOUNT)
    delivered(office, "minzheng1")
    assert here(office, lead) == {"prepare_payout"}
    related = {row["process"] for row in office.get("fuwuban1", f"cases/{lead['case_id']}")["related"]}
    assert "remedy_watch" in related


def test_the_notice_shows_what_it_may_and_never_the_illness(office: Office) -> None:
    lead = to_application(office)
    judged(office)
    shown = text_of(office, notice_no(office, lead))
    assert "支出型" in shown
    assert "王某乙" in shown
    assert not [word for word in ("突发重病", "病", "村南二排", "电话：1") if word in shown]


def test_an_objection_is_sealed_judged_by_others_and_brings_a_second_round(office: Office) -> None:
    lead = to_application(office)
    judged(office)
    office.advance(to="2026-09-21T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    office.do("post_notice", "jiandu", posted_on="2026-09-21", complaint_phone="022-00000000")
    number = notice_no(office, lead)
    values = {
        "received_at": "2026-09-22T09:00:00+08:00",
        "channel": "phone",
        "notice_no": number,
        "content": "家中有车",
    }
    office.advance(to="2026-09-22T10:00:00+08:00")
    form = office.get("fuwuban1", f"notices/{number}/objection")["form"]
    channel = next(c for c in form["components"] if c.get("key") == "channel")["values"][0]["value"]
    made = office.post("fuwuban1", f"notices/{number}/objections", {"values": {**values, "channel": channel}})
    assert made.status_code == 200, made.text
    sealed = office.get("fuwuban2", "cases?process=handle_objection")["items"]
    assert [row["number"] for row in sealed] == [made.json()["number"]]
    assert office.get("lianluo", "cases?process=handle_objection")["total"] == 0
    assert office.client("lianluo").get(f"/api/cases/{sealed[0]['id']}").json()["code"] == "not_found"
    related = office.get("lianluo", f"cases/{lead['case_id']}")["related"]
    assert "handle_objection" not in {row["process"] for row in related}, (
        "the village does not learn who objects"
    )
    office.advance(to="2026-09-29T08:40:00+08:00")
    office.do("remove_notice", "jiandu", continuous=True)
    row = office.task("fuwuban1", "close_notice")
    early = office.post(
        "fuwuban1",
        f"tasks/{row['id']}/complete",
        {"revision": row["revision"], "values": {"objections": [], "notice_result": "cleared"}},
    )
    assert (early.status_code, early.json()["fields"][0]["path"]) == (422, "notice_result")
    office.do("judge_objection", "fuwuban2", needs_reinvestigation=True, about_staff=False)
    office.do("close_notice", "fuwuban1", notice_result="objection")
    others = [PEOPLE["fuwuban1"], PEOPLE["baocun"]]
    office.do(
        "order_reinvestigation",
        "fuwuban2",
        staff=others,
        ordered_on="2026-09-29",
        hold_appraisal=False,
        extend_total=False,
    )
    office.do("assign_investigators", "fuwuban2", staff=others, recusal_checked=True)
    assert office.receipts("fuwuban1", "home_survey")["relief.reinvestigate"] == "2026-10-12"
    row = office.task("minzheng1", "home_survey")
    again = office.post("minzheng1", f"tasks/{row['id']}/claim", {"revision": row["revision"]})
    assert again.json()["code"] == "recused", "who investigated before does not do it again"
    office.do("home_survey", "fuwuban1", "baocun", visitors=others)
    office.do("draft_opinion", "minzheng1", opinion="support", amount=TOWN_AMOUNT)
    office.do("answer_objector", "fuwuban2")
    assert "G2" in text_of(office, number[:-1] + "2")


def test_papers_are_asked_for_once_and_then_fetched(office: Office) -> None:
    lead = to_application(office)
    office.advance(to="2026-09-14T10:00:00+08:00")
    office.do(
        "receive_application",
        "fuwuban1",
        accept_result="supplement",
        recognised="none",
        kinship_declared=False,
    )
    office.do("ask_supplement", "fuwuban1", missing=[{"document": "medical_bills", "why": "核定支出"}])
    assert here(office, lead) == set()
    office.advance(to="2026-09-29T00:10:00+08:00")
    assert here(office, lead) == {"help_complete"}, "nobody is rejected by a timer: somebody goes and helps"
    office.do("help_complete", "minzheng1", papers=[{"document": "medical_bills"}])
    row = office.task("fuwuban1", "receive_application")
    form = office.get("fuwuban1", f"tasks/{row['id']}")["form"]
    offered = next(c for c in form["components"] if c.get("key") == "accept_result")["values"]
    assert "supplement" not in {option["value"] for option in offered}


def test_papers_that_come_in_time_go_straight_back_to_the_window(office: Office) -> None:
    lead = to_application(office)
    office.do(
        "receive_application",
        "fuwuban1",
        accept_result="supplement",
        recognised="none",
        kinship_declared=False,
    )
    office.do("ask_supplement", "fuwuban1", missing=[{"document": "medical_bills", "why": "核定支出"}])
    office.message("fuwuban1", lead["case_id"], "补正材料已到", papers=[{"document": "medical_bills"}])
    assert here(office, lead) == {"receive_application"}


def test_not_accepted_is_said_in_writing_by_somebody_else_with_remedies(office: Office) -> None:
    lead = to_application(office)
    office.do(
        "receive_application",
        "fuwuban1",
        accept_result="not_accepted",
        not_accepted_reason="不属于本区受理范围",
        recognised="none",
        kinship_declared=False,
    )
    row = office.task("fuwuban1", "tell_not_accepted")
    own = office.post("fuwuban1", f"tasks/{row['id']}/claim", {"revision": row["revision"]})
    assert (own.status_code, own.json()["code"]) == (403, "recused")
    office.do("tell_not_accepted", "fuwuban2", authority="演示区人民政府", first_reconsideration=True)
    assert here(office, lead) == {"assess_gap"}
    case = office.get("fuwuban1", f"cases/{lead['case_id']}")
    assert "remedy_watch" in {row["process"] for row in case["related"]}
    (letter,) = [one for one in case["sections"] if one["key"] == "delivery"]
    said = {field["label"]: field["text"] for field in letter["fields"]}
    assert said["决定"] == "不予受理", "in words, although the form offered only what the decision left"


@pytest.mark.parametrize("late", [False, True])
def test_an_application_may_be_withdrawn_at_any_time(office: Office, late: bool) -> None:
    lead = to_application(office)
    if late:
        surveyed(office)
    office.message("minzheng1", lead["case_id"], "申请已撤回", reason="家中情况好转")
    office.do("record_withdrawal", "minzheng1", "minzheng2", told_rights=True)
    assert here(office, lead) == {"assess_gap"}


def test_an_objection_after_a_withdrawal_waits_for_no_new_investigation(office: Office) -> None:
    lead = to_application(office)
    surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2")
    office.do("draft_opinion", "minzheng1", opinion="support", amount=3000)
    office.advance(to="2026-09-21T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    office.do("post_notice", "jiandu", posted_on="2026-09-21", complaint_phone="022-00000000")
    office.message("minzheng1", lead["case_id"], "申请已撤回", reason="家中情况好转")
    office.do("record_withdrawal", "minzheng1", "minzheng2", told_rights=True)
    (notice,) = office.get("fuwuban1", "notices")["items"]
    values = {"received_at": "2026-09-21T09:30:00+08:00", "channel": "phone", "content": "家中有车"}
    values["notice_no"] = notice["number"]
    taken = office.post("fuwuban1", f"notices/{notice['number']}/objections", {"values": values})
    assert taken.status_code == 200, taken.text
    office.advance(by="PT5M")
    office.do("judge_objection", "fuwuban2", needs_reinvestigation=True)
    office.advance(by="PT5M")
    assert "answer_objector" in office.open("fuwuban2")


def test_a_family_not_yet_recognised_is_checked_and_may_dispute_the_result(office: Office) -> None:
    lead = to_application(office)
    surveyed(office, recognised="none")
    assert here(office, lead) == {"home_survey", "econ_check"}
    assert office.receipts("minzheng1", "home_survey")["relief.survey"] == "2026-09-28", (
        "ten working days, the make-up Sunday counted"
    )
    office.do("econ_check", "jiuzhu1", econ_disputed=True)
    others = [PEOPLE["minzheng1"], PEOPLE["baocun"]]
    with pytest.raises(AssertionError, match="换人原因"):
        office.do("home_survey", "minzheng1", visitors=others, other_visitors_reason="")
    office.do("home_survey", "minzheng1", "baocun", visitors=others, other_visitors_reason="民政二出差")
    office.do("recheck", "minzheng1", "minzheng2", econ_disputed=False)
    assert here(office, lead) == {"draft_opinion"}


def test_hard_to_verify_calls_a_meeting_and_a_void_meeting_is_repeated(office: Office) -> None:
    lead = to_application(office)
    surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=True)
    called = office.receipts("minzheng1", "plan_meeting")["appraisal.hold"]
    office.do("plan_meeting", "minzheng1", panel=PANEL)
    office.advance(to="2026-09-17T10:00:00+08:00")
    office.do("record_meeting", "minzheng1", present=4, residents=2, recused=0, agree=4, against=0, abstain=0)
    assert here(office, lead) == {"plan_meeting"}
    assert office.receipts("minzheng1", "plan_meeting")["appraisal.hold"] == called, (
        "no new time for a void meeting"
    )
    office.do("plan_meeting", "minzheng1", panel=PANEL)
    office.do(
        "record_meeting", "minzheng1", present=12, residents=6, recused=0, agree=2, against=10, abstain=0
    )
    assert here(office, lead) == {"draft_opinion"}, "the vote advises, it never ends a case"


def test_a_refusal_carries_reasons_and_remedies_and_a_court_may_reopen_it(office: Office) -> None:
    lead = to_application(office)
    surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2")
    office.do("draft_opinion", "minzheng1", opinion="refuse")
    visited_by_the_bureau(office)
    office.do("submit_to_bureau", "minzheng1")
    row = office.task("jiuzhu1", "district_examine")
    checks = office.get("jiuzhu1", f"tasks/{row['id']}")["values"]["checks"]
    assert {"identity", "survey", "amount", "kinship"} <= {one["item"] for one in checks}
    assert "appraisal" not in {one["item"] for one in checks}, "what was not held is not examined"
    assert [one.get("ok") for one in checks] == [None] * len(checks), (
        "nobody's examination is ticked beforehand"
    )
    office.do("district_examine", "jiuzhu1", proposal="refuse")
    office.do("district_decide", "juzhang", result="refused")
    row = office.task("jiuzhu2", "write_letter")
    assert office.get("jiuzhu2", f"tasks/{row['id']}")["values"]["first_reconsideration"] is True
    office.do("write_letter", "jiuzhu2", authority="演示区人民政府")
    office.do("deliver_letter", "minzheng1", remedies_told=True)
    assert here(office, lead) == {"assess_gap"}
    related = office.get("jiuzhu1", f"cases/{lead['case_id']}")["related"]
    watch = next(row["id"] for row in related if row["process"] == "remedy_watch")
    with pytest.raises(AssertionError, match="须先申请行政复议"):
        office.message("jiuzhu1", watch, "已直接起诉", court="演示区人民法院", case_no="（2026）行初1号")
    office.message("jiuzhu1", watch, "复议已受理", procedure="ordinary", simplified=False)
    office.do("prepare_reply", "jiuzhu1")
    office.message("jiuzhu1", watch, "等待复议决定", remedy_result="revoked")
    office.do("carry_out", "jiuzhu1", reopen=True)
    related = office.get("jiuzhu1", f"cases/{lead['case_id']}")["related"]
    again = next(row for row in related if row["process"] == "relief_application")
    assert {t["element"] for t in office.get("fuwuban1", f"cases/{again['id']}")["tasks"]} == {
        "assign_investigators"
    }


def test_a_decision_sent_back_is_investigated_again_and_the_total_goes_on(office: Office) -> None:
    lead = to_application(office)
    judged(office)
    posted(office)
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    visited_by_the_bureau(office)
    office.do("town_decide", "fuwuban2", result="returned")
    assert here(office, lead) == {"assign_investigators"}
    assert office.receipts("fuwuban1", "assign_investigators")["relief.total"] == "2026-10-10"


def test_a_notice_torn_down_is_posted_again(office: Office) -> None:
    lead = to_application(office)
    judged(office)
    office.advance(to="2026-09-21T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    office.do("post_notice", "jiandu", posted_on="2026-09-21", complaint_phone="022-00000000")
    office.advance(to="2026-09-29T08:40:00+08:00")
    office.do("remove_notice", "jiandu", continuous=False)
    assert here(office, lead) == {"post_notice"}
    shown = office.get("jiuzhu1", f"cases/{lead['case_id']}")["sections"]
    posted_again = [(one["title"], one["by"], one["at"][:10]) for one in shown if one["key"] == "notice"]
    assert posted_again == [
        ("公示（1） 核对公示内容", "庚服务", "2026-09-21"),
        ("公示（2） 张贴公示", "丁监督", "2026-09-21"),
        ("公示（3） 撤下公示", "丁监督", "2026-09-29"),
    ], "each with its own step, person and day"


def test_a_payment_the_bank_sends_back_is_prepared_again(office: Office) -> None:
    lead = to_application(office)
    judged(office)
    posted(office)
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    visited_by_the_bureau(office)
    office.do("town_decide", "fuwuban2", result="approved", amount=TOWN_AMOUNT)
    delivered(office, "minzheng1")
    office.do("prepare_payout", "minzheng1", method="bank", account="6200000000000000")
    office.do("approve_payout", "fuwuban1", ok=True)
    office.message("minzheng1", lead["case_id"], "收到银行回盘", paid=False, failure_reason="户名不符")
    assert here(office, lead) == {"prepare_payout"}
