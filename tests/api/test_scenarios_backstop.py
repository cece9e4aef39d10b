"""Policy F-7 and its neighbours over HTTP: charity with consent, silence, the government's backstop – and no way around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casework import seed
from tests.api.office import Office, acknowledged, opened, paid, verified
from tests.api.stories import BUREAU, ended, gap, here, receipts, refused, routed, running

MONDAY = "2026-10-12T08:30:00+08:00"
F7 = "2026-10-19T09:00:00+08:00"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MONDAY) as made:
        yield made


def asked(office: Office, at: str = F7) -> Any:
    lead = gap(office, at, consent=True)
    office.do("ask_charity", "jiuzhu1", asked_on=at[:10], amount=4000)
    return lead


def held(office: Office, amount: int, result: str = "approved") -> None:
    office.do("propose_backstop", "jiuzhu1", amount=amount)
    members = [{"unit": unit, "name": "某某"} for unit in ("bureau", "finance", "town")]
    office.do("deliberate", "juzhang", members=members)
    office.do("district_examine", "jiuzhu2", proposal="approve")
    office.do("district_decide", "juzhang", result=result, amount=amount)
    office.do("write_letter", "jiuzhu2", **BUREAU)
    office.do("deliver_letter", "minzheng1", remedies_told=True)


def form_of(office: Office, who: str, element: str) -> Any:
    return office.get(who, f"tasks/{office.task(who, element)['id']}")


# ------------------------------------------------------------------------------------------ dates
@pytest.mark.parametrize(
    ("asked_on", "answer", "backstop"),
    [
        ("2026-10-19", "2026-11-02", "2026-11-16"),  # policy F-7
        ("2026-10-30", "2026-11-13", "2026-11-27"),  # a Friday: ten days with two weekends
        ("2026-12-11", "2026-12-25", "2027-01-08"),  # over New Year: 2027 is not announced, provisional
    ],
)
def test_silence_opens_a_task_on_the_day_after_and_the_meeting_has_ten_working_days(
    office: Office, asked_on: str, answer: str, backstop: str
) -> None:
    lead = asked(office, f"{asked_on}T09:00:00+08:00")
    assert running(office, lead, "charity.answer") == [answer]
    office.advance(to=f"{answer}T23:50:00+08:00")
    assert here(office, lead) == set(), "charity has until midnight"
    office.advance(by="PT20M")
    assert here(office, lead) == {"propose_backstop"}, "a person's task, not a decision"
    shown = form_of(office, "jiuzhu1", "propose_backstop")
    limit = next(r for r in shown["receipts"] if r["term"] == "backstop.decide")
    if backstop.startswith("2026"):
        assert (limit["due"], limit["provisional"]) == (backstop, False)
    else:
        assert limit["due"] >= "2027-01-08", "rest days of a year not announced yet are only supposed"
        assert limit["provisional"] is True
    assert shown["values"]["charity_state"] == "silent"
    case = office.get("jiuzhu1", f"cases/{lead['case_id']}")
    assert case["case"]["status"] == "active"
    assert [s for s in case["sections"] if s["key"] == "decision"] == []


def test_half_from_charity_the_rest_from_the_government_and_then_closed(office: Office) -> None:
    lead = asked(office)
    office.advance(to="2026-11-02T10:00:00+08:00")
    office.message(
        "jiuzhu1", lead["case_id"], "收到慈善答复",
        charity_answer="part", charity_amount=2000, answered_on="2026-11-02",
    )  # fmt: skip
    office.do("assess_rest", "minzheng1", gap_result="gap", remaining="仍缺药费", gap_amount=2000)
    assert office.receipts("jiuzhu1", "propose_backstop")["backstop.decide"] == "2026-11-16"
    held(office, 2000)
    paid(office)
    office.do("first_visit", "minzheng1", still_in_difficulty=False, aid_received=True)
    office.advance(by="P61D")
    office.do("second_visit", "minzheng2", still_in_difficulty=False, aid_received=True)
    office.advance(by="PT1H")
    closed = office.get("fuwuban1", f"cases/{lead['case_id']}")
    assert (closed["case"]["status"], closed["conclusion"]) == ("completed", "政府兜底")


def test_a_late_answer_of_charity_is_recorded_and_lies_before_the_meeting(office: Office) -> None:
    lead = asked(office)
    office.advance(to="2026-11-04T09:00:00+08:00")
    assert here(office, lead) == {"propose_backstop"}
    office.message(
        "jiuzhu1", lead["case_id"], "慈善迟到答复",
        charity_answer="part", charity_amount=1500, answered_on="2026-11-04",
    )  # fmt: skip
    assert here(office, lead) == {"propose_backstop"}, "the late answer interrupts nobody"
    assert form_of(office, "jiuzhu1", "propose_backstop")["values"]["charity_state"] == "answered"
    assert office.receipts("jiuzhu1", "propose_backstop")["backstop.decide"] == "2026-11-16", (
        "nor does it give the meeting more time"
    )
    office.do("propose_backstop", "jiuzhu1", amount=2500)
    before = form_of(office, "juzhang", "deliberate")["values"]
    assert (before["charity_state"], float(before["charity_amount"])) == ("answered", 1500.0)
    office.message(
        "jiuzhu1", lead["case_id"], "慈善迟到答复",
        charity_answer="part", charity_amount=1800, answered_on="2026-11-04",
    )  # fmt: skip
    assert float(form_of(office, "juzhang", "deliberate")["values"]["charity_amount"]) == 1800.0


def test_nobody_records_an_answer_of_a_charity_that_was_never_asked(office: Office) -> None:
    lead = gap(office, F7, consent=False)
    detail = office.get("jiuzhu1", f"cases/{lead['case_id']}")
    (waiting,) = [
        a["key"].removeprefix("message:") for a in detail["actions"] if a["label"] == "登记：慈善迟到答复"
    ]
    values = {"charity_answer": "part", "charity_amount": 500, "answered_on": "2026-10-19"}
    body = {"subscription": waiting, "revision": detail["revision"], "values": values}
    answer = office.post("jiuzhu1", f"cases/{lead['case_id']}/messages", body)
    assert (answer.status_code, answer.json()["fields"][0]["path"]) == (422, "charity_answer")


def test_without_consent_the_reason_is_recorded_and_the_backstop_assessed_at_once(office: Office) -> None:
    lead = gap(office, F7, consent=False)
    assert here(office, lead) == {"propose_backstop"}
    assert receipts(office, lead, "charity.answer") == [], "nobody is asked"
    assert office.receipts("jiuzhu1", "propose_backstop")["backstop.decide"] == "2026-11-02"
    assert form_of(office, "jiuzhu1", "propose_backstop")["values"]["charity_state"] == "no_consent"


def test_without_consent_a_reason_is_demanded(office: Office) -> None:
    lead = acknowledged(office, main_cause="11")
    verified(office, causes=["11"])
    routed(office)
    row = office.task("jiuzhu1", "confirm_gap")
    values = {**office.get("jiuzhu1", f"tasks/{row['id']}")["values"], "consent": False}
    answer = office.post(
        "jiuzhu1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert (answer.status_code, [f["path"] for f in answer.json()["fields"]]) == (422, ["skip_reason"])
    assert here(office, lead) == {"confirm_gap"}


@pytest.mark.parametrize("left_out", ["TEMP_EXPENDITURE", "SMALL_QUICK", "TEKUN"])
def test_the_gap_is_confirmed_only_when_every_programme_has_its_reason(office: Office, left_out: str) -> None:
    acknowledged(office, main_cause="11")
    verified(office, causes=["11"])
    routed(office)
    row = office.task("jiuzhu1", "confirm_gap")
    known = office.get("jiuzhu1", f"tasks/{row['id']}")["values"]
    rows = [one for one in known["assessments"] if one["programme"] != left_out]
    values = {**known, "assessments": rows, "consent": False, "skip_reason": "本人不同意"}
    answer = office.post(
        "jiuzhu1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert (answer.status_code, answer.json()["fields"][0]["path"]) == (422, "assessments"), (
        "temporary relief and every other line must be answered first (R7)"
    )
    silent = [{**one, "reason": ""} if one["programme"] == left_out else one for one in known["assessments"]]
    values = {**known, "assessments": silent, "consent": False, "skip_reason": "本人不同意"}
    answer = office.post(
        "jiuzhu1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert answer.status_code == 422, "a reason for each"


# ------------------------------------------------------------------------------------------ no way around
@pytest.mark.parametrize(("who", "how"), [("juzhang", "cancel"), ("fuwuban1", "cancel"), ("jiuzhu1", "void")])
def test_nobody_ends_a_confirmed_lead_by_hand_before_the_waterfall_is_through(
    office: Office, who: str, how: str
) -> None:
    lead = gap(office, F7, consent=False)
    refused(ended(office, lead, who, how), "still_owed")
    assert here(office, lead) == {"propose_backstop"}


def test_a_lead_not_yet_seen_on_site_may_be_ended(office: Office) -> None:
    lead = acknowledged(office)
    assert ended(office, lead, "jiuzhu1", "cancel").status_code == 200


def test_nor_does_a_jump_lead_past_the_backstop(office: Office) -> None:
    """Two people may move a token, but while something is owed only to people's work – neither to the end nor to a machine."""
    lead = acknowledged(office, main_cause="11")
    verified(office, causes=["11"])
    row = office.task("minzheng1", "choose_routes")
    detail = office.get("jiuzhu1", f"tasks/{row['id']}")
    jump = next((a for a in detail["actions"] if a["key"] == "jump"), None)
    assert jump is not None
    offered = {t["value"] for t in jump["targets"]}
    assert not offered & {"close_and_answer", "lead_closed", "arrange_follow_up", "await_follow_up"}
    assert offered >= {"assess_gap", "charity_and_backstop"}
    answer = office.post(
        "jiuzhu1",
        f"tasks/{row['id']}/jump",
        {"revision": row["revision"], "target": "close_and_answer", "reason": "直接办结算了"},
    )
    assert (answer.status_code, answer.json()["fields"][0]["path"]) == (422, "target")
    assert here(office, lead) == {"choose_routes"}


