"""What a decision may say: after the notice, within the decider's powers, as much as was hung up – and what follows says the same."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdf
import pytest
from sqlalchemy import select

from casework.tables import payouts
from engine.calendar import ZONE
from tasks.rehearsal import answers
from tests.api import test_emergency, test_expenditure, test_scenarios_people
from tests.api.office import PEOPLE, Office, _Somebody, acknowledged, opened, verified
from tests.api.stories import BUREAU, here, routed
from tests.api.test_emergency import emergency
from tests.api.test_expenditure import THURSDAY, posted, to_application, visited_by_the_bureau

STANDARD = 1000  # the demo district's monthly standard


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, THURSDAY) as made:
        yield made


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, test_emergency.NIGHT) as made:
        yield made


def wrong(office: Office, who: str, element: str, **wanted: Any) -> dict[str, str]:
    """What the form answers to somebody who fills it in like this; it must not let it pass."""
    row = office.task(who, element)
    detail = office.get(who, f"tasks/{row['id']}")
    staff, now = [_Somebody(PEOPLE[who], who)], office.runtime.now().astimezone(ZONE)
    values = answers(detail["form"], detail["values"], wanted, staff, now)  # type: ignore[arg-type]
    answer = office.post(who, f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values})
    assert answer.status_code == 422, answer.text
    return {field["path"]: field["message"] for field in answer.json()["fields"]}


def judged(office: Office, opinion: str = "support", amount: int = 3000) -> Any:
    lead = to_application(office)
    test_expenditure.surveyed(office)
    office.do("home_survey", "minzheng1", "minzheng2")
    office.do("draft_opinion", "minzheng1", opinion=opinion, amount=amount)
    return lead


def noticed(office: Office, amount: int = 3000) -> Any:
    """Expenditure relief within the town's powers, its notice over."""
    lead = judged(office, amount=amount)
    posted(office)
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    visited_by_the_bureau(office)
    return lead


def paper(office: Office, who: str, lead: Any, number: int = 1) -> str:
    got = office.client(who).get(f"/api/cases/{lead['case_id']}/letters/{number}.pdf")
    assert got.status_code == 200, got.text
    return "".join("".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(got.content)).pages).split())


# ------------------------------------------------------------------------------------------ the notice
def test_nothing_that_must_be_noticed_is_approved_without_its_notice(office: Office) -> None:
    lead = judged(office, "refuse")
    visited_by_the_bureau(office)
    office.do("submit_to_bureau", "minzheng1")
    office.do("district_examine", "jiuzhu1", proposal="approve")
    said = wrong(office, "juzhang", "district_decide", result="approved", amount=3000)
    assert "未经公示" in said["result"]
    office.do("district_decide", "juzhang", result="returned")
    assert here(office, lead) == {"assign_investigators"}, "looked at again, then hung up"


def test_no_more_is_approved_than_was_hung_up(office: Office) -> None:
    lead = noticed(office)
    said = wrong(office, "fuwuban2", "town_decide", result="approved", amount=3000.01)
    assert "公示的 3000 元" in said["amount"]
    office.do("town_decide", "fuwuban2", result="approved", amount=2800)
    assert here(office, lead) == {"publish_decision"}


def test_whom_violence_threatens_is_not_published_after_emergency_relief(office: Office) -> None:
    lead = acknowledged(office, main_cause="52", subject_name="李某丁")
    verified(office, est_amount=2500, causes=["52"])
    routed(office, green="TEMP_EMERGENCY")
    office.do("register_emergency", "minzheng1", amount=2500, persons=2, cause="52", form="cash")
    office.do("survey_emergency", "minzheng1", "minzheng2", needs_check=False)
    office.do("town_decide", "fuwuban2", result="approved", amount=2500)
    assert here(office, lead) == {"write_letter"}, "the letter is owed, the wall in the village is not"


