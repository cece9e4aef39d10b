"""Every way a lead may take besides the straight one: each leaf of the discovery and green-channel drawings, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from casework import seed
from engine.tables import messages
from tasks import yearbook
from tests.api.office import Office, acknowledged, found, granted_quickly, opened, paid, verified

NIGHT = "2026-09-25T20:30:00+08:00"
FIRE = {"main_cause": "15", "occurred_at": "2026-09-25T20:00:00+08:00"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, NIGHT) as made:
        yield made


def state(office: Office, lead: Any) -> tuple[str, str | None]:
    shown = office.get("fuwuban1", f"cases/{lead['case_id']}")
    return shown["case"]["status"], shown["conclusion"]


def reached(office: Office, lead: Any) -> set[str]:
    """Elements the case has open tasks at."""
    return {t["element"] for t in office.get("fuwuban1", f"cases/{lead['case_id']}")["tasks"]}


def test_a_danger_to_life_is_called_in_before_anything_else(office: Office) -> None:
    lead = found(office, urgent_signs=["life"])
    assert reached(office, lead) == {"call_rescue"}
    office.do("call_rescue", "wangge")
    assert reached(office, lead) == {"self_verify"}
    assert office.get("fuwuban1", f"cases/{lead['case_id']}")["case"]["urgent"] is True


def test_somebody_without_a_home_goes_to_the_town_at_once(office: Office) -> None:
    lead = found(office, residence_status="6")
    assert reached(office, lead) == {"town_ack"}


def test_a_second_report_is_merged_and_both_finders_hear_of_it(office: Office) -> None:
    first = acknowledged(office)
    second = found(office, "lianluo", source="04")
    office.do("self_verify", "lianluo", self_result="confirmed")
    office.do("report_to_town", "lianluo")
    row = office.task("fuwuban1", "town_ack")
    assert office.get("fuwuban1", f"tasks/{row['id']}")["values"]["duplicate_of"] == first["number"]
    office.do("town_ack", "fuwuban1", ack_result="merge", duplicate_of=first["number"])
    assert state(office, second) == ("completed", "重复，已合并")
    assert reached(office, first) == {"verify_on_site"}
    assert "您上报的线索已办结" in [n["title"] for n in office.get("lianluo", "notifications")["items"]]


def test_an_ordinary_lead_is_handed_to_the_town_it_belongs_to(office: Office) -> None:
    lead = found(office)
    office.do("self_verify", "wangge", self_result="confirmed")
    office.do("report_to_town", "wangge")
    office.do("town_ack", "fuwuban1", ack_result="transfer", to_town=seed.OTHER_TOWN)
    assert "town_ack" not in office.open("fuwuban1")
    office.do("town_ack", "linzhen2", ack_result="new", verifiers=["p_linzhen1", "p_linzhen2"])
    history = office.get("linzhen2", f"cases/{lead['case_id']}")
    assert {t["element"] for t in history["tasks"]} == {"verify_on_site"}
    assert history["case"]["number"] == lead["number"]


def test_an_urgent_lead_is_never_handed_on(office: Office) -> None:
    found(office, **FIRE)
    office.do("self_verify", "wangge", self_result="confirmed")
    office.do("report_to_town", "wangge")
    row = office.task("fuwuban1", "town_ack")
    values = {"ack_result": "transfer", "to_town": seed.OTHER_TOWN, "urgency": 2}
    answer = office.post(
        "fuwuban1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert (answer.status_code, [f["path"] for f in answer.json()["fields"]]) == (422, ["ack_result"])


def test_not_confirmed_needs_a_second_opinion(office: Office) -> None:
    lead = acknowledged(office)
    verified(office, verify_result="not_confirmed")
    office.do("sign_not_confirmed", "fuwuban1", agree=False, reason="请再次上门核实")
    verified(office, verify_result="not_confirmed")
    office.do("sign_not_confirmed", "fuwuban1", agree=True, told_person=True)
    assert state(office, lead) == ("completed", "不属实")


def test_nobody_met_means_another_visit_on_the_same_clock(office: Office) -> None:
    acknowledged(office)
    before = office.due("minzheng1", "verify_on_site")
    verified(office, verify_result="unreachable", not_met_reason="家中无人")
    office.advance(by="P1D")
    assert office.due("minzheng1", "verify_on_site") == before


def test_who_declines_is_seen_again_and_may_change_their_mind(office: Office) -> None:
    lead = acknowledged(office)
    verified(office, verify_result="declined")
    office.do("record_refusal", "minzheng1", "minzheng2", papers_open=False)
    office.do("revisit", "wangge", changed_mind=True)
    assert reached(office, lead) == {"choose_routes"}


def test_who_goes_on_declining_is_left_in_peace(office: Office) -> None:
    lead = acknowledged(office)
    verified(office, verify_result="declined")
    office.do("record_refusal", "minzheng1", "minzheng2", papers_open=False)
    office.do("revisit", "wangge", changed_mind=False)
    assert state(office, lead) == ("completed", "本人谢绝")


def test_saying_no_in_the_middle_ends_the_aid_not_the_duty(office: Office) -> None:
    lead = acknowledged(office, **FIRE)
    verified(office)
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=False, other_routes=[])
    office.message("minzheng1", lead["case_id"], "本人谢绝救助")
    assert reached(office, lead) == {"record_refusal"}


def test_first_aid_then_papers_counted_from_the_end_of_the_emergency(office: Office) -> None:
    lead = acknowledged(office, **FIRE)
    verified(office, immediate_need=True)
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=True, other_routes=[])
    office.do("give_first_aid", "minzheng1", "minzheng2", form="cash", amount=800, fund="reserve")
    office.advance(to="2026-09-28T15:00:00+08:00")
    office.do("note_emergency_end", "minzheng1", emergency_ended_on="2026-09-28")
    assert office.receipts("minzheng1", "register_quick")["first_aid.papers"] == "2026-10-10"
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=2, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    assert reached(office, lead) == {"assess_gap"}, "paid in full already, so nothing more to pay"


def test_too_much_for_quick_relief_becomes_emergency_relief(office: Office) -> None:
    lead = acknowledged(office, **FIRE)
    verified(office)
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=False, other_routes=[])
    office.do("register_quick", "minzheng1", "minzheng2", amount=2500, persons=2, cause="15", form="cash")
    assert reached(office, lead) == {"register_emergency"}


def test_quick_relief_sent_back_or_onto_another_way(office: Office) -> None:
    lead = acknowledged(office, **FIRE)
    verified(office)
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=False, other_routes=[])
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=2, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="returned", reason="金额请再核")
    assert reached(office, lead) == {"register_quick"}
    office.do("register_quick", "minzheng1", "minzheng2", amount=700, persons=2, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="other_route", reason="应走支出型")
    assert reached(office, lead) == {"assess_gap"}


def test_still_in_difficulty_at_the_first_visit_leads_to_other_ways(office: Office) -> None:
    lead = acknowledged(office, **FIRE)
    verified(office)
    granted_quickly(office)
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    office.do("first_visit", "minzheng1", still_in_difficulty=True, aid_received=True)
    assert reached(office, lead) == {"choose_routes"}


def test_still_in_difficulty_is_heard_however_long_the_round_of_aid_still_takes(office: Office) -> None:
    """The visit comes before the gap is assessed; its answer waits three weeks and is no less true (R62)."""
    lead = acknowledged(office, **FIRE)
    verified(office)
    granted_quickly(office)
    office.do("first_visit", "minzheng1", still_in_difficulty=True, aid_received=True)
    office.advance(by="P21D")
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    assert reached(office, lead) == {"choose_routes"}
    with office.runtime.db.reading() as tx:
        assert yearbook.forsaken(tx) == []


def test_a_lead_nobody_and_nothing_will_bring_on_is_named(office: Office) -> None:
    lead = acknowledged(office, **FIRE)
    verified(office)
    granted_quickly(office)
    office.do("first_visit", "minzheng1", still_in_difficulty=True, aid_received=True)
    with office.runtime.db.transaction() as tx:
        tx.run(update(messages).where(messages.c.name == "follow_up_done").values(state="expired"))
        assert yearbook.forsaken(tx) == [], "the gap is still to be assessed"
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    assert reached(office, lead) == set()
    with office.runtime.db.reading() as tx:
        assert yearbook.forsaken(tx) == [lead["number"]]


def test_a_payment_refused_in_review_is_prepared_again(office: Office) -> None:
    lead = acknowledged(office, **FIRE)
    verified(office)
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=False, other_routes=[])
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=2, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    office.do("prepare_payout", "minzheng1", method="cash")
    office.do("approve_payout", "fuwuban1", ok=False, reason="领取人有误")
    assert reached(office, lead) == {"prepare_payout"}
    paid(office)
    assert reached(office, lead) == {"assess_gap"}


def test_another_way_after_the_gap_was_assessed(office: Office) -> None:
    lead = acknowledged(office, **FIRE)
    verified(office)
    granted_quickly(office)
    office.do("assess_gap", "minzheng1", gap_result="other_route", remaining="另有学费困难")
    assert reached(office, lead) == {"choose_routes"}