@pytest.mark.parametrize(
    ("amount", "result", "conclusion"),
    [(0, "approved", "政府兜底"), (2000, "refused", "兜底会议已书面答复")],
)
def test_the_meetings_answer_closes_the_lead_with_the_right_word(
    office: Office, amount: int, result: str, conclusion: str
) -> None:
    lead = gap(office, F7, consent=False)
    held(office, amount, result)
    office.advance(by="PT1H")
    office.do("first_visit", "minzheng1", still_in_difficulty=False, aid_received=True)
    office.advance(by="P61D")
    office.do("second_visit", "minzheng2", still_in_difficulty=False, aid_received=True)
    office.advance(by="PT1H")
    closed = office.get("fuwuban1", f"cases/{lead['case_id']}")
    assert (closed["case"]["status"], closed["conclusion"]) == ("completed", conclusion)


def test_who_proposed_the_aid_does_not_chair_the_meeting(office: Office) -> None:
    gap(office, F7, consent=False)
    office.do("propose_backstop", "jiuzhu1", amount=2000)
    assert "deliberate" not in office.open("jiuzhu1")


# ------------------------------------------------------------------------------------------ after the answer
def test_who_wants_no_more_after_charity_is_taken_at_his_word(office: Office) -> None:
    """R58: 谢绝 at the assessment of the rest is a refusal on record, not a meeting nobody asked for."""
    lead = asked(office)
    halved(office, lead)
    office.do("assess_rest", "minzheng1", gap_result="declined")
    assert here(office, lead) == {"record_refusal"}
    office.do("record_refusal", "minzheng1", "minzheng2")
    office.do("revisit", "wangge", changed_mind=False)
    closed = office.get("fuwuban1", f"cases/{lead['case_id']}")
    assert (closed["case"]["status"], closed["conclusion"]) == ("completed", "本人谢绝")