# ------------------------------------------------------------------------------------------ powers
def test_the_town_decides_within_its_powers_and_more_goes_to_the_district(night: Office) -> None:
    lead = emergency(night)
    test_emergency.surveyed(night, 2500)
    said = wrong(night, "fuwuban2", "town_decide", result="approved", amount=6 * STANDARD + 0.01)
    assert "超过镇(街)权限" in said["amount"]
    assert "level" in wrong(night, "fuwuban2", "town_decide", level="district", result="refused")
    night.do("town_decide", "fuwuban2", result="returned")
    night.do("survey_emergency", "minzheng1", "minzheng2", needs_check=False, amount=7000)
    assert here(night, lead) == {"submit_to_bureau"}, "the survey says how much more it is"


def test_the_town_stays_below_the_cap_of_emergency_relief(night: Office) -> None:
    emergency(night)
    night.do("register_emergency", "minzheng1", amount=2500, persons=1, cause="15", form="cash")
    night.do("survey_emergency", "minzheng1", "minzheng2", needs_check=False)
    assert "amount" in wrong(night, "fuwuban2", "town_decide", result="approved", amount=3 * STANDARD + 1)
    night.do("town_decide", "fuwuban2", result="approved", amount=3 * STANDARD)


@pytest.mark.parametrize("proposed", [7000, 6500])
def test_above_the_cap_the_minutes_of_the_deliberation_are_named(night: Office, proposed: int) -> None:
    lead = emergency(night, proposed)
    test_emergency.surveyed(night, proposed)
    night.do("submit_to_bureau", "minzheng1")
    night.do("district_examine", "jiuzhu1", proposal="approve")
    said = wrong(night, "juzhang", "district_decide", result="approved", amount=7000)
    assert set(said) == {"deliberation_ref"}
    night.do("district_decide", "juzhang", result="approved", amount=7000, deliberation_ref="〔2026〕3号")
    assert here(night, lead) == {"publish_decision"}


