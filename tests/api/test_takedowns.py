"""应撤下: a paper that hangs and must not is asked for where it hangs, however its application came to an end – over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from casework import households, kin, seed
from casework.tables import household_members
from casework.tables import households as homes
from engine import step
from engine.runner.values import Cancel
from engine.tables import cases
from tests.api.office import Office, opened
from tests.api.stories import ended, refused
from tests.api.test_expenditure import THURSDAY
from tests.api.test_notice_board import ADDRESS, anybody, board, hung, noticed, row, said, send, token

TAKEDOWN = "notice_takedown"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    more = {"database": request.getfixturevalue("postgres").database()} if request.param == "postgres" else {}
    with opened(tmp_path, THURSDAY, address=ADDRESS + "/", **more) as made:
        yield made


def withdrawn(office: Office, lead: Any) -> None:
    office.message("minzheng1", lead["case_id"], "申请已撤回", reason="家中情况好转")


def asked(office: Office) -> list[Any]:
    return list(office.get("fuwuban1", f"cases?process={TAKEDOWN}")["items"])


def page(office: Office) -> Any:
    return anybody(office).get(f"/api/public/notices/{token(office)}")


def born(office: Office, on: str) -> None:
    """The village's register learns a birthday of 王某乙."""
    with office.runtime.db.transaction() as tx:
        home = kin.household_of(tx, None, seed.VILLAGE, "王某乙")
        if home is None:
            template = tx.run(select(homes).where(homes.c.area == seed.VILLAGE).limit(1)).one()._asdict()
            tx.run(homes.insert(), {**template, "id": "h_wang", "head": "王某乙"})
            member = {"id": "m_wang", "household": "h_wang", "name": "王某乙", "relation": "head"}
            tx.run(household_members.insert(), member)
            home = "h_wang"
        tx.run(
            update(household_members)
            .where(household_members.c.household == home, household_members.c.name == "王某乙")
            .values(birth_date=date.fromisoformat(on))
        )
        assert households.of_person(tx, seed.VILLAGE, "王某乙") == home


def test_a_withdrawn_application_s_paper_must_come_down_and_whoever_hangs_notices_says_when_it_did(
    office: Office,
) -> None:
    lead = hung(office)
    assert asked(office) == []
    withdrawn(office, lead)
    hangs = row(office)
    assert (hangs["state_text"], hangs["early"], hangs["end"]) == ("应撤下", True, "not_yet")
    assert (hangs["task"]["name"], hangs["task"]["mine"], hangs["task"]["late"]) == (
        "撤下不再公示的公示",
        False,
        False,
    )
    assert row(office, "jiandu")["task"]["mine"] is True
    assert board(office, query="?state=to_remove")["total"] == 1
    assert board(office)["counts"]["to_remove"] == 1
    (receipt,) = hangs["receipts"]
    assert receipt["term"] == "notice.take_down"
    assert (page(office).json()["state"], page(office).json()["content"]) == ("over", {})
    refused(send(office, said()), "notice_over")
    assert office.client("fuwuban1").get(f"/api/notices/{hangs['number']}.pdf").status_code == 409
    assert office.get("jiandu", f"notices/{hangs['number']}.json")["content"] == {}
    form = office.get("jiandu", f"tasks/{hangs['task']['id']}")
    assert form["values"]["why"] == "该事项已撤回、终止、退回或作废，不再公示"
    office.do("take_down_notice", "jiandu")
    down = row(office)
    assert (down["state_text"], down["end"], down["task"], down["early"]) == ("已撤下", "there", None, True)
    assert down["removed_at"][:10] == "2026-09-21"
    assert down["removed_by"] == next(one.name for one in seed.ACCOUNTS if one.username == "jiandu")
    assert board(office)["counts"] | {"removed": 0} == dict.fromkeys(board(office)["counts"], 0)
    assert len(asked(office)) == 1


@pytest.mark.parametrize("how", ["declined", "gone"])
def test_it_comes_down_also_for_who_declines_or_is_gone(office: Office, how: str) -> None:
    lead = hung(office)
    label = {"declined": "本人谢绝救助", "gone": "去世或迁出"}[how]
    office.message("minzheng1", lead["case_id"], label)
    assert row(office)["state"] == "to_remove"
    assert page(office).json()["content"] == {}
    office.do("take_down_notice", "jiandu")
    assert row(office)["state"] == "removed"