def test_what_another_policy_can_cover_is_not_brought_before_the_meeting(office: Office) -> None:
    """R68: policy first. The case goes back to the choice of ways and is not answered before it has a result."""
    lead = asked(office)
    halved(office, lead)
    office.do("assess_rest", "minzheng1", gap_result="other_route", remaining="孩子的学费")
    assert here(office, lead) == {"choose_routes"}
    assert ended(office, lead, "juzhang", "cancel").status_code == 409, "not answered yet"
    routed(office, "EDUCATION")
    assert here(office, lead) == {"prepare_referral"}


def halved(office: Office, lead: Any) -> None:
    today = office.runtime.now().date().isoformat()
    office.message(
        "jiuzhu1",
        lead["case_id"],
        "收到慈善答复",
        charity_answer="part",
        charity_amount=2000,
        answered_on=today,
    )


def test_who_declines_while_charity_is_asked_is_visited_and_helped_when_he_changes_his_mind(
    office: Office,
) -> None:
    lead = asked(office)
    office.message("minzheng1", lead["case_id"], "本人谢绝救助", reason="自己想办法")
    assert here(office, lead) == {"record_refusal"}
    assert running(office, lead, "charity.answer") == []
    office.do("record_refusal", "minzheng1", "minzheng2")
    office.do("revisit", "wangge", changed_mind=True)
    assert here(office, lead) == {"choose_routes"}