# ------------------------------------------------------------------------------------------ amounts
def test_monthly_money_is_proposed_and_decided_with_an_amount(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-10-12T08:30:00+08:00") as office:
        acknowledged(office, main_cause="22", subject_name="田某某")
        verified(office, persons=1)
        routed(office, "TEKUN")
        office.do(
            "receive_application", "fuwuban1",
            accept_result="accepted", accepted_on="2026-10-12", recognised="none", kinship_declared=False,
        )  # fmt: skip
        team = test_scenarios_people.TEAM
        office.do("assign_investigators", "fuwuban1", staff=team, recusal_checked=True)
        office.do("home_survey", "minzheng1", "minzheng2", hard_to_verify=False)
        office.do("self_care_assessment", "minzheng1", level="full")
        office.do("econ_check", "jiuzhu1", econ_disputed=False)
        row = office.task("minzheng1", "draft_opinion")
        assert office.get("minzheng1", f"tasks/{row['id']}")["values"]["amount"] == STANDARD
        for amount in (0, None):
            assert "amount" in wrong(office, "minzheng1", "draft_opinion", opinion="support", amount=amount)


def test_no_more_is_paid_than_was_decided_and_less_with_a_reason(office: Office) -> None:
    noticed(office)
    office.do("town_decide", "fuwuban2", result="approved", amount=3000)
    test_expenditure.delivered(office, "minzheng1")
    said = wrong(office, "minzheng1", "prepare_payout", method="cash", amount=3000.01)
    assert "3000 元" in said["amount"]
    assert set(wrong(office, "minzheng1", "prepare_payout", method="cash", amount=2000, less_reason="")) == {
        "less_reason"
    }
    office.do("prepare_payout", "minzheng1", method="cash", amount=2000, less_reason="本人只要两千元")


# ------------------------------------------------------------------------------------------ the letter
def test_the_letter_says_what_was_decided_how_much_by_which_rule_and_until_when_it_may_be_contested(
    office: Office,
) -> None:
    lead = noticed(office)
    office.do("town_decide", "fuwuban2", result="approved", amount=2800)
    office.do("publish_decision", "jiandu")
    row = office.task("minzheng1", "write_letter")
    form = office.get("minzheng1", f"tasks/{row['id']}")
    (offered,) = [one["values"] for one in form["form"]["components"] if one.get("key") == "result"]
    assert {one["value"] for one in offered} == {"approved", "partly"}
    for other in ("refused", "keep"):
        body = {"revision": row["revision"], "values": {**form["values"], **BUREAU, "result": other}}
        answer = office.post("minzheng1", f"tasks/{row['id']}/complete", body)
        assert "result" in {one["path"] for one in answer.json()["fields"]}
    for key, value in (("decision_no", "另编-D9"), ("decided_on", "2026-09-01"), ("programme", "DIBAO")):
        assert key in wrong(office, "minzheng1", "write_letter", **{key: value}, **BUREAU)
    office.do("write_letter", "minzheng1", result="partly", **BUREAU)
    text = paper(office, "minzheng1", lead)
    number = f"{lead['number']}-A1-1-D1"
    for said in (
        "部分确认",
        number,
        "2026年9月29日",
        "支出型临时救助",
        "2,800.00元",
        "现金",
        "《天津市临时救助办法》",
        "申请行政复议",
    ):
        assert said in text, said
    office.do("deliver_letter", "minzheng1", remedies_told=True)
    filed = [r["number"] for r in office.get("jiuzhu1", "cases?process=remedy_watch")["items"]]
    assert filed == [f"{number}-R"], "the number on the letter is the number on file"


# ------------------------------------------------------------------------------------------ remedies
def contested(office: Office, result: str) -> Any:
    """Expenditure relief decided and paid; the family asks for reconsideration, and this comes of it."""
    noticed(office)
    office.do("town_decide", "fuwuban2", result="approved", amount=2000)
    test_expenditure.delivered(office, "minzheng1")
    office.do("prepare_payout", "minzheng1", method="cash")
    office.do("approve_payout", "fuwuban1", ok=True)
    office.do("hand_over", "minzheng1", "minzheng2")
    (watch,) = [r["id"] for r in office.get("jiuzhu1", "cases?process=remedy_watch")["items"]]
    office.message("fuwuban1", watch, "复议已受理", procedure="ordinary", simplified=False)
    office.do("prepare_reply", "fuwuban1")
    office.message("fuwuban1", watch, "等待复议决定", remedy_result=result)
    return watch


def test_what_the_authority_gave_more_is_paid(office: Office) -> None:
    watch = contested(office, "changed")
    assert "result" in wrong(office, "fuwuban1", "carry_out", result="upheld", reopen=False)
    assert "变更" in wrong(office, "fuwuban1", "carry_out", reopen=False)["reopen"]
    office.do("carry_out", "fuwuban1", reopen=False, pay=1000)
    assert "prepare_payout" in office.open("minzheng1")
    assert office.receipts("minzheng1", "prepare_payout").keys() == {"payout.within.ordinary"}
    office.do("prepare_payout", "minzheng1", method="cash", payee="王某乙")
    office.do("approve_payout", "fuwuban1", ok=True)
    office.do("hand_over", "minzheng1", "minzheng2")
    for _ in range(2):
        office.do("confirm_received", "lianluo", received=True)
    assert office.get("fuwuban1", f"cases/{watch}")["case"]["status"] == "completed"
    p = payouts.c
    with office.runtime.db.reading() as tx:
        rows = tx.run(select(p.number, p.amount, p.state)).all()
    number = office.get("fuwuban1", f"cases/{watch}")["case"]["number"].removesuffix("-D1-R")
    paid = {row.number.removeprefix(number): (row.amount, row.state) for row in rows}
    assert paid == {"-P1": (Decimal(2000), "paid"), "-D1-P1": (Decimal(1000), "paid")}


def test_a_decision_that_fell_is_decided_anew_whatever_is_said(office: Office) -> None:
    contested(office, "revoked")
    said = wrong(office, "fuwuban1", "carry_out", reopen=False, pay=1000, note="不再办理")
    assert "撤销" in said["reopen"]
    office.do("carry_out", "fuwuban1", reopen=True)
    assert "assign_investigators" in office.open("fuwuban1")
