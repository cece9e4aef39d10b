"""Who died or moved away before anything could be decided: on the word of two, the family seen to, first aid with its papers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import areas, seed
from casework.tables import leads
from engine.tables import cases
from tests.api.office import Office, acknowledged, found, opened, verified
from tests.api.stories import here, routed
from tests.api.test_one_application import accepting
from tests.api.test_scenarios_review import THURSDAY, judged, objected, posted

MONDAY = "2026-09-14T09:00:00+08:00"
DIED = {
    "kind": "deceased",
    "happened_on": "2026-09-13",
    "evidence_kind": ["certificate"],
    "evidence": "死亡证明 12 号",
}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MONDAY) as made:
        yield made


def not_there(office: Office, kind: str) -> Any:
    lead = acknowledged(office)
    seen = {
        "verify_result": "gone",
        "gone_kind": kind,
        "gone_evidence": "邻居和村委会都这样说",
        "met": ["neighbour"],
    }
    office.do("verify_on_site", "minzheng1", "minzheng2", **seen)
    assert here(office, lead) == {"record_gone"}
    return lead


def ledger(office: Office) -> dict[str, str | None]:
    with office.runtime.db.reading() as tx:
        rows = tx.run(select(leads.c.subject, leads.c.conclusion).order_by(leads.c.number))
        return {str(row.subject): row.conclusion for row in rows}


def status(office: Office, lead: Any) -> str:
    return str(office.get("jiuzhu1", f"cases/{lead['case_id']}")["case"]["status"])


def troubles(office: Office, lead: Any) -> list[Any]:
    """What the machine could not do yet."""
    found = office.get("jiuzhu1", f"cases/{lead['case_id']}")["incidents"]
    return [one for one in found if one["state"] == "open"]


def test_a_death_is_confirmed_by_another_and_the_rest_of_the_family_is_a_lead_of_its_own(
    office: Office,
) -> None:
    lead = not_there(office, "deceased")
    assert (
        office.get("minzheng1", f"tasks/{office.task('minzheng1', 'record_gone')['id']}")["values"]["kind"]
        == "deceased"
    )
    widow = {
        "rest": "hardship",
        "rest_note": "到家里看过，无收入",
        "rest_name": "钱某某",
        "rest_cause": "22",
        "rest_signs": [],
    }
    office.do("record_gone", "fuwuban1", **DIED, **widow)
    with pytest.raises(AssertionError, match="前序环节"):
        office.do("confirm_gone", "fuwuban1", agree=True, reason="证明属实")
    office.do("confirm_gone", "fuwuban2", agree=True, reason="核对过死亡证明")
    office.advance(by="PT5M")
    assert status(office, lead) == "completed"
    assert ledger(office) == {"赵某丙": "deceased", "钱某某": None}
    told = [n["title"] for n in office.get("wangge", "notifications")["items"]]
    assert "您上报的线索已办结" in told, "the finder is answered"


def test_what_is_not_proved_is_visited_again(office: Office) -> None:
    lead = not_there(office, "not_found")
    office.do(
        "record_gone",
        "fuwuban1",
        kind="not_found",
        evidence_kind=["village"],
        evidence="村委会说没有此人",
        rest="none",
    )
    office.do("confirm_gone", "fuwuban2", agree=False, reason="没有查户籍")
    office.advance(by="PT5M")
    assert here(office, lead) == {"verify_on_site"}
    verified(office)
    office.advance(by="PT5M")
    assert here(office, lead) == {"choose_routes"}


def test_who_moved_within_the_district_is_handed_over_and_not_ended(office: Office) -> None:
    lead = not_there(office, "moved_within")
    with office.runtime.db.reading() as tx:
        towns = [path for path, _ in areas.of_tier(tx, "town", office.runtime.now())]
    other = next(path for path in towns if path != seed.TOWN)
    office.do(
        "record_gone", "fuwuban1",
        kind="moved_within", happened_on="2026-09-01", evidence_kind=["household_register"], evidence="户籍已迁", to_town=other,
    )  # fmt: skip
    office.do("confirm_gone", "fuwuban2", agree=True, reason="户籍系统查到")
    office.advance(by="PT5M")
    with office.runtime.db.reading() as tx:
        area = tx.run(select(cases.c.area).where(cases.c.id == lead["case_id"])).scalar_one()
    assert area == other
    assert here(office, lead) == {"verify_on_site"}
    assert ledger(office) == {"赵某丙": None}


def test_a_death_during_the_survey_ends_the_application_with_notice_and_first_aid_has_its_papers(
    office: Office,
) -> None:
    lead = acknowledged(office, main_cause="15", urgent_signs=["no_food"])
    verified(office, immediate_need=True, causes=["15"], est_amount=3000)
    routed(office, "DIBAO", green="TEMP_EMERGENCY", first_aid=True)
    office.do("give_first_aid", "minzheng1", "minzheng2", form="cash", amount=800, fund="reserve")
    office.do(
        "receive_application", "fuwuban1", accept_result="accepted", recognised="none", kinship_declared=False
    )
    office.message("minzheng1", lead["case_id"], "去世或迁出", kind="deceased", evidence="医院来电")
    assert here(office, lead) == {"record_gone"}, "nothing else goes on"
    assert office.receipts("minzheng1", "record_gone") == {"gone.record": "2026-09-15"}
    office.do("record_gone", "minzheng1", **{**DIED, "happened_on": "2026-09-14"}, rest="none")
    office.do("confirm_gone", "fuwuban2", agree=True, reason="核对过死亡证明")
    office.advance(by="PT5M")
    assert here(office, lead) == {"finish_papers"}
    office.do("finish_papers", "minzheng1", amount=800)
    assert office.receipts("minzheng1", "tell_family") == {"gone.tell": "2026-09-17"}
    office.do("tell_family", "minzheng1", told="其子赵某", remedies_told=True)
    office.advance(by="PT1H")
    assert status(office, lead) == "completed"
    assert ledger(office) == {"赵某丙": "helped"}, "what was given was given"


def objected_to(office: Office) -> Any:
    """A lead whose notice hangs and is objected to."""
    lead = judged(office)
    posted(office, "2026-09-21", "2026-09-22T10:00:00+08:00")
    assert objected(office, lead).status_code == 200
    return lead


def test_who_was_reported_dead_by_mistake_applies_again_and_the_objector_is_answered(
    tmp_path: Path,
) -> None:
    """The application the word has stopped stands in nobody's way, and nobody waits for its new investigation."""
    with opened(tmp_path, THURSDAY) as office:
        lead = objected_to(office)
        office.advance(by="PT5M")
        office.do("judge_objection", "fuwuban2", needs_reinvestigation=True, about_staff=False)
        assert "answer_objector" not in office.open("fuwuban2")
        office.message("minzheng1", lead["case_id"], "去世或迁出", kind="deceased", evidence="医院来电")
        office.do("record_gone", "minzheng1", **{**DIED, "happened_on": "2026-09-22"}, rest="none")
        office.do("confirm_gone", "fuwuban2", agree=False, reason="本人在家，系同名")
        office.advance(by="PT5M")
        assert "answer_objector" in office.open("fuwuban2")
        verified(office, causes=["11"])
        office.advance(by="PT5M")
        routed(office, "TEMP_EXPENDITURE")
        path, body = accepting(office, "fuwuban1", lead)
        answer = office.post("fuwuban1", path, body)
        assert answer.status_code == 200, answer.text
        office.advance(by="PT5M")
        assert "assign_investigators" in here(office, lead)


