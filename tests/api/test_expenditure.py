"""Over HTTP with a simulated clock: expenditure relief of a family already recognised (policy F-2), with its variants."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casework import seed
from tests.api.office import PEOPLE, Office, found, opened

THURSDAY = "2026-09-10T09:00:00+08:00"
DIBAO = 1010  # the demo district's monthly standard


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, THURSDAY) as made:
        yield made


def to_application(office: Office) -> Any:
    """The liaison's quarterly visit finds family W; both officers confirm; the way is expenditure relief."""
    values = {
        "source": "03",
        "place_area": seed.VILLAGE,
        "place_text": "村南二排",
        "main_cause": "11",
        "urgent_signs": [],
        "subject_name": "王某乙",
        "residence_status": "1",
    }
    answer = office.post("lianluo", "leads", {"values": values})
    assert answer.status_code == 200, answer.text
    lead = answer.json()
    office.advance(by="PT1M")
    office.do("self_verify", "lianluo", self_result="confirmed")
    office.do("report_to_town", "lianluo")
    office.do("town_ack", "fuwuban1", ack_result="new", verifiers=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]])
    office.do(
        "verify_on_site",
        "minzheng1",
        "minzheng2",
        verify_result="confirmed",
        residence_status="1",
        has_support_here=True,
        persons=2,
        causes=["11"],
        needs=["medical"],
        immediate_need=False,
        est_amount=7 * DIBAO,
        able_to_apply=True,
        asks_station=False,
        policy_explained=True,
    )
    office.do(
        "choose_routes", "minzheng1", green_route="none", first_aid=False, other_routes=["TEMP_EXPENDITURE"]
    )
    return lead


def surveyed(office: Office, **application: Any) -> None:
    """From acceptance on Monday the 14th to the end of the survey."""
    office.advance(to="2026-09-14T10:00:00+08:00")
    given = {
        "accept_result": "accepted",
        "accepted_on": "2026-09-14",
        "recognised": "edge",
        "kinship_declared": False,
    }
    limits = office.receipts("fuwuban1", "receive_application")
    assert {"apply.accept", "remedy.inaction"} <= set(limits), (
        "two months to act run before anybody has accepted"
    )
    office.do("receive_application", "fuwuban1", **{**given, **application})
    officers = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]
    office.do("assign_investigators", "fuwuban1", staff=officers, recusal_checked=True)