def test_it_is_asked_for_also_when_the_whole_case_is_ended_and_its_own_case_is_not_ended_by_hand(
    office: Office,
) -> None:
    lead = hung(office)
    with office.runtime.db.transaction() as tx:  # whatever stood against it: the case is over
        case = step.lock(tx, lead["case_id"])
        step.take(tx, case, Cancel("误报"), step.Record("case.cancelled"), office.runtime.now(tx))
    (one,) = asked(office)
    assert row(office)["state"] == "to_remove"
    refused(ended(office, {"case_id": one["id"]}, "juzhang", "cancel"), "still_owed")
    office.do("take_down_notice", "jiandu")
    assert row(office)["state"] == "removed"


def test_late_it_goes_to_those_above_and_says_so_on_the_board(office: Office) -> None:
    withdrawn(office, hung(office))
    office.advance(by="P2D")
    assert row(office)["task"]["late"] is True
    told = [one["title"] + one["text"] for one in office.get("fuwuban1", "notifications")["items"]]
    assert any("撤下不再公示的公示" in text for text in told), told


def test_nothing_is_asked_where_nothing_hangs(office: Office) -> None:
    lead = noticed(office)
    withdrawn(office, lead)
    assert asked(office) == []
    assert row(office)["state"] == "removed"


def test_nothing_is_asked_where_the_last_step_took_it_down(office: Office) -> None:
    lead = hung(office)
    office.advance(to="2026-09-29T08:40:00+08:00")
    office.do("remove_notice", "jiandu", continuous=True)
    withdrawn(office, lead)
    office.advance(by="P1D")
    assert asked(office) == []
    down = row(office)
    assert (down["state"], down["early"], bool(down["removed_by"])) == ("removed", False, True)


def test_a_person_who_turns_out_to_be_a_child_is_taken_down_and_the_application_goes_on_without_notice(
    office: Office,
) -> None:
    lead = hung(office)
    born(office, "2012-05-01")
    assert row(office)["state"] == "to_remove"
    refused(page(office), "not_found", 404)
    office.advance(to="2026-09-22T08:30:00+08:00")
    assert row(office, "jiandu")["task"]["mine"] is True
    form = office.get("jiandu", f"tasks/{row(office, 'jiandu')['task']['id']}")
    assert form["values"]["why"] == "按规定不得继续公示", "that it is a child is not said in the village"
    steps = {one["element"] for one in office.get("fuwuban1", f"cases/{lead['case_id']}")["tasks"]}
    assert steps & {"town_decide", "submit_to_bureau", "bureau_home_visit"}, steps
    office.do("take_down_notice", "jiandu")
    assert row(office)["state"] == "removed"
    office.advance(by="P10D")
    assert "remove_notice" not in office.open("jiandu")


def test_a_child_not_hung_yet_is_never_hung(office: Office) -> None:
    noticed(office)
    office.advance(to="2026-09-21T09:00:00+08:00")
    born(office, "2012-05-01")
    office.do("check_notice", "fuwuban1", content_ok=True)
    assert "post_notice" not in office.open("jiandu")
    assert asked(office) == []


def test_an_objection_to_a_notice_given_up_is_looked_into_before_the_decision(office: Office) -> None:
    lead = hung(office)
    assert send(office, said()).status_code == 200
    born(office, "2012-05-01")
    office.advance(to="2026-09-22T08:30:00+08:00")
    steps = {one["element"] for one in office.get("fuwuban1", f"cases/{lead['case_id']}")["tasks"]}
    assert "order_reinvestigation" in steps


def test_what_hung_before_anybody_was_asked_is_found_in_the_morning(office: Office) -> None:
    """An installation of before: the case is over, the paper hangs, no case asks for it."""
    withdrawn(office, hung(office))
    with office.runtime.db.transaction() as tx:
        number = tx.run(select(cases.c.number).where(cases.c.process == TAKEDOWN)).scalar_one()
        gone = {"number": "X", "process": "town_check"}
        tx.run(update(cases).where(cases.c.number == number).values(**gone))
    assert row(office, query="?state=removed")["state"] == "to_remove"
    office.advance(to="2026-09-22T08:30:00+08:00")
    assert [one["number"] for one in asked(office)] == [number]
