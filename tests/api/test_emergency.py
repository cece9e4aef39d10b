"""Emergency relief and what is handed over: every leaf of these drawings, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casework import seed
from engine.calendar import ZONE
from tests.api.office import PEOPLE, Office, acknowledged, opened, paid, verified

NIGHT = "2026-09-25T20:30:00+08:00"
FIRE = {"main_cause": "15", "occurred_at": "2026-09-25T20:00:00+08:00"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, NIGHT) as made:
        yield made


def counted(office: Office) -> dict[str, tuple[int, str]]:
    """Money in the town's report of the month."""
    now = office.runtime.now().astimezone(ZONE)
    figures = office.get("fuwuban1", f"reports/draft?area={seed.TOWN}&month={now:%Y-%m}")["figures"]["total"]
    return {column: (cell["n"], cell["yuan"]) for column, cell in figures.items() if cell["yuan"] is not None}


def here(office: Office, lead: Any) -> set[str]:
    return {t["element"] for t in office.get("fuwuban1", f"cases/{lead['case_id']}")["tasks"]}


def emergency(office: Office, amount: int = 2500, *, first_aid: bool = False) -> Any:
    """A fire that needs more than quick relief, on its way to the town's papers."""
    lead = acknowledged(office, **FIRE)
    verified(office, est_amount=amount, immediate_need=first_aid)
    office.do(
        "choose_routes", "minzheng1", green_route="TEMP_EMERGENCY", first_aid=first_aid, other_routes=[]
    )
    return lead


def surveyed(office: Office, amount: int, *, needs_check: bool = False) -> None:
    office.do("register_emergency", "minzheng1", amount=amount, persons=2, cause="15", form="cash")
    office.do("survey_emergency", "minzheng1", "minzheng2", needs_check=needs_check)


def told(office: Office, writer: str, *, published: bool) -> None:
    if published:
        office.do("publish_decision", "jiandu")
    office.do("write_letter", writer, authority="演示区人民政府", first_reconsideration=True)
    office.do("deliver_letter", "minzheng1", remedies_told=True)


def test_the_town_decides_below_its_ceiling_and_pays(office: Office) -> None:
    lead = emergency(office)
    assert office.receipts("minzheng1", "register_emergency")["relief.emergency_total"] == "2026-10-09"
    surveyed(office, 2500)
    office.do("town_decide", "fuwuban2", result="approved", amount=2500)
    told(office, "minzheng1", published=True)
    assert here(office, lead) == {"prepare_payout"}


def test_above_the_cap_the_district_decides(office: Office) -> None:
    lead = emergency(office, 7000)
    surveyed(office, 7000)
    office.do("submit_to_bureau", "minzheng1")
    assert here(office, lead) == {"district_examine"}


def test_a_check_only_where_it_is_needed(office: Office) -> None:
    lead = emergency(office)
    surveyed(office, 2500, needs_check=True)
    assert here(office, lead) == {"econ_check"}
    office.do("econ_check", "jiuzhu1")
    assert here(office, lead) == {"town_decide"}


def test_refused_with_remedies_and_back_to_the_gap(office: Office) -> None:
    lead = emergency(office)
    surveyed(office, 2500)
    office.do("town_decide", "fuwuban2", result="refused")
    told(office, "minzheng1", published=False)
    assert here(office, lead) == {"assess_gap"}


def test_sent_back_for_another_look(office: Office) -> None:
    lead = emergency(office)
    surveyed(office, 2500)
    office.do("town_decide", "fuwuban2", result="returned")
    assert here(office, lead) == {"survey_emergency"}


def test_what_was_given_first_is_not_paid_again(office: Office) -> None:
    lead = emergency(office, first_aid=True)
    office.do("give_first_aid", "minzheng1", "minzheng2", form="cash", amount=2500, fund="reserve")
    office.do("note_emergency_end", "minzheng1", emergency_ended_on="2026-09-25")
    assert "first_aid.papers" in office.receipts("minzheng1", "register_emergency")
    surveyed(office, 2500)
    office.do("town_decide", "fuwuban2", result="approved", amount=2500)
    told(office, "minzheng1", published=True)
    assert here(office, lead) == {"assess_gap"}, "given in full already"
    (line,) = office.get("fuwuban1", "ledgers/emergency")["items"]
    assert (line["first_aid"], line["amount"], bool(line["paid_at"])) == ("是", "2500.00", True)
    assert counted(office) == {
        "first_aid": (1, "2500.00"),
        "temp_emergency": (1, "0.00"),
        "paid": (1, "2500.00"),
    }


