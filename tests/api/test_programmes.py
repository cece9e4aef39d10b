"""Beyond relief: tekun (policy F-4), people without support (F-5), departments (F-6), charity and backstop (F-7), dibao – over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import payment_inquiries, payouts, recognitions, seed
from casework.tables import payouts as payouts_table
from tests.api.office import PEOPLE, Office, acknowledged, found, opened, paid, verified

OCTOBER = "2026-10-12T08:30:00+08:00"  # a Monday


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, OCTOBER) as made:
        yield made


def here(office: Office, lead: Any) -> set[str]:
    return {t["element"] for t in office.get("fuwuban1", f"cases/{lead['case_id']}")["tasks"]}


def routed(office: Office, *ways: str) -> None:
    """The way is chosen: no green channel, these programmes apply."""
    row = office.task("minzheng1", "choose_routes")
    plan = office.get("minzheng1", f"tasks/{row['id']}")["values"]["assessments"]
    assessed = [{**one, "applies": one["programme"] in ways, "reason": "逐项核对"} for one in plan]
    office.do(
        "choose_routes", "minzheng1",
        green_route="none", first_aid=False, other_routes=list(ways), assessments=assessed,
    )  # fmt: skip


def recognised(office: Office, number: str) -> recognitions.Recognition:
    with office.runtime.db.reading() as tx:
        found = recognitions.get(tx, f"{number}-A1-1")
    assert found is not None
    return found


def decided(office: Office, amount: int, **due: str) -> None:
    """District examination and decision (due then, by term), letter, delivery."""
    office.do("submit_to_bureau", "minzheng1")
    receipts = office.receipts("jiuzhu1", "district_examine")
    assert {term: receipts[term] for term in due} == due
    office.do("district_examine", "jiuzhu1", proposal="approve")
    office.do("district_decide", "juzhang", result="approved", amount=amount)
    if "publish_decision" in office.open("jiandu"):
        office.do("publish_decision", "jiandu")
    office.do("write_letter", "jiuzhu2", authority="演示区人民政府", first_reconsideration=True)
    office.do("deliver_letter", "minzheng1", remedies_told=True)


def noticed(office: Office, posted_on: str, until: str) -> None:
    office.do("check_notice", "fuwuban1", content_ok=True)
    office.do("post_notice", "jiandu", posted_on=posted_on, complaint_phone="022-00000000")
    office.advance(to=until)
    office.do("remove_notice", "jiandu", continuous=True)
    office.do("close_notice", "fuwuban1", notice_result="cleared")


# ------------------------------------------------------------------------------------------ F-4
def applied_for_tekun(office: Office, minor: str | None = None, **application: Any) -> Any:
    lead = acknowledged(office, main_cause="22", subject_name="田某某")
    verified(office, able_to_apply=False, persons=1)
    routed(office, "TEKUN")
    assert here(office, lead) == {"assist_application"}, "who cannot apply is helped, not sent away"
    office.do(
        "assist_application",
        "lianluo",
        proxy_kind="committee",
        reason=minor or "no_capacity",
        guardian_consent="田某" if minor else None,
    )
    given = {
        "accept_result": "accepted",
        "accepted_on": "2026-10-12",
        "recognised": "none",
        "kinship_declared": False,
        **application,
    }
    office.do("receive_application", "fuwuban1", **given)
    return lead


def judged_for_tekun(office: Office) -> None:
    staff = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]
    office.do("assign_investigators", "fuwuban1", staff=staff, recusal_checked=True)
    office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=False)
    office.do("econ_check", "jiuzhu1", econ_disputed=False)
    office.do("self_care_assessment", "minzheng1", grade="partial")
    office.do("draft_opinion", "minzheng1", opinion="support", amount=1500, persons=1)


@pytest.mark.parametrize(("form", "step"), [("home", "care_agreement"), ("institution", "arrange_home")])
def test_f4_a_person_without_capacity_is_applied_for_and_supported(
    office: Office, form: str, step: str
) -> None:
    lead = applied_for_tekun(office)
    assert office.receipts("fuwuban1", "assign_investigators")["tekun.survey"] == "2026-11-02"
    judged_for_tekun(office)
    office.advance(to="2026-11-03T09:00:00+08:00")
    noticed(office, "2026-11-03", "2026-11-11T08:40:00+08:00")
    while "bureau_home_visit" in office.open("baopian"):
        office.do("bureau_home_visit", "baopian", "jiuzhu2", visitors=[PEOPLE["baopian"], PEOPLE["jiuzhu2"]])
    decided(office, 1500, **{"tekun.confirm": "2026-11-24"})
    office.do("choose_support", "minzheng1", "minzheng2", support_form=form)
    assert here(office, lead) == {step}
    office.do(step, "minzheng1", escorted_by=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]])
    assert here(office, lead) == {"assess_gap"}
    found = recognised(office, lead["number"])
    assert (found.programme, found.amount, found.from_month) == ("TEKUN", Decimal(1500), date(2026, 12, 1))
    assert found.review_on == date(2027, 11, 11)


def test_f4_a_minor_is_never_posted(office: Office) -> None:
    lead = applied_for_tekun(
        office,
        "minor",
        members=[{"name": "田小某", "relation": "head", "birth_date": "2013-05-01"}],
        guardian_consent="田某（伯父）",
    )
    judged_for_tekun(office)
    assert not here(office, lead) & {"check_notice", "post_notice"}


# ------------------------------------------------------------------------------------------ F-5
def without_support(office: Office, **values: Any) -> Any:
    lead = acknowledged(office, main_cause="61", residence_status="7", **values)
    verified(office, residence_status="6", has_support_here=False, persons=1)
    routed(office, "RESCUE_STATION")
    return lead


def taken_to_the_station(office: Office) -> None:
    office.do(
        "escort_person", "minzheng1", "minzheng2",
        escorts=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]], identity_inquiry="已请公安机关协查",
    )  # fmt: skip


def test_f5a_first_the_doctor_then_the_station_with_a_receipt(office: Office) -> None:
    lead = acknowledged_with_120(office)
    verified(office, residence_status="6", has_support_here=False, persons=1)
    routed(office, "RESCUE_STATION")
    assert here(office, lead) == {"arrange_treatment"}
    office.do("arrange_treatment", "wangge", fit=True)
    office.do("explain_rescue", "minzheng1", accepts=True, vulnerable=["old", "confused"])
    assert here(office, lead) == {"escort_person"}, "who is old and confused is escorted, not shown the way"
    taken_to_the_station(office)
    office.message("minzheng1", lead["case_id"], "收到救助站回执", received=True, receipt_no="站收 1 号")
    assert here(office, lead) == {"assess_gap"}
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    shown = office.get("minzheng1", f"cases/{lead['case_id']}")
    escort = next(s for s in shown["sections"] if s["key"] == "escort")
    assert escort


def acknowledged_with_120(office: Office) -> Any:
    lead = found(office, urgent_signs=["acute"], main_cause="61", residence_status="6")
    office.do("call_rescue", "wangge")
    office.do("town_ack", "fuwuban1", ack_result="new", verifiers=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]])
    return lead


def test_f5b_who_does_not_want_to_go_is_told_and_seen_again(office: Office) -> None:
    lead = without_support(office)
    office.do("explain_rescue", "minzheng1", accepts=False, vulnerable=["none"])
    assert here(office, lead) == {"assess_gap"}
    office.do("assess_gap", "minzheng1", gap_result="declined")
    assert here(office, lead) == {"record_refusal"}
    office.do("record_refusal", "minzheng1", "minzheng2", papers_open=False)
    assert here(office, lead) == {"revisit"}


def test_f5_able_people_are_shown_the_way(office: Office) -> None:
    lead = without_support(office)
    office.do("explain_rescue", "minzheng1", accepts=True, vulnerable=["none"])
    office.do("guide_person", "minzheng1", escorts=[PEOPLE["minzheng1"]])
    office.message("minzheng1", lead["case_id"], "收到救助站回执", received=True, receipt_no="站收 2 号")
    assert here(office, lead) == {"assess_gap"}


@pytest.mark.parametrize("retry", [True, False])
def test_f5_a_station_that_refuses_brings_the_bureau_in(office: Office, retry: bool) -> None:
    lead = without_support(office)
    office.do("explain_rescue", "minzheng1", accepts=True, vulnerable=["disabled"])
    taken_to_the_station(office)
    office.message(
        "minzheng1", lead["case_id"], "收到救助站回执",
        received=False, receipt_no="站退 1 号", refusal_reason="床位已满",
    )  # fmt: skip
    office.do("coordinate", "baopian", retry=retry)
    assert here(office, lead) == ({"escort_person"} if retry else {"assess_gap"})


def test_f5c_a_migrant_with_a_home_is_never_escorted(office: Office) -> None:
    lead = acknowledged(
        office, main_cause="14", residence_status="4", occurred_at="2026-10-12T08:00:00+08:00"
    )
    verified(office, residence_status="4", has_support_here=True, persons=1, causes=["14"])
    row = office.task("minzheng1", "choose_routes")
    suggested = office.get("minzheng1", f"tasks/{row['id']}")["values"]["assessments"]
    proposed = {one["programme"] for one in suggested if one.get("applies")}
    assert "RESCUE_STATION" not in proposed
    assert "SMALL_QUICK" in proposed
    assert lead


# ------------------------------------------------------------------------------------------ F-6
def referred(office: Office, *ways: str) -> Any:
    lead = acknowledged(office, main_cause="31")
    verified(office, needs=["schooling", "housing", "job"], causes=["31", "34", "41"])
    office.advance(to="2026-10-15T10:00:00+08:00")
    routed(office, *ways)
    return lead


def sent(office: Office, **wanted: Any) -> None:
    office.do("prepare_referral", "jiuzhu1", **{"channel": "paper", "consent": True, **wanted})


def test_f6_three_departments_at_once_one_bounces_one_is_late(office: Office) -> None:
    lead = referred(office, "EDUCATION", "HOUSING", "EMPLOYMENT")
    rows = [t for t in office.get("jiuzhu1", "tasks?size=100")["items"] if t["element"] == "prepare_referral"]
    assert len(rows) == 3, "several departments at once, one number for the person"
    for _ in rows:
        sent(office)
    waits = [w["due"] for w in receipts_of(office, lead, "referral.accept")]
    assert waits == ["2026-10-20"] * 3
    assert here(office, lead) == set()


def receipts_of(office: Office, lead: Any, term: str) -> list[dict[str, Any]]:
    shown = office.get("jiuzhu1", f"cases/{lead['case_id']}")
    return [r for r in shown["receipts"] if r["term"] == term]


def test_f6_a_department_bounces_and_the_next_ones_clock_starts_anew(office: Office) -> None:
    lead = referred(office, "HOUSING")
    sent(office)
    office.advance(to="2026-10-19T10:00:00+08:00")
    office.message(
        "jiuzhu1",
        lead["case_id"],
        "等待部门接收",
        dept_reply="bounced",
        bounce_reason="农村住房由农业农村部门办理",
    )
    assert office.receipts("baopian", "reroute")["referral.reroute"] == "2026-10-20"
    office.do("reroute", "baopian", to_dept="rural_housing")
    assert "2026-10-22" in [r["due"] for r in receipts_of(office, lead, "referral.accept")]
    office.message("jiuzhu1", lead["case_id"], "等待部门接收", dept_reply="accepted")
    office.message("jiuzhu1", lead["case_id"], "等待办理结果", referral_result="已列入危房改造")
    office.do("check_result", "baopian", outcome="unclear")
    office.message("jiuzhu1", lead["case_id"], "等待办理结果", referral_result="已开工修缮")
    office.do("check_result", "baopian", outcome="aided", amount="修缮房屋")
    office.do("tell_person", "minzheng1", satisfied=True)
    assert here(office, lead) == {"assess_gap"}
    office.do("assess_gap", "minzheng1", gap_result="relieved")


def test_f6_the_letter_holds_no_account_and_no_diagnosis(office: Office) -> None:
    referred(office, "EDUCATION")
    sent(office, channel="platform")
    (letter,) = (office.runtime.settings.data / "outbox").rglob("*.json")
    text = letter.read_text(encoding="utf-8")
    assert "教育" in text
    assert not [word for word in ("账户", "账号", "诊断", "身份证") if word in text]


# ------------------------------------------------------------------------------------------ F-7
def gap(office: Office, consent: bool) -> Any:
    lead = acknowledged(office, main_cause="11")
    verified(office, causes=["11"])
    routed(office)
    assert here(office, lead) == {"confirm_gap"}
    office.advance(to="2026-10-19T09:00:00+08:00")
    office.do("confirm_gap", "jiuzhu1", consent=consent, consent_sign="田某某", skip_reason="本人不同意")
    return lead


def held(office: Office, amount: int, result: str = "approved") -> None:
    office.do("propose_backstop", "jiuzhu1", amount=amount)
    members = [{"unit": unit, "name": "某某"} for unit in ("bureau", "finance", "town")]
    office.do("deliberate", "juzhang", members=members)
    office.do("district_examine", "jiuzhu2", proposal="approve")
    office.do("district_decide", "juzhang", result=result, amount=amount)
    if result == "returned":
        return
    office.do("write_letter", "jiuzhu2", authority="演示区人民政府", first_reconsideration=True)
    office.do("deliver_letter", "minzheng1", remedies_told=True)


def asked(office: Office) -> Any:
    lead = gap(office, consent=True)
    office.do("ask_charity", "jiuzhu1", asked_on="2026-10-19", amount=4000)
    return lead


def test_f7_charity_pays_half_and_the_government_the_rest(office: Office) -> None:
    lead = asked(office)
    assert receipts_of(office, lead, "charity.answer")[0]["due"] == "2026-11-02"
    office.advance(to="2026-11-02T10:00:00+08:00")
    office.message(
        "jiuzhu1", lead["case_id"], "收到慈善答复",
        charity_answer="part", charity_amount=2000, answered_on="2026-11-02",
    )  # fmt: skip
    office.do("assess_rest", "minzheng1", gap_result="gap", remaining="仍缺药费", gap_amount=2000)
    assert office.receipts("jiuzhu1", "propose_backstop")["backstop.decide"] == "2026-11-16"
    held(office, 2000)
    paid(office)
    shown = office.get("fuwuban1", f"cases/{lead['case_id']}")
    assert shown["case"]["status"] == "active", "not closed before the follow-up has answered"


def test_f7_charity_enough_needs_no_meeting(office: Office) -> None:
    lead = asked(office)
    office.message(
        "jiuzhu1", lead["case_id"], "收到慈善答复",
        charity_answer="full", charity_amount=4000, answered_on="2026-10-19",
    )  # fmt: skip
    office.do("assess_rest", "minzheng1", gap_result="relieved")
    assert not here(office, lead) & {"propose_backstop", "deliberate"}


def test_f7_silence_opens_a_persons_task_and_decides_nothing(office: Office) -> None:
    lead = asked(office)
    office.advance(to="2026-11-03T00:10:00+08:00")
    assert here(office, lead) == {"propose_backstop"}
    assert office.receipts("jiuzhu1", "propose_backstop")["backstop.decide"] == "2026-11-16"


def test_f7_without_consent_the_backstop_is_still_assessed(office: Office) -> None:
    lead = gap(office, consent=False)
    assert here(office, lead) == {"propose_backstop"}
    assert office.receipts("jiuzhu1", "propose_backstop")["backstop.decide"] == "2026-11-02"


@pytest.mark.parametrize(
    ("amount", "result", "then"),
    [(0, "approved", set()), (2000, "refused", set()), (2000, "returned", {"propose_backstop"})],
    ids=["services", "refused", "sent back"],
)
def test_f7_every_answer_of_the_meeting(office: Office, amount: int, result: str, then: set[str]) -> None:
    lead = gap(office, consent=False)
    held(office, amount, result)
    assert here(office, lead) == then


def test_f7_the_lead_cannot_close_before_the_backstop(office: Office) -> None:
    lead = gap(office, consent=False)
    shown = office.get("fuwuban1", f"cases/{lead['case_id']}")
    assert shown["case"]["status"] == "active"
    assert here(office, lead) == {"propose_backstop"}


# ------------------------------------------------------------------------------------------ dibao
def a_month_that_did_not_come(office: Office, lead: Any, application: str) -> None:
    """Booked as paid by a list, sent back by the bank later: the inquiry pays the month anew, and the step is asked again."""
    missing = {"received": False, "missing_note": "存折上没有"}
    with pytest.raises(AssertionError, match="发放名单还没有"):
        office.do("confirm_first", "minzheng1", **missing)
    month = date(2026, 11, 1)
    with office.runtime.db.transaction() as tx:
        known = payouts.Order(
            f"{application}-M202611", lead["case_id"], application, seed.VILLAGE, Decimal(1800), "bank", "budget", "某某",
            month=month,
        )  # fmt: skip
        payouts.paid(tx, known, office.runtime.now(), office.runtime.now())
    office.do("confirm_first", "minzheng1", **missing)
    office.advance(by="PT5M")
    row = office.task("fuwuban2", "trace_payment")
    (line,) = office.get("fuwuban2", f"tasks/{row['id']}")["values"]["findings"]
    finding = {**line, "found": "returned", "basis": "退汇凭证 7 号"}
    office.do("trace_payment", "fuwuban2", findings=[finding], told_person=True)
    office.advance(by="PT5M")
    with office.runtime.db.reading() as tx:
        assert payment_inquiries.paying(tx, seed.TOWN) == {(application, month)}, "no list pays it too"
    office.do("prepare_payout", "minzheng1", method="bank", account="6222000011113333", fund="budget")
    office.do("approve_payout", "fuwuban1", ok=True)
    office.advance(by="PT5M")
    (inquiry,) = office.get("fuwuban1", "cases?process=payment_inquiry")["items"]
    office.message("minzheng1", inquiry["id"], "收到银行回盘", paid=True)
    office.do("confirm_received", "lianluo", received=True)
    office.advance(by="PT1H")
    with office.runtime.db.reading() as tx:
        found = tx.run(select(payouts_table.c.state).where(payouts_table.c.month == month))
        assert sorted(found.scalars()) == ["failed", "paid"]
        assert payment_inquiries.paying(tx, seed.TOWN) == set()


@pytest.mark.parametrize(
    ("programme", "steps"),
    [("DIBAO", {"confirm_first"}), ("DIBAO_EDGE", {"assess_gap"}), ("RIGID_EXP", {"assess_gap"})],
)
def test_dibao_is_noticed_confirmed_and_paid_from_the_next_month(
    office: Office, programme: str, steps: set[str]
) -> None:
    lead = acknowledged(office, main_cause="21")
    verified(office, causes=["21"])
    routed(office, programme)
    office.do(
        "receive_application", "fuwuban1",
        accept_result="accepted", accepted_on="2026-10-12", recognised="none", kinship_declared=False,
    )  # fmt: skip
    receipts = office.receipts("fuwuban1", "assign_investigators")
    assert (receipts["dibao.survey"], receipts["dibao.total"]) == ("2026-11-02", "2026-11-23")
    staff = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]
    office.do("assign_investigators", "fuwuban1", staff=staff, recusal_checked=True)
    office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=False)
    office.do("econ_check", "jiuzhu1", econ_disputed=False)
    office.do("draft_opinion", "minzheng1", opinion="support", amount=1800, persons=2)
    noticed(office, "2026-10-12", "2026-10-20T08:40:00+08:00")
    while "bureau_home_visit" in office.open("baopian"):
        office.do("bureau_home_visit", "baopian", "jiuzhu2", visitors=[PEOPLE["baopian"], PEOPLE["jiuzhu2"]])
    decided(office, 1800, **{"dibao.confirm": "2026-11-02"})
    assert here(office, lead) == steps
    found = recognised(office, lead["number"])
    if programme == "DIBAO":
        assert found.from_month == date(2026, 11, 1)
        office.advance(to="2026-11-10T10:00:00+08:00")
        a_month_that_did_not_come(office, lead, found.application_no)
        office.do("confirm_first", "minzheng1", received=True)
        found = recognised(office, lead["number"])
    assert found.valid_to == (date(2027, 10, 20) if programme == "RIGID_EXP" else None)
    assert found.review_on == (date(2027, 9, 20) if programme == "RIGID_EXP" else date(2027, 4, 20))
    with office.runtime.db.reading() as tx:
        month = recognitions.paid_in(tx, "120115", date(2026, 11, 1))
    assert [r.programme for r in month] == (["DIBAO"] if programme == "DIBAO" else [])
