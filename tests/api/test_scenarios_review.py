"""Neighbours of policy F-1 and F-2 over HTTP: amounts at the boundary, notices over holidays, objections, refusal and reopening."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casework import seed
from tests.api.office import PEOPLE, Office, acknowledged, opened, paid, verified
from tests.api.stories import BUREAU, here, refused, routed
from tests.api.test_expenditure import THURSDAY, delivered, surveyed, to_application, visited_by_the_bureau
from tests.api.test_transfers import merge

STANDARD = 1000  # the demo district's monthly dibao standard
OTHERS = [PEOPLE["fuwuban1"], PEOPLE["baocun"]]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, THURSDAY) as made:
        yield made


def judged(office: Office, amount: float = 4000) -> Any:
    """Accepted on Monday the 14th, surveyed, an opinion to support."""
    lead = to_application(office)
    surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2")
    office.do("draft_opinion", "minzheng1", opinion="support", amount=amount)
    return lead


def posted(office: Office, on: str, until: str) -> None:
    office.advance(to=f"{on}T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    office.do("post_notice", "jiandu", posted_on=on, complaint_phone="022-00000000")
    office.advance(to=until)


def notice_of(lead: Any, round_: int = 1) -> str:
    return f"{lead['number']}-A1-1-G{round_}"


def objected(
    office: Office, lead: Any, channel: str = "phone", notice: int = 1, who: str = "fuwuban1"
) -> Any:
    number = notice_of(lead, notice)
    values = {
        "received_at": office.runtime.now().isoformat(),
        "channel": channel,
        "notice_no": number,
        "content": "家中有车，收入不实",
    }
    return office.post(who, f"notices/{number}/objections", {"values": values})


def taken_down(office: Office, result: str) -> None:
    office.do("remove_notice", "jiandu", continuous=True)
    office.do("close_notice", "fuwuban1", notice_result=result)


# ------------------------------------------------------------------------------------------ amounts
@pytest.mark.parametrize(
    ("amount", "step"),
    [
        (6 * STANDARD, "town_decide"),
        (6 * STANDARD + 0.01, "submit_to_bureau"),
        (STANDARD, "town_decide"),
        (7 * STANDARD, "submit_to_bureau"),
    ],
)
def test_the_towns_ceiling_is_six_standards_to_the_cent(office: Office, amount: float, step: str) -> None:
    lead = judged(office, amount)
    posted(office, "2026-09-21", "2026-09-29T08:40:00+08:00")
    taken_down(office, "cleared")
    visited_by_the_bureau(office)
    assert here(office, lead) == {step}


@pytest.mark.parametrize(
    ("amount", "persons", "step"),
    [
        (2 * STANDARD, 2, "approve_quick"),
        (2 * STANDARD + 0.01, 2, "register_emergency"),
        (STANDARD + 1, 1, "register_emergency"),
    ],
)
def test_quick_relief_is_one_standard_a_person_to_the_cent(
    tmp_path: Path, amount: float, persons: int, step: str
) -> None:
    with opened(tmp_path, "2026-09-25T20:30:00+08:00") as office:
        lead = acknowledged(office, main_cause="15", occurred_at="2026-09-25T20:00:00+08:00")
        verified(office, persons=persons, est_amount=800)
        routed(office, green="SMALL_QUICK")
        office.do(
            "register_quick",
            "minzheng1",
            "minzheng2",
            amount=amount,
            persons=persons,
            cause="15",
            form="cash",
        )
        assert here(office, lead) == {step}


@pytest.mark.parametrize(
    ("night", "due"),
    [
        ("2026-09-25T20:30:00+08:00", "2026-09-28"),  # policy F-1, over Mid-Autumn
        ("2026-10-01T02:00:00+08:00", "2026-10-04"),  # National Day: no roll-forward
        ("2026-02-16T23:30:00+08:00", "2026-02-19"),  # the eve of Spring Festival
    ],
)
def test_no_holiday_lengthens_quick_relief(tmp_path: Path, night: str, due: str) -> None:
    with opened(tmp_path, night) as office:
        acknowledged(office, main_cause="15", occurred_at=night)
        verified(office, est_amount=800)
        routed(office, green="SMALL_QUICK")
        assert office.receipts("minzheng1", "register_quick")["small_quick.days"] == due
        row = office.task("minzheng1", "register_quick")
        form = office.get("minzheng1", f"tasks/{row['id']}")["form"]
        keys = {c.get("key") for c in form["components"]}
        assert not keys & {"account", "check_authorisation", "econ_check"}, "no bank account, no check"


# ------------------------------------------------------------------------------------------ notice
@pytest.mark.parametrize(
    ("on", "last_day"),
    [
        ("2026-09-21", "2026-09-28"),  # policy F-2
        ("2026-09-23", "2026-09-30"),
        ("2026-09-24", "2026-10-08"),  # ends on National Day: rolls to the first working day
        ("2026-09-28", "2026-10-08"),  # the Mid-Autumn weekend inside, National Day at its end
    ],
)
def test_a_notice_hangs_seven_days_and_over_a_holiday(office: Office, on: str, last_day: str) -> None:
    lead = judged(office)
    posted(office, on, f"{last_day}T23:50:00+08:00")
    assert "remove_notice" not in here(office, lead)
    office.advance(by="PT20M")
    assert here(office, lead) == {"remove_notice"}


def test_an_objection_in_the_last_hour_is_in_time_and_brings_the_bureau_to_the_house(office: Office) -> None:
    lead = judged(office)
    posted(office, "2026-09-21", "2026-09-28T23:30:00+08:00")
    made = objected(office, lead)
    assert made.status_code == 200, made.text
    office.advance(to="2026-09-29T08:40:00+08:00")
    office.do("remove_notice", "jiandu", continuous=True)
    row = office.task("fuwuban1", "close_notice")
    body = {"revision": row["revision"], "values": {"objections": [], "notice_result": "cleared"}}
    early = office.post("fuwuban1", f"tasks/{row['id']}/complete", body)
    assert (early.status_code, early.json()["fields"][0]["path"]) == (422, "notice_result")
    office.do("judge_objection", "fuwuban2", needs_reinvestigation=False, about_staff=False)
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    assert here(office, lead) == {"bureau_home_visit"}, "complained about: the bureau sees for itself (C-25)"


def test_two_objections_to_one_notice_each_get_their_answer(office: Office) -> None:
    lead = judged(office)
    posted(office, "2026-09-21", "2026-09-22T10:00:00+08:00")
    first, second = objected(office, lead).json()["number"], objected(office, lead, "box").json()["number"]
    assert first != second
    office.advance(to="2026-09-29T08:40:00+08:00")
    office.do("judge_objection", "fuwuban2", needs_reinvestigation=False, about_staff=False)
    assert "answer_objector" in office.open("fuwuban2"), "the unfounded one is answered at once"
    office.do("answer_objector", "fuwuban2")
    office.do("judge_objection", "fuwuban2", needs_reinvestigation=True, about_staff=False)
    taken_down(office, "objection")
    office.do(
        "order_reinvestigation", "fuwuban2",
        staff=OTHERS, ordered_on="2026-09-29", hold_appraisal=False, extend_total=False,
    )  # fmt: skip
    office.do("assign_investigators", "fuwuban2", staff=OTHERS, recusal_checked=True)
    office.do("home_survey", "fuwuban1", "baocun", visitors=OTHERS)
    office.do("draft_opinion", "minzheng1", opinion="support", amount=4000)
    office.do("answer_objector", "fuwuban2")
    sealed = office.get("fuwuban2", "cases?process=handle_objection")["items"]
    assert {row["status"] for row in sealed} == {"completed"}
    assert here(office, lead) == {"check_notice"}, "a new notice after a new investigation"


def test_an_objection_after_the_notice_sends_the_decision_back_and_is_answered(office: Office) -> None:
    lead = judged(office)
    posted(office, "2026-09-21", "2026-09-29T08:40:00+08:00")
    taken_down(office, "cleared")
    visited_by_the_bureau(office)
    assert objected(office, lead, "hotline").status_code == 200
    row = office.task("fuwuban2", "town_decide")
    known = office.get("fuwuban2", f"tasks/{row['id']}")["values"]
    for result in ("approved", "refused"):
        body = {"revision": row["revision"], "values": {**known, "result": result, "amount": 4000}}
        answer = office.post("fuwuban2", f"tasks/{row['id']}/complete", body)
        assert (answer.status_code, answer.json()["fields"][0]["path"]) == (422, "result")
    office.do("judge_objection", "fuwuban2", needs_reinvestigation=True, about_staff=False)
    office.do("town_decide", "fuwuban2", result="returned")
    office.do("assign_investigators", "fuwuban2", staff=OTHERS, recusal_checked=True)
    office.do("home_survey", "fuwuban1", "baocun", visitors=OTHERS)
    office.do("draft_opinion", "minzheng1", opinion="support", amount=4000)
    assert "answer_objector" in office.open("fuwuban2")


def test_an_objection_after_the_decision_is_shown_the_right_door(office: Office) -> None:
    lead = judged(office)
    posted(office, "2026-09-21", "2026-09-29T08:40:00+08:00")
    taken_down(office, "cleared")
    visited_by_the_bureau(office)
    office.do("town_decide", "fuwuban2", result="approved", amount=4000)
    delivered(office, "minzheng1")
    refused(objected(office, lead), "decided")


def handed_over(office: Office, lead: Any) -> None:
    """The case goes to the first village of the other town."""
    revision = office.get("fuwuban1", f"cases/{lead['case_id']}")["revision"]
    body = {"revision": revision, "to_area": seed.OTHER_TOWN, "reason": "户籍和居住地均在该镇"}
    assert office.post("fuwuban1", f"cases/{lead['case_id']}/hand-over", body).status_code == 200
    (row,) = office.get("linzhen2", "transfers?tab=in")["items"]
    body = {"revision": row["revision"], "area": f"{seed.OTHER_TOWN}/120115103201"}
    assert office.post("linzhen2", f"transfers/{row['id']}/accept", body).status_code == 200


def test_a_case_handed_over_takes_the_objections_to_its_notice_along(office: Office) -> None:
    """The paper still hangs in the old village; who has the case reads it, takes objections down and judges them."""
    lead = judged(office)
    posted(office, "2026-09-21", "2026-09-22T10:00:00+08:00")
    assert office.get("linzhen2", "notices")["total"] == 0
    handed_over(office, lead)
    office.advance(by="PT5M")
    boards = {who: office.get(who, "notices")["items"] for who in ("linzhen2", "fuwuban1")}
    assert {who: [one["number"] for one in items] for who, items in boards.items()} == {
        "linzhen2": [notice_of(lead)],
        "fuwuban1": [notice_of(lead)],
    }
    assert objected(office, lead, who="linzhen2").status_code == 200
    office.advance(by="PT5M")
    assert "judge_objection" in office.open("linzhen2")
    assert "judge_objection" not in office.open("fuwuban2")


@pytest.mark.parametrize("when", ["while it hangs", "when it is to come down", "and its village is no more"])
def test_the_paper_is_taken_down_where_it_hangs_though_its_case_has_gone(office: Office, when: str) -> None:
    """By the people of the old village, torn down and posted again included; the new town judges the result."""
    lead = judged(office)
    down = when == "when it is to come down"
    posted(office, "2026-09-21", "2026-09-29T08:40:00+08:00" if down else "2026-09-22T10:00:00+08:00")
    if down:
        task = office.task("jiandu", "remove_notice")
        claim = {"revision": task["revision"]}
        assert office.post("jiandu", f"tasks/{task['id']}/claim", claim).status_code == 200
    handed_over(office, lead)
    if when == "and its village is no more":
        merge(office, "2026-09-22", [seed.VILLAGE], seed.NEXT_VILLAGE)
    office.advance(to="2026-09-29T17:30:00+08:00")
    assert office.task("jiandu", "remove_notice")["holder"] == ("丁监督" if down else None)
    assert not {"remove_notice"} & {*office.open("linzhen1"), *office.open("linzhen2")}
    assert any("结束公示" in one["text"] for one in office.get("jiandu", "notifications")["items"])
    office.do("remove_notice", "jiandu", continuous=False)
    office.do("post_notice", "jiandu", posted_on="2026-09-29", complaint_phone="022-00000000")
    office.advance(to="2026-10-09T08:40:00+08:00")
    office.do("remove_notice", "jiandu", continuous=True)
    (hung,) = office.get("linzhen2", "notices")["items"]
    assert (hung["end"], hung["task"]["name"], hung["task"]["mine"]) == ("there", "审定公示结果", True)
    assert "close_notice" not in office.open("fuwuban1")
    assert office.get("jiandu", f"cases/{lead['case_id']}")["actions"] == []


# ------------------------------------------------------------------------------------------ refusal
def test_refused_reconsidered_reopened_and_then_granted_under_the_same_number(office: Office) -> None:
    lead = to_application(office)
    surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2")
    office.do("draft_opinion", "minzheng1", opinion="refuse")
    visited_by_the_bureau(office)
    office.do("submit_to_bureau", "minzheng1")
    office.do("district_examine", "jiuzhu1", proposal="refuse")
    office.do("district_decide", "juzhang", result="refused")
    office.do("write_letter", "jiuzhu2", **BUREAU)
    office.do("deliver_letter", "minzheng1", remedies_told=True, delivered_on="2026-09-14")
    assert here(office, lead) == {"assess_gap"}, "nobody waits for the court to be helped otherwise"
    (line,) = office.get("fuwuban1", "ledgers/discovery")["items"]
    assert (line["level"], line["decided_at"]) == ("区民政局", "2026-09-14（不予确认）"), "no approval"
    related = office.get("jiuzhu1", f"cases/{lead['case_id']}")["related"]
    watch = next(row["id"] for row in related if row["process"] == "remedy_watch")
    terms = {r["term"]: r["due"] for r in office.get("jiuzhu1", f"cases/{watch}")["receipts"]}
    assert terms.get("remedy.apply", "2026-11-13") == "2026-11-13", "sixty days from delivery"
    office.message("jiuzhu1", watch, "复议已受理", procedure="simplified", simplified=True)
    office.do("prepare_reply", "jiuzhu1")
    office.message("jiuzhu1", watch, "等待复议决定", remedy_result="revoked")
    office.do("carry_out", "jiuzhu1", reopen=True)
    related = office.get("jiuzhu1", f"cases/{lead['case_id']}")["related"]
    again = next(row for row in related if row["process"] == "relief_application")
    assert again["number"].startswith(f"{lead['number']}-A1-1"), "the same application goes on"
    row = office.task("fuwuban1", "assign_investigators")
    body = {"staff": [PEOPLE["minzheng1"], PEOPLE["minzheng2"]], "recusal_checked": True}
    answer = office.post(
        "fuwuban1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": body}
    )
    assert answer.status_code == 422, "who investigated before does not investigate the reopened case"
    office.do("assign_investigators", "fuwuban1", staff=OTHERS, recusal_checked=True)
    office.do("home_survey", "fuwuban1", "baocun", visitors=OTHERS)
    office.do("draft_opinion", "minzheng1", opinion="support", amount=4000)
    posted(office, "2026-09-21", "2026-09-29T08:40:00+08:00")
    taken_down(office, "cleared")
    visited_by_the_bureau(office)
    office.do("town_decide", "fuwuban2", result="approved", amount=4000)
    delivered(office, "minzheng1")
    steps = {t["element"] for t in office.get("jiuzhu1", f"cases/{again['id']}")["tasks"]}
    assert steps == {"prepare_payout"}
    paid(office)
    (line,) = office.get("fuwuban1", "ledgers/discovery")["items"]
    told = {key: line[key] for key in ("level", "decided_at", "amount", "notice")}
    assert told == {
        "level": "镇(街)", "decided_at": "2026-09-29", "amount": "4000.00", "notice": "已公示 1 次",
    }, "the line of the lead goes on with the reopened application"  # fmt: skip
    assert line["paid_at"].startswith("2026-09-29")


def submitted(office: Office, who: str, element: str, **values: Any) -> Any:
    """A person submits exactly these answers over what the form proposes."""
    row = office.task(who, element)
    known = office.get(who, f"tasks/{row['id']}")["values"]
    body = {"revision": row["revision"], "values": {**known, **values}}
    return office.post(who, f"tasks/{row['id']}/complete", body)


def test_a_notice_is_posted_and_taken_down_with_a_picture(office: Office) -> None:
    judged(office)
    office.advance(to="2026-09-21T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    bare = submitted(office, "jiandu", "post_notice", posted_on="2026-09-21", complaint_phone="12345")
    assert (bare.status_code, [f["path"] for f in bare.json()["fields"]]) == (422, ["photo_start"])
    office.do("post_notice", "jiandu", posted_on="2026-09-21", complaint_phone="12345")
    office.advance(to="2026-09-29T08:40:00+08:00")
    bare = submitted(office, "jiandu", "remove_notice", continuous=True)
    assert (bare.status_code, [f["path"] for f in bare.json()["fields"]]) == (422, ["photo_end"])


@pytest.mark.parametrize(
    ("residents", "agree", "against", "valid"),
    [(6, 10, 2, True), (6, 2, 10, True), (2, 10, 2, False)],
    ids=["passed", "failed", "too few residents"],
)
def test_a_vote_is_secret_and_advises_and_only_a_valid_meeting_counts(
    office: Office, residents: int, agree: int, against: int, valid: bool
) -> None:
    lead = to_application(office)
    surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=True)
    people = [f"{name}某丁" for name in "钱孙李周吴郑王冯陈褚卫蒋"]
    office.do("plan_meeting", "minzheng1", panel=[{"name": name, "role": "resident"} for name in people])
    totals = {"present": 12, "residents": residents, "recused": 0, "agree": agree, "against": against}
    wrong = submitted(office, "minzheng1", "record_meeting", **{**totals, "present": 13, "abstain": 0})
    assert (wrong.status_code, "present" in {f["path"] for f in wrong.json()["fields"]}) == (422, True)
    office.do("record_meeting", "minzheng1", **totals, abstain=0)
    assert here(office, lead) == ({"draft_opinion"} if valid else {"plan_meeting"})
    kept = office.get("minzheng1", f"cases/{lead['case_id']}")["sections"]
    (meeting,) = [section for section in kept if section["key"] == "appraisal"]
    assert not [name for name in people if f"{name}：同意" in str(meeting)], "no single vote is on record"