def test_first_aid_of_a_second_round_is_given_again_and_not_reckoned_with_the_first(office: Office) -> None:
    lead = emergency(office, first_aid=True)
    office.do("give_first_aid", "minzheng1", "minzheng2", form="cash", amount=2500, fund="reserve")
    office.do("note_emergency_end", "minzheng1", emergency_ended_on="2026-09-25")
    surveyed(office, 2500)
    office.do("town_decide", "fuwuban2", result="approved", amount=2500)
    told(office, "minzheng1", published=True)
    office.do("assess_gap", "minzheng1", gap_result="other_route", remaining="又遇大雨，房屋进水")
    office.do("choose_routes", "minzheng1", green_route="TEMP_EMERGENCY", first_aid=True, other_routes=[])
    assert here(office, lead) == {"give_first_aid"}


def test_papers_made_up_for_first_aid_count_its_money_once(office: Office) -> None:
    acknowledged(office, main_cause="15", urgent_signs=["no_food"])
    verified(office, immediate_need=True, causes=["15"])
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=True, other_routes=[])
    office.do("give_first_aid", "minzheng1", "minzheng2", form="cash", amount=800, fund="reserve")
    office.do("note_emergency_end", "minzheng1")
    office.do("register_quick", "minzheng1", "minzheng2", amount=1000, persons=3, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    assert counted(office) == {
        "first_aid": (1, "800.00"),
        "small_quick": (1, "200.00"),
        "paid": (1, "800.00"),
    }
    paid(office)
    assert counted(office)["paid"] == (2, "1000.00"), "the rest was paid afterwards"
    (line,) = office.get("fuwuban1", "ledgers/emergency")["items"]
    assert line["amount"] == "1000.00"


def test_who_decided_neither_surveyed_nor_proposed(office: Office) -> None:
    emergency(office)
    office.do("register_emergency", "minzheng1", amount=2500, persons=2, cause="15", form="cash")
    office.do("survey_emergency", "fuwuban2", "minzheng2", visitors=[PEOPLE["fuwuban2"], PEOPLE["minzheng2"]])
    row = office.task("fuwuban2", "town_decide")
    own = office.post("fuwuban2", f"tasks/{row['id']}/claim", {"revision": row["revision"]})
    assert own.json()["code"] == "recused"


def test_several_ways_at_once_each_with_its_own_answer(office: Office) -> None:
    lead = acknowledged(office, main_cause="31")
    verified(office, needs=["schooling"], causes=["31"])
    ways = ["TEMP_EXPENDITURE", "EDUCATION"]
    row = office.task("minzheng1", "choose_routes")
    plan = office.get("minzheng1", f"tasks/{row['id']}")["values"]["assessments"]
    assessed = [{**one, "applies": one["programme"] in ways} for one in plan]
    office.do(
        "choose_routes",
        "minzheng1",
        green_route="none",
        first_aid=False,
        other_routes=ways,
        assessments=assessed,
    )
    assert here(office, lead) == {"receive_application", "prepare_referral"}
    office.do("prepare_referral", "jiuzhu1", channel="paper", consent=True)
    office.message("jiuzhu1", lead["case_id"], "等待部门接收", dept_reply="accepted")
    office.message("jiuzhu1", lead["case_id"], "等待办理结果", referral_result="学费已减免")
    office.do("check_result", "baopian", outcome="aided")
    office.do("tell_person", "minzheng1", satisfied=True)
    assert here(office, lead) == {"receive_application"}, "the gap is assessed when both have an answer"


def test_no_policy_fits_and_nobody_is_dropped(office: Office) -> None:
    lead = acknowledged(office)
    verified(office)
    office.do("choose_routes", "minzheng1", green_route="none", first_aid=False, other_routes=[])
    waiting = here(office, lead)
    assert waiting, "a confirmed lead without a policy goes on to charity and backstop, with a person"
    assert not waiting & {"choose_routes", "assess_gap"}


def test_a_refusal_with_open_papers_has_them_made_up_first(office: Office) -> None:
    lead = emergency(office, first_aid=True)
    office.do("give_first_aid", "minzheng1", "minzheng2", form="cash", amount=800, fund="reserve")
    office.do("note_emergency_end", "minzheng1", emergency_ended_on="2026-09-25")
    office.message("minzheng1", lead["case_id"], "本人谢绝救助")
    office.do("record_refusal", "minzheng1", "minzheng2", papers_open=True)
    assert here(office, lead) == {"finish_papers"}
    office.do("finish_papers", "minzheng1", amount=800, persons=2)
    office.do("revisit", "wangge", changed_mind=False)
    assert office.get("fuwuban1", f"cases/{lead['case_id']}")["case"]["status"] == "completed"