def test_a_town_does_not_hand_over_to_itself(office: Office) -> None:
    not_there(office, "moved_within")
    known = {
        "evidence_kind": ["household_register"],
        "evidence": "户籍已迁到本镇另一村",
        "happened_on": "2026-09-01",
    }
    with pytest.raises(AssertionError, match="不能移交本镇"):
        office.do("record_gone", "fuwuban1", kind="moved_within", to_town=seed.TOWN, **known)
    found(office, subject_name="钱某乙", place_text="村西头")
    office.do("self_verify", "wangge", self_result="confirmed")
    office.do("report_to_town", "wangge")
    with pytest.raises(AssertionError, match="不能转给本镇"):
        office.do("town_ack", "fuwuban1", ack_result="transfer", to_town=seed.TOWN)
    office.do("town_ack", "fuwuban1", ack_result="transfer", to_town=seed.OTHER_TOWN)
    office.advance(by="PT5M")
    told = [one["title"] for one in office.get("linzhen2", "notifications")["items"]]
    assert told == ["转来的线索"], "the town it goes to hears of it"


def test_a_lead_that_waits_for_a_paper_and_an_objector_is_closed_by_itself_when_both_are_done(
    tmp_path: Path,
) -> None:
    with opened(tmp_path, THURSDAY) as office:
        lead = objected_to(office)
        office.message("minzheng1", lead["case_id"], "去世或迁出", kind="deceased", evidence="医院来电")
        office.do("record_gone", "minzheng1", **{**DIED, "happened_on": "2026-09-22"}, rest="none")
        office.do("confirm_gone", "fuwuban2", agree=True, reason="核对过死亡证明")
        office.advance(by="PT5M")
        office.do("tell_family", "minzheng1", told="其子赵某", remedies_told=True)
        office.advance(by="PT5H")
        (waits,) = troubles(office, lead)
        assert waits["message"].startswith("还不能办结"), "who supervises reads what is still open"
        office.do("take_down_notice", "jiandu")
        office.advance(by="PT1H")
        (waits,) = troubles(office, lead)
        assert waits["message"].endswith(f"还不能办结：{lead['number']}-A1-1-Y1 尚未办结。")
        office.do("judge_objection", "fuwuban2", needs_reinvestigation=False, about_staff=False)
        office.do("answer_objector", "fuwuban2")
        office.advance(by="PT1H")
        assert (status(office, lead), ledger(office)) == ("completed", {"王某乙": "deceased"})
        assert troubles(office, lead) == []
