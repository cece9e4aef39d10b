"""A second round of help within one lead over HTTP: its limits count from the need of that round, and the books know of the first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.calendar import ZONE
from tasks.rehearsal import answers
from tests.api.office import PEOPLE, Office, _Somebody, acknowledged, granted_quickly, opened, paid, verified
from tests.api.stories import orders, receipts, routed, suggested

FRIDAY_EVENING = "2026-09-25T20:30:00+08:00"
"""Mid-Autumn; the weekend stands between the first round and the second."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, FRIDAY_EVENING) as made:
        yield made


def burnt_out(office: Office) -> Any:
    lead = acknowledged(office, main_cause="15", occurred_at="2026-09-25T20:00:00+08:00")
    verified(office, causes=["15"])
    return lead


def last(office: Office, lead: Any, term: str) -> tuple[str, str]:
    """Where the newest clock of a term begins, and its last lawful day."""
    return max((clock["start"][:16], clock["due"]) for clock in receipts(office, lead, term))


def test_help_after_a_visit_counts_from_the_visit(office: Office) -> None:
    """C-5, C-7: 24 hours and three days from the day the visit saw the new need, not from the fire of four days ago."""
    lead = burnt_out(office)
    granted_quickly(office)
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    office.advance(to="2026-09-29T11:00:00+08:00")
    seen = "2026-09-29T09:00:00+08:00"
    office.do("first_visit", "minzheng1", done_at=seen, still_in_difficulty=True, aid_received=True)
    office.advance(by="PT5M")
    before = orders(office, lead)
    routed(office, green="SMALL_QUICK", first_aid=True)
    office.advance(by="PT2H")
    assert last(office, lead, "first_aid.within") == ("2026-09-29T01:00", "2026-09-30")
    assert last(office, lead, "small_quick.days") == ("2026-09-29T01:00", "2026-10-02")
    assert orders(office, lead, before) == [], "nobody is late"


def test_another_route_counts_from_the_assessment(office: Office) -> None:
    """relief.emergency_total: five working days from the assessment that found the rest, not from the first verification."""
    lead = burnt_out(office)
    granted_quickly(office)
    office.advance(to="2026-09-29T09:00:00+08:00")
    office.do("assess_gap", "minzheng1", gap_result="other_route", remaining="房屋仍不能住")
    office.advance(by="PT1H")
    routed(office, green="TEMP_EMERGENCY")
    assert last(office, lead, "relief.emergency_total") == ("2026-09-29T01:00", "2026-10-12")


def test_who_declined_and_wants_help_after_all_is_helped_from_then(office: Office) -> None:
    lead = burnt_out(office)
    routed(office, green="SMALL_QUICK")
    office.message("minzheng1", lead["case_id"], "本人谢绝救助", reason="不想麻烦别人")
    office.do("record_refusal", "minzheng1", "minzheng2")
    office.advance(to="2026-09-29T18:00:00+08:00")
    office.do("revisit", "wangge", visited_at="2026-09-29T17:00:00+08:00", changed_mind=True)
    routed(office, green="SMALL_QUICK", first_aid=True)
    assert last(office, lead, "small_quick.days") == ("2026-09-29T09:00", "2026-10-02")
    assert last(office, lead, "first_aid.within") == ("2026-09-29T09:00", "2026-09-30")


def without_reason(office: Office, who: str, element: str, **wanted: Any) -> Any:
    """Submits a step filled in but for 再次救助理由."""
    row = office.task(who, element)
    detail = office.get(who, f"tasks/{row['id']}")
    staff = [_Somebody(PEOPLE[who], who), _Somebody(PEOPLE["minzheng2"], "minzheng2")]
    values = answers(detail["form"], detail["values"], wanted, staff, office.runtime.now().astimezone(ZONE))  # type: ignore[arg-type]
    values.pop("repeat_reason", None)
    body = {"revision": row["revision"], "values": values}
    return office.post(who, f"tasks/{row['id']}/complete", body)


def test_a_second_round_for_the_same_cause_is_asked_why(office: Office) -> None:
    """C-8: the same lead is asked what a new lead of the same person is asked; it is not refused."""
    lead = acknowledged(office, main_cause="11")
    verified(office, causes=["11"])
    assert "TEMP_EXPENDITURE" in suggested(office), "nothing was given yet"
    quick = {"amount": 800, "persons": 2, "cause": "11", "form": "cash"}
    routed(office, green="SMALL_QUICK")
    office.do("register_quick", "minzheng1", "minzheng2", **quick)
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    paid(office)
    office.do("assess_gap", "minzheng1", gap_result="other_route", remaining="医药费仍不足")
    row = office.task("minzheng1", "choose_routes")
    plan = office.get("minzheng1", f"tasks/{row['id']}")["values"]["assessments"]
    ways = {"green_route": "none", "first_aid": False, "other_routes": ["TEMP_EXPENDITURE"]}
    plan = [{**one, "applies": one["programme"] == "TEMP_EXPENDITURE", "reason": "逐项核对"} for one in plan]
    answer = without_reason(office, "minzheng1", "choose_routes", assessments=plan, **ways)
    assert (answer.status_code, "须写明理由" in answer.text) == (422, True), answer.text
    routed(office, green="SMALL_QUICK")
    answer = without_reason(office, "minzheng1", "register_quick", **quick)
    assert (answer.status_code, "再次救助理由" in answer.text) == (422, True), answer.text
    office.do("register_quick", "minzheng1", "minzheng2", repeat_reason="再次住院", **quick)
    assert "approve_quick" in {
        t["element"] for t in office.get("fuwuban1", f"cases/{lead['case_id']}")["tasks"]
    }