def posted(office: Office) -> None:
    """The notice is checked, posted on the 21st, taken down after its seven days and closed on the 29th."""
    office.advance(to="2026-09-21T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    office.do("post_notice", "jiandu", posted_on="2026-09-21", complaint_phone="022-00000000")
    assert "remove_notice" not in office.open("jiandu")
    office.advance(to="2026-09-29T08:40:00+08:00")
    office.do("remove_notice", "jiandu", continuous=True)


def visited_by_the_bureau(office: Office) -> None:
    """Cases drawn for it are seen by the bureau as well (bureau.file_share)."""
    if "bureau_home_visit" in office.open("baopian"):
        office.do("bureau_home_visit", "baopian", "jiuzhu2", visitors=[PEOPLE["baopian"], PEOPLE["jiuzhu2"]])


def delivered(office: Office, letter_writer: str) -> None:
    office.do("publish_decision", "jiandu")
    row = office.task(letter_writer, "write_letter")
    prefilled = office.get(letter_writer, f"tasks/{row['id']}")["values"]
    assert prefilled["first_reconsideration"] is False, "who was granted something may go to court at once"
    office.do("write_letter", letter_writer, authority="演示区人民政府")
    office.do("deliver_letter", "minzheng1", remedies_told=True)


def sampled(number: str) -> bool:
    """Is the file drawn for the bureau's visit anyway (bureau.file_share 0.30, by hash)?"""
    return int(hashlib.sha256(number.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF < 0.3


@pytest.mark.parametrize("finding", [None, "unfounded"])
def test_a_complaint_forces_the_bureaus_visit_until_found_groundless(
    office: Office, finding: str | None
) -> None:
    while sampled(f"{seed.TOWN.rpartition('/')[2]}202609{office_leads(office) + 1:04d}"):
        found(office, "wangge", subject_name="占号")
    lead = to_application(office)
    surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2")
    said = {
        "received_at": "2026-09-14T10:00:00+08:00", "channel": "phone", "kinds": ["favour"], "staff": [PEOPLE["minzheng1"]],
        "content": "优亲厚友", "complainant": "某群众",
    }  # fmt: skip
    answer = office.post(
        "jiuzhu1", "starts/complaint/complaint_received", {"case_id": lead["case_id"], "values": said}
    )
    assert answer.status_code == 200, answer.text
    office.advance(by="PT1M")
    if finding:
        office.do("investigate", "jiuzhu1", facts="查无此事", complaint_finding=finding, serious=False)
        office.do(
            "answer_complaint",
            "jiuzhu2",
            answered_on="2026-09-14",
            method="phone",
            answer="经查不属实",
            told_review=True,
        )
    office.do("draft_opinion", "minzheng1", opinion="support", amount=7 * DIBAO)
    posted(office)
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    open_ = office.open("baopian")
    assert ("bureau_home_visit" in open_) is (finding is None)
    assert ("submit_to_bureau" in office.open("minzheng1")) is (finding is not None)


def office_leads(office: Office) -> int:
    """How many leads the town has numbered this month."""
    return int(office.get("fuwuban1", "cases?process=active_discovery")["total"])


def test_f2_seven_times_the_standard_goes_to_the_district(office: Office) -> None:
    lead = to_application(office)
    surveyed(office)
    assert office.receipts("minzheng1", "home_survey") == {
        "relief.survey_recognised": "2026-09-20",
        "relief.total": "2026-10-10",
        "remedy.inaction": "2026-11-14",
    }
    office.do("home_survey", "minzheng1", "minzheng2")
    assert "econ_check" not in office.open("jiuzhu1"), "a recognised family is not checked again"
    office.do("draft_opinion", "minzheng1", opinion="support", amount=7 * DIBAO)
    posted(office)
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    visited_by_the_bureau(office)
    office.do("submit_to_bureau", "minzheng1", submitted_on="2026-09-29")
    assert office.receipts("jiuzhu1", "district_examine") == {
        "relief.bureau": "2026-10-12",
        "relief.total": "2026-10-10",
        "remedy.inaction": "2026-11-14",
    }
    assert office.due("jiuzhu1", "district_examine") == "2026-10-10T16:00", (
        "the earlier limit binds: the end of 10-10 in Shanghai"
    )
    office.do("district_examine", "jiuzhu1", proposal="approve")
    office.do("district_decide", "juzhang", result="approved", amount=7 * DIBAO)
    shown = office.get("fuwuban1", f"cases/{lead['case_id']}")
    running = {r["term"] for r in shown["receipts"] if r.get("state", "running") == "running"}
    assert "relief.total" not in running, "the decision ends the total term though delivery goes on"
    delivered(office, "jiuzhu1")
    assert office.receipts("minzheng1", "prepare_payout")["payout.within.ordinary"] == "2026-10-09"
    office.do("prepare_payout", "minzheng1", method="bank", account="6200000000000000")
    office.do("approve_payout", "fuwuban1", ok=True)
    office.message("minzheng1", lead["case_id"], "收到银行回盘", paid=True)
    office.do("confirm_received", "lianluo", received=True)
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    office.do("first_visit", "minzheng1", still_in_difficulty=False, aid_received=True)
    office.advance(by="P61D")
    office.do("second_visit", "minzheng2", still_in_difficulty=False, aid_received=True)
    office.advance(by="PT1H")
    closed = office.get("fuwuban1", f"cases/{lead['case_id']}")
    assert (closed["case"]["status"], closed["conclusion"]) == ("completed", "已救助")