def test_consent_to_charity_can_be_taken_back_while_charity_is_asked(office: Office) -> None:
    """C-43: the partner is told to stop by a step that has a limit, the meeting has ten working days from then."""
    lead = asked(office)
    office.advance(by="P1D")  # the step and the meeting count from the day it was said, not from its entry
    office.message("jiuzhu1", lead["case_id"], "本人撤回同意", withdrawn_on="2026-10-19")
    assert here(office, lead) == {"tell_charity"}
    assert office.receipts("jiuzhu1", "tell_charity")["charity.stop"] == "2026-10-20"
    office.do("tell_charity", "jiuzhu1", stop_told_on="2026-10-19", stop_answer="已停止并删除")
    assert here(office, lead) == {"propose_backstop"}
    assert form_of(office, "jiuzhu1", "propose_backstop")["values"]["charity_state"] == "no_consent"
    assert office.receipts("jiuzhu1", "propose_backstop")["backstop.decide"] == "2026-11-02"
    (line,) = office.get("fuwuban1", "ledgers/charity")["items"]
    assert line["answer"] == "本人撤回同意"


def test_an_answer_that_comes_after_the_decision_is_before_whoever_pays(office: Office) -> None:
    """Blueprint 10: a late answer of charity is still recorded – during the decision and while the money is paid."""
    lead = asked(office)
    office.message("jiuzhu1", lead["case_id"], "本人撤回同意", withdrawn_on="2026-10-19")
    office.do("tell_charity", "jiuzhu1", stop_answer="对方已在办理")
    held(office, 2000)
    assert "charity_given" not in form_of(office, "minzheng1", "prepare_payout")["values"]
    late = {"charity_answer": "part", "charity_amount": 1500, "answered_on": "2026-10-19"}
    office.message("jiuzhu1", lead["case_id"], "慈善迟到答复", **late)
    assert float(form_of(office, "minzheng1", "prepare_payout")["values"]["charity_given"]) == 1500.0
    (line,) = office.get("fuwuban1", "ledgers/charity")["items"]
    assert line["given"] == "1500.00"
    total = office.get("fuwuban1", f"reports/draft?area={seed.TOWN}&month=2026-10")["figures"]["total"]
    assert (total["charity"]["n"], total["charity"]["yuan"]) == (1, "1500.00")
