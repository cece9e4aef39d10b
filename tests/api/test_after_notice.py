"""急难型事后公示 (`notice.after_emergency`): off by default; on, a notice after the aid, never instead of it – over HTTP."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from sqlalchemy import insert, select

from casework import seed
from casework.tables import household_members, households
from tests.api.office import Office, acknowledged, opened, paid, verified
from tests.api.stories import here
from tests.api.test_emergency import FIRE, NIGHT, emergency, surveyed, told
from tests.api.test_notice_board import ADDRESS, anybody, board, row, said, send, token

AFTER = "after_notice"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, NIGHT, address=ADDRESS + "/") as made:
        yield made


def switched_on(office: Office) -> None:
    """Proposed by one, decided by another, in force from the next day."""
    change = {"kind": "parameter", "key": "notice.after_emergency", "valid_from": "2026-09-26", "value": True}
    answer = office.post("guanli", "terms/changes", {**change, "reason": "局务会纪要"})
    assert answer.status_code == 200, answer.text
    (shown,) = [one for one in office.get("guanli", "terms")["items"] if one["key"] == change["key"]]
    decided = {"revision": shown["pending"]["revision"], "approve": True}
    assert (
        office.post("juzhang", f"terms/changes/{shown['pending']['id']}/decide", decided).status_code == 200
    )
    office.advance(to="2026-09-26T09:00:00+08:00")


def relieved(office: Office, *, published: bool = True) -> Any:
    lead = emergency(office)
    surveyed(office, 2500)
    office.do("town_decide", "fuwuban2", result="approved", amount=2500)
    told(office, "minzheng1", published=published)
    assert here(office, lead) == {"prepare_payout"}, "no notice stands before the money"
    assert board(office)["items"] == []
    paid(office)
    return lead


def after(office: Office) -> list[Any]:
    return list(office.get("fuwuban1", f"cases?process={AFTER}")["items"])


def hung(office: Office) -> None:
    office.advance(to="2026-09-28T09:00:00+08:00")
    office.do("check_notice", "fuwuban1", content_ok=True)
    office.do("post_notice", "jiandu", posted_on="2026-09-28", complaint_phone="022-00000000")


def register(office: Office, name: str, born: str) -> None:
    """Somebody of that name and birthday lives in the village."""
    with office.runtime.db.transaction() as tx:
        template = tx.run(select(households).where(households.c.area == seed.VILLAGE).limit(1)).one()
        tx.run(insert(households), {**template._asdict(), "id": "h_z", "head": "赵某", "number": "Z9"})
        member = {"id": "m_z", "household": "h_z", "name": name, "relation": "child"}
        tx.run(insert(household_members), {**member, "birth_date": date.fromisoformat(born)})


def test_off_nothing_is_noticed_after_the_aid(office: Office) -> None:
    lead = relieved(office)
    assert here(office, lead) == {"assess_gap"}
    assert after(office) == []
    assert board(office)["items"] == []


def test_on_the_aid_is_noticed_afterwards_and_nothing_waits_for_it(office: Office) -> None:
    switched_on(office)
    lead = relieved(office)
    assert here(office, lead) == {"assess_gap"}, "the case goes on without waiting"
    (own,) = after(office)
    assert own["number"] == f"{lead['number']}-E1-H"
    task = office.get("fuwuban1", f"tasks/{office.task('fuwuban1', 'check_notice')['id']}")
    text = {one["line"]: one["said"] for one in task["values"]["text"]}
    assert (text["申请人"], text["救助事项"], text["救助金额"]) == (
        "赵某丙",
        "临时救助（急难型）",
        "2500.00 元",
    )
    assert "拟救助金额" not in text, "it has been given"
    hung(office)
    posted = row(office)
    assert (posted["state"], posted["ends_on"]) == ("posted", "2026-10-08")
    shown = anybody(office).get(f"/api/public/notices/{token(office)}").json()["content"]
    assert (shown["申请人"], shown["救助金额"]) == ("赵**", "2500.00 元")
    pdf = office.client("fuwuban1").get(f"/api/notices/{posted['number']}.pdf").content
    printed = "".join("".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())
    assert "已先行给予救助" in printed
    assert "拟对下列申请" not in printed
    office.advance(to="2026-10-09T09:00:00+08:00")
    office.do("remove_notice", "jiandu", continuous=True)
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    assert after(office)[0]["status"] == "completed"
    (line,) = office.get("fuwuban1", "ledgers/emergency")["items"]
    assert line["notice"] == "已公示 1 次"


def test_first_aid_given_in_full_is_noticed_too(office: Office) -> None:
    switched_on(office)
    lead = emergency(office, first_aid=True)
    office.do("give_first_aid", "minzheng1", "minzheng2", form="cash", amount=2500, fund="reserve")
    office.do("note_emergency_end", "minzheng1", emergency_ended_on="2026-09-26")
    surveyed(office, 2500)
    office.do("town_decide", "fuwuban2", result="approved", amount=2500)
    told(office, "minzheng1", published=True)
    assert here(office, lead) == {"assess_gap"}
    assert len(after(office)) == 1


@pytest.mark.parametrize("who", ["a child", "violence"])
def test_a_child_or_somebody_in_danger_is_never_noticed(office: Office, who: str) -> None:
    switched_on(office)
    if who == "a child":
        register(office, "赵某丙", "2014-05-01")
        lead = relieved(office, published=False)
    else:
        lead = acknowledged(office, **FIRE)
        verified(office, est_amount=2500, causes=["15", "52"])
        office.do(
            "choose_routes", "minzheng1", green_route="TEMP_EMERGENCY", first_aid=False, other_routes=[]
        )
        surveyed(office, 2500)
        office.do("town_decide", "fuwuban2", result="approved", amount=2500)
        told(office, "minzheng1", published=False)
        paid(office)
    assert here(office, lead) == {"assess_gap"}, "the aid is the same"
    assert after(office) == []
    assert board(office)["items"] == []


def test_learnt_while_it_hangs_that_it_is_a_child_it_comes_down(office: Office) -> None:
    switched_on(office)
    relieved(office)
    hung(office)
    register(office, "赵某丙", "2014-05-01")
    assert row(office)["state"] == "to_remove"
    assert anybody(office).get(f"/api/public/notices/{token(office)}").status_code == 404
    office.advance(to="2026-09-29T08:30:00+08:00")
    assert after(office)[0]["status"] == "completed", "the notice is given up"
    office.do("take_down_notice", "jiandu")
    assert row(office)["state"] == "removed"


@pytest.mark.parametrize("proper", [True, False])
def test_an_objection_is_looked_into_by_others_and_what_was_wrongly_given_is_ordered_back(
    office: Office, proper: bool
) -> None:
    switched_on(office)
    relieved(office)
    hung(office)
    assert send(office, said()).status_code == 200
    office.do("judge_objection", "fuwuban1", needs_reinvestigation=True, about_staff=False)
    office.advance(to="2026-10-09T09:00:00+08:00")
    office.do("remove_notice", "jiandu", continuous=True)
    office.do("close_notice", "fuwuban1", notice_result="objection")
    task = office.task("minzheng1", "reinvestigate")
    own = office.post("minzheng1", f"tasks/{task['id']}/claim", {"revision": task["revision"]})
    assert own.json()["code"] == "recused", "who investigated does not look into it"
    answers = {"proper": True} if proper else {"proper": False, "overpaid_amount": 500, "fraud": False}
    office.do("reinvestigate", "fuwuban1", "fuwuban2", **answers)
    office.do("answer_objector", "fuwuban1")
    if proper:
        assert after(office)[0]["status"] == "completed"
        return
    office.do("order_recovery", "jiuzhu1", due_amount=500, by="2026-12-31")
    office.do("deliver_recovery", "jiuzhu1", remedies_told=True)
    assert after(office)[0]["status"] == "completed"
    booked = office.get("jiuzhu1", f"cases/{after(office)[0]['id']}")
    assert booked["case"]["status"] == "completed"
    assert office.get("jiuzhu1", "cases?process=remedy_watch")["total"] == 2, (
        "of the decision and of the order"
    )
