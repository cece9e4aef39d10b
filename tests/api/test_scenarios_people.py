"""Policy F-4 and F-5 and their neighbours over HTTP: who cannot apply, who must not be posted, who has no support here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import recognitions
from casework.tables import notices
from tests.api.office import PEOPLE, Office, acknowledged, found, opened, paid, verified
from tests.api.stories import BUREAU, here, routed, running, suggested

MONDAY = "2026-10-12T08:30:00+08:00"
TEAM = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MONDAY) as made:
        yield made


# ------------------------------------------------------------------------------------------ F-4
def applied(office: Office, reason: str, accepted_on: str, **application: Any) -> Any:
    """A tekun application by the village committee, accepted that day."""
    lead = acknowledged(office, main_cause="22", subject_name="田某某")
    verified(office, able_to_apply=False, persons=1)
    routed(office, "TEKUN")
    consent = application.get("guardian_consent")
    office.do(
        "assist_application", "lianluo", proxy_kind="committee", reason=reason, guardian_consent=consent
    )
    given = {"accept_result": "accepted", "recognised": "none", "kinship_declared": False}
    office.do("receive_application", "fuwuban1", **{**given, "accepted_on": accepted_on, **application})
    return lead


def surveyed(office: Office) -> None:
    office.do("assign_investigators", "fuwuban1", staff=TEAM, recusal_checked=True)
    office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=False)
    office.do("econ_check", "jiuzhu1", econ_disputed=False)
    office.do("self_care_assessment", "minzheng1", grade="partial")
    office.do("draft_opinion", "minzheng1", opinion="support", amount=1500, persons=1)


def visited(office: Office) -> None:
    while "bureau_home_visit" in office.open("baopian"):
        office.do("bureau_home_visit", "baopian", "jiuzhu2", visitors=[PEOPLE["baopian"], PEOPLE["jiuzhu2"]])


def decided(office: Office, *, published: bool) -> None:
    office.do("submit_to_bureau", "minzheng1")
    office.do("district_examine", "jiuzhu1", proposal="approve")
    office.do("district_decide", "juzhang", result="approved", amount=1500)
    assert ("publish_decision" in office.open("jiandu")) is published
    if published:
        office.do("publish_decision", "jiandu")
    office.do("write_letter", "jiuzhu2", **BUREAU)
    office.do("deliver_letter", "minzheng1", remedies_told=True)


def made_notices(office: Office) -> list[str]:
    with office.runtime.db.reading() as tx:
        return list(tx.run(select(notices.c.number)).scalars())


@pytest.mark.parametrize(
    ("accepted", "opinion", "posted", "ends", "confirm"),
    [
        ("2026-10-12", "2026-11-02", "2026-11-03", "2026-11-10", "2026-11-24"),  # policy F-4
        ("2026-09-14", "2026-10-10", "2026-09-28", "2026-10-08", "2026-10-21"),  # over National Day
        (
            "2026-04-20",
            "2026-05-13",
            "2026-04-30",
            "2026-05-07",
            "2026-05-20",
        ),  # over Labour Day, 05-09 worked
    ],
)
def test_f4_dates_of_an_old_man_without_capacity(
    tmp_path: Path, accepted: str, opinion: str, posted: str, ends: str, confirm: str
) -> None:
    with opened(tmp_path, f"{accepted}T08:30:00+08:00") as office:
        lead = applied(office, "no_capacity", accepted)
        assert office.receipts("fuwuban1", "assign_investigators")["tekun.survey"] == opinion
        surveyed(office)
        office.advance(to=f"{posted}T09:00:00+08:00")
        office.do("check_notice", "fuwuban1", content_ok=True)
        office.do("post_notice", "jiandu", posted_on=posted, complaint_phone="022-00000000")
        office.advance(to=f"{ends}T23:30:00+08:00")
        assert "remove_notice" not in office.open("jiandu"), "the notice hangs to the end of its last day"
        office.advance(by="PT1H")
        office.do("remove_notice", "jiandu", continuous=True)
        office.do("close_notice", "fuwuban1", notice_result="cleared")
        visited(office)
        office.do("submit_to_bureau", "minzheng1")
        assert office.receipts("jiuzhu1", "district_examine")["tekun.confirm"] == confirm
        assert here(office, lead) == {"district_examine"}


BOY = {
    "members": [{"name": "田某某", "relation": "head", "birth_date": "2013-05-01"}],
    "guardian_consent": "田某（伯父）",
}


def test_f4_a_boy_of_13_goes_the_whole_way_without_any_notice(office: Office) -> None:
    lead = applied(office, "minor", "2026-10-12", **BOY)
    surveyed(office)
    assert not here(office, lead) & {"check_notice", "post_notice"}
    visited(office)
    decided(office, published=False)
    office.do("choose_support", "minzheng1", "minzheng2", support_form="home")
    office.do("care_agreement", "minzheng1")
    assert made_notices(office) == []
    with office.runtime.db.reading() as tx:
        found = recognitions.get(tx, f"{lead['number']}-A1-1")
    assert found is not None
    assert (found.programme, found.state, found.valid_to) == ("TEKUN", "active", None), (
        "support has no end of its own: turning 18 is a review, not an expiry (Law art. 16)"
    )


def test_f4_a_minor_is_not_applied_for_without_the_guardian(office: Office) -> None:
    acknowledged(office, main_cause="25", subject_name="田某某")
    verified(office, able_to_apply=False, persons=1)
    routed(office, "TEKUN")
    row = office.task("lianluo", "assist_application")
    values = {**office.get("lianluo", f"tasks/{row['id']}")["values"]}
    values |= {"proxy_kind": "committee", "reason": "minor", "helper": PEOPLE["lianluo"]}
    answer = office.post(
        "lianluo", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert answer.status_code == 422
    assert "guardian_consent" in {f["path"] for f in answer.json()["fields"]}


@pytest.mark.parametrize(("born", "posted"), [("2008-10-12", True), ("2008-10-13", False)])
def test_f4_who_turns_18_that_day_is_no_minor_any_more(office: Office, born: str, posted: bool) -> None:
    lead = applied(
        office, "disabled", "2026-10-12",
        members=[{"name": "田某某", "relation": "head", "birth_date": born}], guardian_consent="田某",
    )  # fmt: skip
    surveyed(office)
    assert ("check_notice" in here(office, lead)) is posted


# ------------------------------------------------------------------------------------------ F-5
def at_the_bus_stop(office: Office, **result: Any) -> Any:
    """Somebody without papers at the bus stop; on site nobody who could take them in."""
    lead = acknowledged(office, main_cause="61", residence_status="7")
    verified(office, **{"residence_status": "6", "has_support_here": False, "persons": 1, **result})
    return lead


def test_f5a_fever_first_then_the_escort_with_identity_inquiry_and_receipt(office: Office) -> None:
    lead = found(office, urgent_signs=["acute"], main_cause="61", residence_status="6")
    assert here(office, lead) == {"call_rescue"}, "120 before anything else"
    office.do("call_rescue", "wangge", service="120")
    office.do("town_ack", "fuwuban1", ack_result="new", verifiers=TEAM)
    verified(office, residence_status="6", has_support_here=False, persons=1)
    assert suggested(office) & {"RESCUE_STATION", "SMALL_QUICK"} == {"RESCUE_STATION"}
    routed(office, "RESCUE_STATION")
    office.do("arrange_treatment", "wangge", fit=True)
    office.do("explain_rescue", "minzheng1", accepts=True, vulnerable=["old", "confused"])
    due = office.receipts("minzheng1", "escort_person")
    assert due["escort.same_day"] == "2026-10-13", "within 24 hours"
    office.do("escort_person", "minzheng1", "minzheng2", escorts=TEAM, identity_inquiry="已请公安机关协查")
    assert running(office, lead, "escort.receipt") == ["2026-10-13"]
    office.message("minzheng1", lead["case_id"], "收到救助站回执", received=True, receipt_no="站收 1 号")
    shown = office.get("minzheng1", f"cases/{lead['case_id']}")
    text = str([s for s in shown["sections"] if s["key"] == "escort"])
    assert "已请公安机关协查" in text, "in clear for who has the next step"
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    office.do("first_visit", "minzheng1", still_in_difficulty=False, aid_received=True)
    office.advance(by="P61D")
    office.do("second_visit", "minzheng2", still_in_difficulty=False, aid_received=True)
    office.advance(by="PT1H")
    closed = office.get("fuwuban1", f"cases/{lead['case_id']}")
    assert (closed["case"]["status"], closed["conclusion"]) == ("completed", "已护送")


def test_f5b_who_declines_is_told_recorded_and_looked_for_again_within_a_day(office: Office) -> None:
    lead = at_the_bus_stop(office)
    routed(office, "RESCUE_STATION")
    office.do("explain_rescue", "minzheng1", accepts=False, vulnerable=["none"])
    office.do("assess_gap", "minzheng1", gap_result="declined")
    row = office.task("minzheng1", "record_refusal")
    form = office.get("minzheng1", f"tasks/{row['id']}")["form"]
    required = {c["key"] for c in form["components"] if c.get("validate", {}).get("required")}
    assert required >= {"informed", "reason", "signature"}
    office.do("record_refusal", "minzheng1", "minzheng2", papers_open=False)
    assert office.receipts("wangge", "revisit")["decline.revisit"] == "2026-10-13"
    office.do("revisit", "wangge", changed_mind=True)
    assert here(office, lead) == {"choose_routes"}, "who changes their mind in the night is taken on again"


def test_f5c_a_migrant_hurt_on_the_road_is_helped_here_and_referred_home(office: Office) -> None:
    lead = acknowledged(
        office, main_cause="14", residence_status="4", occurred_at="2026-10-12T08:00:00+08:00"
    )
    verified(
        office, residence_status="4", has_support_here=True, persons=1, causes=["14"], needs=["schooling"],
        est_amount=1000,
    )  # fmt: skip
    proposed = suggested(office)
    assert "RESCUE_STATION" not in proposed, "nobody is escorted for their household register"
    assert proposed >= {"SMALL_QUICK", "HUKOU_COUNTY"}
    assert not proposed & {"EDUCATION", "DIBAO", "TEKUN"}
    routed(office, "HUKOU_COUNTY", green="SMALL_QUICK")
    assert here(office, lead) == {"register_quick", "prepare_referral"}
    assert set(running(office, lead, "small_quick.days")) == {"2026-10-15"}, "three days where it happened"
    office.do("register_quick", "minzheng1", "minzheng2", amount=1000, persons=1, cause="14", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    paid(office)
    row = office.task("jiuzhu1", "prepare_referral")
    assert office.get("jiuzhu1", f"tasks/{row['id']}")["values"]["to_dept"] == "hukou_county"
    assert here(office, lead) == {"prepare_referral"}, "the gap waits for the home county's answer"
    assert made_notices(office) == []


@pytest.mark.parametrize(
    ("residence", "support", "asks", "station"),
    [
        ("6", False, False, True),
        ("6", True, False, False),  # has somebody here after all
        ("7", False, False, True),
        ("4", False, False, False),  # hukou elsewhere, permit: relief here, whatever the roof
        ("5", True, False, False),
        ("5", True, True, True),  # who asks for the station is taken there
        ("1", True, True, True),
        ("3", False, False, False),
    ],
)
def test_f5_the_station_is_offered_by_situation_or_wish_never_by_hukou(
    office: Office, residence: str, support: bool, asks: bool, station: bool
) -> None:
    acknowledged(office, main_cause="61", residence_status="7")
    verified(office, residence_status=residence, has_support_here=support, asks_station=asks, persons=1)
    assert ("RESCUE_STATION" in suggested(office)) is station


@pytest.mark.parametrize(
    ("vulnerable", "step"),
    [
        (["minor"], "escort_person"),
        (["disabled", "old"], "escort_person"),
        (["hard_to_move"], "escort_person"),
        (["none"], "guide_person"),
    ],
)
def test_f5_who_cannot_go_alone_is_escorted(office: Office, vulnerable: list[str], step: str) -> None:
    lead = at_the_bus_stop(office)
    routed(office, "RESCUE_STATION")
    office.do("explain_rescue", "minzheng1", accepts=True, vulnerable=vulnerable)
    assert here(office, lead) == {step}
    assert date.fromisoformat(office.receipts("minzheng1", step)["escort.same_day"]) == date(2026, 10, 13)


def test_f4_a_grown_up_with_a_guardian_is_no_minor(office: Office) -> None:
    """Law on tekun: minors are never posted; an old man whose guardian signs is (the guardian makes nobody a child)."""
    lead = applied(office, "no_capacity", "2026-10-12", guardian_consent="田某（侄子）")
    surveyed(office)
    assert "check_notice" in here(office, lead)


def test_f4_a_child_whose_birthday_nobody_knows_is_protected_too(office: Office) -> None:
    lead = applied(office, "minor", "2026-10-12", guardian_consent="田某（伯父）")
    surveyed(office)
    assert "check_notice" not in here(office, lead)


def test_f4_a_child_is_protected_where_the_lead_bears_the_name_of_the_grandfather(office: Office) -> None:
    """The helper wrote 未成年; that the one named is 76 makes the papers no old man's."""
    lead = applied(
        office, "minor", "2026-10-12", guardian_consent="田某某",
        members=[
            {"name": "田某某", "relation": "head", "birth_date": "1950-05-01"},
            {"name": "田小某", "relation": "grandchild", "birth_date": "2013-05-01"},
        ],
    )  # fmt: skip
    surveyed(office)
    assert "check_notice" not in here(office, lead)
    visited(office)
    decided(office, published=False)
    assert made_notices(office) == []
