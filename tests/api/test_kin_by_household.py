"""Recusal follows the household itself: past a hand-over, another title, a grid, and a name the register learns late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from casework import notices, reorganising, reviews, seed, staff
from casework.recognitions import recognise
from casework.tables import appointments, areas, households, kinship, leads
from casework.tables import notices as notices_table
from engine import before_step
from engine.tables import cases
from tests.api.office import PEOPLE, Office, acknowledged, found, opened, verified
from tests.api.stories import here, routed
from tests.api.test_expenditure import THURSDAY, office_leads, posted, sampled, surveyed, to_application

MORNING = "2026-09-14T09:00:00+08:00"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MORNING) as made:
        yield made


def brother(office: Office, who: str, household: str = "h_w") -> None:
    answer = office.post(who, "kinship", {"household": household, "relation": "兄弟姐妹"})
    assert answer.status_code == 200, answer.text


def claimed(office: Office, who: str, element: str) -> tuple[int, str | None]:
    row = office.task(who, element)
    answer = office.post(who, f"tasks/{row['id']}/claim", {"revision": row["revision"], "values": {}})
    return answer.status_code, answer.json().get("code")


def handed_over(office: Office, case_id: str) -> None:
    body = {
        "revision": office.get("fuwuban1", f"cases/{case_id}")["revision"],
        "to_area": seed.OTHER_TOWN,
        "reason": "实际居住在邻镇",
    }
    assert office.post("fuwuban1", f"cases/{case_id}/hand-over", body).status_code == 200
    asked = office.get("linzhen2", "transfers")["items"][0]
    answer = office.post("linzhen2", f"transfers/{asked['id']}/accept", {"revision": asked["revision"], "area": f"{seed.OTHER_TOWN}/120115103201", "reason": ""})  # fmt: skip
    assert answer.status_code == 200, answer.text


def subject(office: Office, case_id: str) -> str | None:
    with office.runtime.db.reading() as tx:
        return tx.run(select(cases.c.subject).where(cases.c.id == case_id)).scalar_one()


def test_a_case_handed_over_still_bars_the_brother(office: Office) -> None:
    brother(office, "jiuzhu1")
    lead = acknowledged(office, subject_name="王某乙", main_cause="11")
    verified(office, causes=["11"])
    routed(office)
    assert claimed(office, "jiuzhu1", "confirm_gap") == (403, "recused")
    handed_over(office, lead["case_id"])
    assert claimed(office, "jiuzhu1", "confirm_gap") == (403, "recused")


def test_whom_it_is_about_is_found_before_it_goes_away(office: Office) -> None:
    lead = acknowledged(office, subject_name="赵某丙", main_cause="11")
    assert subject(office, lead["case_id"]) is None
    answer = office.post("lianluo", "register", {"area": seed.VILLAGE, "head": "赵某丙"})
    assert answer.status_code == 200, answer.text
    verified(office, causes=["11"])
    routed(office)
    handed_over(office, lead["case_id"])
    with office.runtime.db.reading() as tx:
        home = tx.run(select(households.c.id).where(households.c.head == "赵某丙")).scalar_one()
    assert subject(office, lead["case_id"]) == home
    brother(office, "jiuzhu1", home)
    assert claimed(office, "jiuzhu1", "confirm_gap") == (403, "recused")


def objected(office: Office, lead: Any) -> None:
    """Somebody objects to a notice of the case."""
    with office.runtime.db.transaction() as tx:
        shown = notices.content(
            applicant="王某乙", place="x", programme="DIBAO", persons=1, amount=None, kinship=False, days="7", office="x",
        )  # fmt: skip
        made = notices.make(
            tx, case_id=lead["case_id"], area=seed.VILLAGE, application_no=f"{lead['number']}-A1", shown=shown,
            investigators=[], now=office.runtime.now(tx),
        )  # fmt: skip
        notices.object_to(tx, made, {"content": "有存款"}, None, office.runtime.now(tx))
    office.advance(by="PT1M")


def test_the_spouse_does_not_judge_an_objection(office: Office) -> None:
    lead = found(office, subject_name="王某乙")
    objected(office, lead)
    brother(office, "fuwuban1")
    assert claimed(office, "fuwuban1", "judge_objection") == (403, "recused")
    assert claimed(office, "fuwuban2", "judge_objection") == (200, None)


def test_a_name_the_register_learns_late_bars_in_what_has_been_started(office: Office) -> None:
    lead = found(office, subject_name="赵某丙")
    objected(office, lead)
    answer = office.post("lianluo", "register", {"area": seed.VILLAGE, "head": "赵某丙"})
    assert answer.status_code == 200, answer.text
    with office.runtime.db.reading() as tx:
        home = tx.run(select(households.c.id).where(households.c.head == "赵某丙")).scalar_one()
    brother(office, "fuwuban1", home)
    assert claimed(office, "fuwuban1", "judge_objection") == (403, "recused")


def test_a_review_is_about_the_household_that_is_recognised(office: Office) -> None:
    lead = found(office, subject_name="王某乙")
    number = f"{lead['number']}-A1"
    with office.runtime.db.transaction() as tx:
        now = office.runtime.now(tx)
        recognise(
            tx, application_no=number, programme="DIBAO", case_id=lead["case_id"], area=seed.VILLAGE, title="王某乙",
            decided_on=date(2026, 9, 1), amount=None, persons=1, from_month=None, valid_to=None, now=now, household="h_w",
        )  # fmt: skip
        actor = staff.actor_of(tx, "p_minzheng1", now)
        made = reviews.report(tx, number, {"source": "visit", "content": "有变化"}, actor, now)
    assert subject(office, made.case_id) == "h_w"


def gridded(office: Office) -> str:
    """The grid worker is appointed to a grid of the village."""
    with office.runtime.db.transaction() as tx:
        now = office.runtime.now(tx)
        keeper = staff.actor_of(tx, "p_guanli", now)
        plan = {"parent": seed.VILLAGE, "name": "第一网格", "kind": "grid"}
        reorganising.plan(tx, keeper, "found", now.date(), plan, "文件一号", now)
        grid = str(tx.run(select(areas.c.path).where(areas.c.parent == seed.VILLAGE)).scalar_one())
        held = appointments.c.person == "p_wangge"
        tx.run(update(appointments).where(held).values(area=grid, tier="grid"))
    return grid


def test_a_lead_of_a_grid_is_the_village_s(office: Office) -> None:
    grid = gridded(office)
    assert office.get("wangge", "leads/form")["values"]["place_area"] == seed.VILLAGE
    lead = found(office, subject_name="王某乙", place_area=grid)
    with office.runtime.db.reading() as tx:
        row = tx.run(select(leads).where(leads.c.number == lead["number"])).one()
    assert (row.area, row.household) == (seed.VILLAGE, "h_w")
    again = found(office, "lianluo", subject_name="王某乙")
    assert [one["number"] for one in again["duplicates"]] == [lead["number"]]
    shown = office.get("wangge", f"leads/duplicates?name=王某乙&area={grid}")
    assert len(shown) == 2


def test_a_case_that_stands_at_a_grid_is_compared_with_the_village(office: Office) -> None:
    brother(office, "minzheng1")
    with office.runtime.db.reading() as tx:
        asked = ["p_minzheng1"]
        assert before_step.relations(tx, asked, None, "王某乙", f"{seed.VILLAGE}/01") == {
            asked[0]: "兄弟姐妹"
        }
        assert before_step.relations(tx, asked, None, "王某乙", seed.OTHER_TOWN) == {}
        assert before_step.relations(tx, asked, "h_w", "别的题目", seed.OTHER_TOWN) == {asked[0]: "兄弟姐妹"}
        assert before_step.relations(tx, asked, "h_l", "王某乙", seed.VILLAGE) == {}, "known to be another"


def test_kin_on_the_register_count_like_kin_declared(tmp_path: Path) -> None:
    with opened(tmp_path, THURSDAY) as office:
        home = {"id": "w9", "area": seed.VILLAGE, "head": "王某乙", "size": 2, "focus": [], "programmes": []}
        with office.runtime.db.transaction() as tx:
            tx.run(insert(households), home)
            tx.run(insert(kinship), {"person": PEOPLE["liangwei"], "household": "w9", "relation": "兄弟姐妹"})
        while sampled(f"{seed.TOWN.rpartition('/')[2]}202609{office_leads(office) + 1:04d}"):
            found(office, "wangge", subject_name="占号")
        lead = to_application(office)
        surveyed(office)
        office.do("home_survey", "minzheng1", "minzheng2")
        office.do("draft_opinion", "minzheng1", opinion="support", amount=7000)
        posted(office)
        office.do("close_notice", "fuwuban1", notice_result="cleared")
        with office.runtime.db.reading() as tx:
            assert tx.run(select(notices_table.c.content)).scalars().one()["近亲属备案"] == "有"
        assert here(office, lead) == {"bureau_home_visit"}
