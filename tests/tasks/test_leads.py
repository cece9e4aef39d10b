"""Leads: matched, handed on, escalated, and closed only when nothing is owed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from casework import decisions as filed
from casework import leads as records
from casework import seed
from casework.tables import decisions, leads, notifications, payouts
from engine import messages, subscriptions
from engine.db import Tx
from engine.errors import Conflict
from engine.routing import Actor, Appointment
from engine.tables import cases as cases_table
from engine.tables import user_tasks
from engine.terms import Choice
from tests.tasks.rig import NOW, STEPPED, a_case, a_lead, book, case_numbers, work

GRID = Actor("p_wangge", "甲网格", (Appointment("grid_worker", "village", seed.VILLAGE),))
HELPED = {"item_results": [{"route": "TEMP_EXPENDITURE", "outcome": "granted"}]}


def reported(tx: Tx, **values: Any) -> records.Reported:
    given = {"source": "01", "place_area": seed.VILLAGE, "main_cause": "11", "subject_name": "王某乙"}
    return records.report(tx, GRID, {**given, "urgent_signs": [], "residence_status": "1", **values}, NOW)


def told(tx: Tx, kind: str) -> list[str]:
    return sorted(tx.run(select(notifications.c.person).where(notifications.c.kind == kind)).scalars())


def test_a_lead_with_nothing_owed_is_closed_and_its_source_is_answered(tx: Tx) -> None:
    case = a_lead(tx)
    assert work(tx, case, "lead.close", HELPED).variables == {"conclusion": "helped"}
    row = tx.run(select(leads)).one()
    assert (row.conclusion, row.closed_at) == ("helped", NOW)
    assert told(tx, "answer") == ["p_wangge"]
    assert [line.text for line in book(tx, "lead")] == ["线索 L1 办结：已救助"]


def test_papers_of_first_aid_hold_the_lead_open(tx: Tx) -> None:
    with pytest.raises(Conflict) as refused:
        work(tx, a_lead(tx), "lead.close", {**HELPED, "papers_open": True})
    assert refused.value.message == "还不能办结：先行救助的手续尚未补办。"
    assert tx.run(select(leads.c.closed_at)).scalar_one() is None


def test_an_open_step_holds_the_lead_open(tx: Tx) -> None:
    with pytest.raises(Conflict) as refused:
        work(tx, a_lead(tx, made=STEPPED), "lead.close", HELPED)
    assert refused.value.message == "还不能办结：“verify_on_site”尚未办理。"


def test_money_on_its_way_holds_the_lead_open(tx: Tx) -> None:
    case = a_lead(tx)
    row = {
        "number": "L1-A1-P1",
        "case_id": case,
        "application_no": "L1-A1",
        "area": seed.VILLAGE,
        "amount": 1,
        "method": "bank",
        "fund": "budget",
        "payee": "王某乙",
        "state": "sent",
        "made_at": NOW,
    }
    tx.run(insert(payouts), row)
    with pytest.raises(Conflict) as refused:
        work(tx, case, "lead.close", HELPED)
    assert refused.value.message == "还不能办结：发放 L1-A1-P1 尚无银行回盘。"
    tx.run(update(payouts).values(state="paid"))
    assert work(tx, case, "lead.close", HELPED).variables == {"conclusion": "helped"}


@pytest.mark.parametrize(
    ("process", "holds"),
    [("line", True), ("handle_objection", True), ("remedy_watch", False), ("follow_up", False)],
)
def test_other_cases_of_the_line_hold_it_open_but_not_what_comes_after(
    tx: Tx, process: str, holds: bool
) -> None:
    case = a_lead(tx)
    other = a_case(tx, "L1-A1-1", parent=case)
    tx.run(update(cases_table).where(cases_table.c.id == other).values(process=process))
    if not holds:
        assert work(tx, case, "lead.close", HELPED).variables == {"conclusion": "helped"}
        return
    with pytest.raises(Conflict) as refused:
        work(tx, case, "lead.close", HELPED)
    assert refused.value.message == "还不能办结：L1-A1-1 尚未办结。"
    tx.run(update(cases_table).where(cases_table.c.id == other).values(status="completed"))
    assert work(tx, case, "lead.close", HELPED).variables == {"conclusion": "helped"}


def test_another_leads_open_case_is_not_this_leads(tx: Tx) -> None:
    case = a_lead(tx, "L1")
    a_case(tx, "L10-A1-1")
    assert work(tx, case, "lead.close", HELPED).variables == {"conclusion": "helped"}


def test_an_earlier_lead_of_the_same_person_is_found(tx: Tx) -> None:
    earlier, later = reported(tx), reported(tx)
    found = work(tx, later.case_id, "lead.match", {}).variables
    assert found["duplicate_candidates"] == [{"number": earlier.number, "why": "同村同名，14 日内"}]
    assert work(tx, later.case_id, "lead.match", {}).variables == found
    stranger = reported(tx, subject_name="陌某")
    assert work(tx, stranger.case_id, "lead.match", {}).variables["duplicate_candidates"] == []


def test_help_for_the_same_cause_is_counted_over_the_whole_year(tx: Tx) -> None:
    """C-8, `repeat_rule`: once per calendar year and cause, however long ago in the year; another cause or year is another matter."""
    later, case = reported(tx), a_lead(tx, "L9")

    def seen(cause: str, at: datetime, programme: str = "TEMP_EXPENDITURE", result: str = "approved") -> bool:
        tx.run(
            update(leads)
            .where(leads.c.number == "L9")
            .values(cause=cause, discovered_at=at, conclusion="helped")
        )
        tx.run(delete(decisions))
        approved(tx, case, "L9-A1-1", decided_on=at.date(), programme=programme, result=result)
        return bool(work(tx, later.case_id, "lead.match", {}).variables["same_cause_recent"])

    assert seen("11", NOW - timedelta(days=150)) is True
    assert seen("12", NOW - timedelta(days=150)) is False
    assert seen("11", NOW - timedelta(days=365)) is False
    assert seen("11", NOW - timedelta(days=9), "DIBAO") is False, (
        "only temporary relief counts, not what else helped"
    )
    assert seen("11", NOW - timedelta(days=9), result="refused") is False
    paid_out(tx, case, "L9-K1-P1", "L9-K1", NOW - timedelta(days=9))
    assert seen("11", NOW, result="refused") is True, "small quick relief is temporary relief"
    twice = tx.world.terms.with_choices([Choice("repeat_rule", 2, NOW.date())])
    lenient = Tx(tx.connection, tx.world.with_(terms=twice, rules=lambda _tx, world, _serial: world))
    assert work(lenient, later.case_id, "lead.match", {}).variables["same_cause_recent"] is False


def approved(tx: Tx, case: str, application: str, **other: Any) -> None:
    given = {
        "programme": "TEMP_EXPENDITURE",
        "level": "town",
        "result": "approved",
        "decided_on": NOW.date(),
        **other,
    }
    filed.file(
        tx, case_id=case, application_no=application, area=seed.TOWN, amount=None, path="", filed_at=None, now=NOW, **given
    )  # fmt: skip


def paid_out(tx: Tx, case: str, number: str, application: str, at: datetime) -> None:
    row = {
        "number": number, "case_id": case, "application_no": application, "area": seed.VILLAGE, "amount": 500,
        "method": "cash", "fund": "reserve", "payee": "王某乙", "state": "paid", "made_at": at, "paid_at": at,
    }  # fmt: skip
    tx.run(insert(payouts), row)


def test_a_lead_on_which_nothing_was_given_is_not_called_helped(tx: Tx) -> None:
    refused = {"item_results": [{"route": "MEDICAL", "outcome": "not_aided"}], "gap_result": "relieved"}
    assert work(tx, a_lead(tx, "L1"), "lead.close", refused).variables == {"conclusion": "relieved_otherwise"}
    assert book(tx, "lead")[-1].text == "线索 L1 办结：困难已自行缓解"


def test_what_an_earlier_round_gave_is_not_forgotten(tx: Tx) -> None:
    refused = {"item_results": [{"route": "MEDICAL", "outcome": "not_aided"}], "gap_result": "relieved"}
    money, decided = a_lead(tx, "L1"), a_lead(tx, "L2")
    paid_out(tx, money, "L1-K1-P1", "L1-K1", NOW)
    approved(tx, decided, "L2-A1-1", programme="DIBAO")
    referred = a_lead(tx, "L3", referral=[{"outcome": "aided"}, {"outcome": "not_aided"}])
    closed = [
        work(tx, case, "lead.close", refused, job_id=case).variables["conclusion"]
        for case in (money, decided, referred)
    ]
    assert closed == ["helped", "helped", "referred"]


@pytest.mark.parametrize(
    ("last", "nothing", "conclusion"),
    [
        ({"changed_mind": False, "quick_result": "granted"}, "declined_by_person", "helped"),
        ({"backstop_result": "refused", "filled_by": None}, "backstop_refused", "helped"),
        ({"backstop_result": "done", "filled_by": "charity"}, "charity", "charity"),
    ],
)
def test_the_last_round_does_not_outweigh_the_books(
    tx: Tx, last: dict[str, Any], nothing: str, conclusion: str
) -> None:
    refused = {"gap_result": "relieved", **last}
    empty, money = a_lead(tx, "L1"), a_lead(tx, "L2")
    paid_out(tx, money, "L2-K1-P1", "L2-K1", NOW)
    closed = [
        work(tx, case, "lead.close", refused, job_id=case).variables["conclusion"] for case in (empty, money)
    ]
    assert closed == [nothing, conclusion]


def test_a_lead_goes_to_the_town_it_belongs_to(tx: Tx) -> None:
    case = a_lead(tx, lead={"to_town": seed.OTHER_TOWN})
    for _ in range(2):
        work(tx, case, "lead.transfer", {})
    assert tx.run(select(leads.c.area)).scalar_one() == seed.OTHER_TOWN
    assert tx.run(select(cases_table.c.area).where(cases_table.c.id == case)).scalar_one() == seed.OTHER_TOWN


def test_a_lead_is_not_handed_to_nobody(tx: Tx) -> None:
    with pytest.raises(Conflict) as refused:
        work(tx, a_lead(tx), "lead.transfer", {})
    assert refused.value.message == "没有写明转往哪个镇（街）。"


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        ("p_lianluo", ["p_fuwuban1", "p_fuwuban2", "p_lianluo"]),
        ("p_minzheng1", ["p_baopian", "p_minzheng1"]),
        ("p_jiuzhu1", ["p_jiuzhu1", "p_juzhang"]),
    ],
)
def test_who_is_late_and_the_one_above_are_told_once(tx: Tx, holder: str, expected: list[str]) -> None:
    case = a_lead(tx, made=STEPPED)
    tx.run(update(user_tasks).where(user_tasks.c.case_id == case).values(holder=holder, due_at=NOW))
    work(tx, case, "clock.escalate", {})
    assert told(tx, "overdue") == expected
    work(tx, case, "clock.escalate", {})
    assert told(tx, "overdue") == expected, "a repeated job tells nobody twice"
    assert len(book(tx, "escalation")) == 1


def test_nobody_late_in_person_means_the_towns_office_is_told(tx: Tx) -> None:
    work(tx, a_lead(tx), "clock.escalate", {})
    assert told(tx, "overdue") == ["p_baopian", "p_fuwuban1", "p_fuwuban2"]


def test_one_follow_up_per_round_of_aid(tx: Tx) -> None:
    case = a_lead(tx)
    for _ in range(2):
        work(tx, case, "follow_up.open", {"lead_no": "L1", "paid_at": NOW.isoformat()})
    assert case_numbers(tx, "follow_up") == ["L1-F1"]
    work(tx, case, "follow_up.open", {"lead_no": "L1", "follow_ups": 1}, job_id="job-2")
    assert case_numbers(tx, "follow_up") == ["L1-F1", "L1-F2"]


def test_the_result_of_a_follow_up_waits_for_a_lead_that_is_not_there_yet(tx: Tx) -> None:
    work(tx, a_lead(tx), "follow_up.report", {"lead_no": "L1", "still_in_difficulty": True})
    (key,) = subscriptions.on_their_way(tx)
    message = subscriptions.sent(tx, key)
    assert message is not None
    messages.relay(tx, message, NOW)
    rows = tx.run(select(subscriptions.messages.c.name, subscriptions.messages.c.state))
    assert [tuple(row) for row in rows] == [("follow_up_done", "waiting")]


def test_a_receipt_and_the_draw_of_the_bureaus_visit_are_the_same_each_time(tx: Tx) -> None:
    case = a_lead(tx)
    first = work(tx, case, "application.receipt", {})
    assert first.variables["receipt_no"] == "L1-S"
    assert work(tx, case, "application.receipt", {}, job_id="job-2") == first
