"""Where relief has been given its limit is met; what follows has limits of its own (policy.md C-5 to C-7, C-19)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.office import PEOPLE, Office, acknowledged, opened, verified
from tests.api.stories import here, orders, receipts, routed, running
from tests.api.test_emergency import FIRE, NIGHT


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, NIGHT) as made:
        yield made


def fire(office: Office, route: str, *, first_aid: bool, amount: int = 800) -> Any:
    lead = acknowledged(office, **FIRE)
    verified(office, est_amount=amount, immediate_need=first_aid)
    office.do("choose_routes", "minzheng1", green_route=route, first_aid=first_aid, other_routes=[])
    return lead


def given(office: Office, amount: int) -> None:
    office.do("give_first_aid", "minzheng1", "minzheng2", form="cash", amount=amount, fund="reserve")


def clock(office: Office, lead: Any, term: str) -> list[tuple[str, str]]:
    return [(r["state"], r["due"]) for r in receipts(office, lead, term)]


def test_quick_relief_is_in_time_when_first_aid_was_given_and_the_papers_have_their_own_days(
    office: Office,
) -> None:
    lead = fire(office, "SMALL_QUICK", first_aid=True)
    assert clock(office, lead, "small_quick.days") == [("running", "2026-09-28")]
    given(office, 800)
    assert clock(office, lead, "small_quick.days") == [("stopped", "2026-09-28")]
    office.advance(to="2026-09-29T09:00:00+08:00")
    office.do("note_emergency_end", "minzheng1", emergency_ended_on="2026-09-28")
    office.advance(to="2026-10-09T09:00:00+08:00")
    assert clock(office, lead, "first_aid.papers") == [("running", "2026-10-10")]
    assert orders(office, lead) == [], "relief was in their hands the same night: nobody is late"


def test_first_aid_larger_than_what_is_then_registered_is_explained(office: Office) -> None:
    """C-6: the papers say how much was given too much, and ask why; nothing is taken back without a word."""
    fire(office, "SMALL_QUICK", first_aid=True)
    given(office, 800)
    office.do("note_emergency_end", "minzheng1", emergency_ended_on="2026-09-25")
    quick = {"amount": 700, "persons": 3, "cause": "15", "form": "cash"}
    row = office.task("minzheng1", "register_quick")
    known = office.get("minzheng1", f"tasks/{row['id']}")["values"]
    values = {
        **known,
        **quick,
        "handlers": [PEOPLE["minzheng1"], PEOPLE["minzheng2"]],
        "first_more_reason": "多",
    }
    answer = office.post(
        "minzheng1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    (field,) = answer.json()["fields"]
    assert (field["path"], "比登记的多 100 元" in field["message"]) == ("first_more_reason", True)
    values["first_more_reason"] = "火场发放时按四人计，多出的抵作衣物"
    answer = office.post(
        "minzheng1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert answer.status_code == 200, answer.text


def test_without_first_aid_the_three_days_run_on_to_the_money(office: Office) -> None:
    lead = fire(office, "SMALL_QUICK", first_aid=False)
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=3, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    assert running(office, lead, "small_quick.days") == ["2026-09-28"]
    office.do("prepare_payout", "minzheng1", method="cash", amount=800, fund="reserve", payee="甲")
    office.do("approve_payout", "fuwuban1", ok=True)
    office.do("hand_over", "minzheng1", "minzheng2")
    assert running(office, lead, "small_quick.days") == []


def test_after_first_aid_survey_and_decision_of_an_emergency_have_their_own_limits(office: Office) -> None:
    lead = fire(office, "TEMP_EMERGENCY", first_aid=True, amount=2500)
    given(office, 500)
    assert [state for state, _ in clock(office, lead, "relief.emergency_total")] == ["stopped"]
    office.advance(to="2026-10-08T09:00:00+08:00")
    office.do("note_emergency_end", "minzheng1", emergency_ended_on="2026-10-08")
    office.do("register_emergency", "minzheng1", amount=2500, persons=2, cause="15", form="cash")
    assert clock(office, lead, "relief.emergency_survey") == [("running", "2026-10-12")]
    office.advance(to="2026-10-12T09:00:00+08:00")
    office.do("survey_emergency", "minzheng1", "minzheng2", needs_check=False)
    office.do("town_decide", "fuwuban2", result="returned")
    assert running(office, lead, "relief.emergency_survey") == ["2026-10-12"], "sent back: the same days"


def test_quick_relief_over_its_cap_after_first_aid_begins_the_emergencys_limit_then(office: Office) -> None:
    lead = fire(office, "SMALL_QUICK", first_aid=True)
    given(office, 800)
    office.advance(to="2026-10-08T09:00:00+08:00")
    office.do("note_emergency_end", "minzheng1", emergency_ended_on="2026-10-08")
    office.do("register_quick", "minzheng1", "minzheng2", amount=9000, persons=1, cause="15", form="cash")
    assert here(office, lead) == {"register_emergency"}
    assert set(clock(office, lead, "relief.emergency_total")) == {("running", "2026-10-14")}


def test_quick_relief_is_paid_within_a_day_whatever_the_leads_urgency(office: Office) -> None:
    office.advance(to="2026-10-12T09:00:00+08:00")
    lead = acknowledged(office, main_cause="21", occurred_at="2026-10-11T09:00:00+08:00")
    verified(office, causes=["21"])
    routed(office, green="SMALL_QUICK")
    office.do("register_quick", "minzheng1", "minzheng2", amount=800, persons=3, cause="21", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    assert receipts(office, lead, "lead.town_ack.ordinary"), "an ordinary lead"
    assert running(office, lead, "payout.within.emergency")
    assert receipts(office, lead, "payout.within.ordinary") == []
