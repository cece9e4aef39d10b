"""Limits at and after their end, and between two of their steps: what a late pause, a late entry and a gap do to them – both databases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine import cases, clocks, correcting, definitions, history, locking, moving, reminders, worklist
from engine.calendar import ZONE
from engine.clocks import Clock
from engine.db import Database
from engine.replay import Moves
from engine.tables import clocks as clocks_table
from engine.tables import timers
from tests.engine.models import VILLAGE, bundle, extension, flow, form, town, user_task

CIVIL, OFFICE = town("民政"), town("服务办", post="town_service_office")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def day(key: str) -> dict[str, Any]:
    return {"type": "datetime", "subtype": "date", "id": key, "key": key, "label": key}


FILES = {
    "accept__form": form("accept", "accept", day("accepted_on")),
    "opinion__form": form("opinion", "opinion", day("asked_on")),
    "wait__form": form("wait", "wait", day("received_on")),
}


def with_form(key: str) -> str:
    return f'<zeebe:formDefinition formId="{key}"/>'


def late(host: str) -> str:
    return (
        f'<bpmn:boundaryEvent id="late_{host}" attachedToRef="{host}" cancelActivity="false"><bpmn:timerEventDefinition>'
        '<bpmn:timeDate>=deadline("dibao.survey", accept.accepted_on)</bpmn:timeDate></bpmn:timerEventDefinition>'
        f'</bpmn:boundaryEvent><bpmn:endEvent id="n_{host}"/>' + flow(f"late_{host}", f"n_{host}")
    )


SURVEY = {"term": "dibao.survey", "clockStart": "=accept.accepted_on"}
WAIT = user_task(
    "wait", with_form("wait"), pauses="supplement", clockStart="=asked_on", resumesAt="=received_on"
)
STEPS = (
    user_task("accept", with_form("accept"))
    + user_task("opine", with_form("opinion"), **SURVEY)
    + WAIT
    + user_task("more", **SURVEY)
    + late("more")
    + flow("start", "accept", "opine", "wait", "more", "end")
)
"""One limit of two steps, 15 working days from acceptance; papers are awaited between them."""

STAGE = (
    user_task("accept", with_form("accept"))
    + f'<bpmn:subProcess id="decide">{extension(term="dibao.total", clockStart="=accept.accepted_on")}'
    + '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
    + user_task("opine", with_form("opinion"))
    + WAIT
    + user_task("more")
    + flow("s", "opine", "wait", "more", "e")
    + "</bpmn:subProcess>"
    + flow("start", "accept", "decide", "end")
)
"""One limit around the steps: 30 working days."""


def begun(db: Database, body: str, accepted: str, now: datetime) -> str:
    with db.transaction() as tx:
        definitions.deploy(tx, bundle("stage", body, **FILES), now=now)
        case = cases.start(tx, "stage", now=now, area=VILLAGE, number="1", title="某")
    do(db, case, now, accepted_on=accepted)
    return case


def do(db: Database, case: str, now: datetime, **values: str) -> None:
    with db.transaction() as tx:
        row = worklist.open_of_case(tx, case)[0]
        cases.complete(tx, CIVIL, row.id, row.revision, values, now)


def known(db: Database, case: str) -> list[Clock]:
    with db.reading() as tx:
        return clocks.of_case(tx, case)


def last(db: Database, case: str) -> Clock:
    return max(known(db, case), key=lambda c: (c.live, c.entered_at))


def told(db: Database, now: datetime) -> list[str]:
    """What the sweep tells by now."""
    with db.transaction() as tx:
        return [event.kind for event in reminders.lease(tx, now)]


# ------------------------------------------------------------------------------------------ between two steps
def test_papers_awaited_between_two_steps_of_one_limit_take_none_of_its_time(db: Database) -> None:
    """The first step was done when the pause began: the second goes on without the days of waiting, its timer, too."""
    case = begun(db, STEPS, "2026-10-12", at("2026-10-12T09:00"))
    assert last(db, case).due == date(2026, 11, 2)
    do(db, case, at("2026-10-14T09:00"), asked_on="2026-10-14")
    (first,) = known(db, case)
    assert (first.state, first.due, first.pauses[0]["to"]) == ("stopped", date(2026, 11, 2), None)
    do(db, case, at("2026-10-26T09:00"), received_on="2026-10-23")
    again = last(db, case)
    assert (again.element, again.state, again.due) == ("more", "running", date(2026, 11, 11))
    assert [p["reason"] for p in again.pauses] == ["supplement"]
    assert clocks.AFTER not in again.pauses[0]
    with db.reading() as tx:
        row = tx.run(select(timers).where(timers.c.case_id == case, timers.c.state == "pending")).one()
        assert row.due_at == again.due_at
        # The receipt of the step that was done before counts its days as they were.
        assert clocks.deadline_of(tx.world, known(db, case)[0]).due == date(2026, 11, 2)


def test_a_pause_after_the_end_of_a_limit_is_not_handed_on(db: Database) -> None:
    case = begun(db, STEPS, "2026-10-12", at("2026-10-12T09:00"))
    do(db, case, at("2026-11-05T09:00"), asked_on="2026-11-05")
    do(db, case, at("2026-11-20T09:00"), received_on="2026-11-20")
    assert (last(db, case).due, last(db, case).state) == (date(2026, 11, 2), "running")


def test_a_pause_whose_holder_is_gone_with_the_new_version_ends(db: Database) -> None:
    case = begun(db, STEPS, "2026-10-12", at("2026-10-12T09:00"))
    do(db, case, at("2026-10-14T09:00"), asked_on="2026-10-14")
    body = STEPS.replace(WAIT, user_task("wait", with_form("wait")))
    now = at("2026-10-16T09:00")
    with db.transaction() as tx:
        target = definitions.deploy(tx, bundle("stage", body, **FILES), now=now)
        assert moving.move(tx, OFFICE, case, target, Moves(), now).state == "moves"
    (first,) = known(db, case)
    assert datetime.fromisoformat(first.pauses[0]["to"]) == now


# ------------------------------------------------------------------------------------------ paused after the end
def test_a_pause_after_the_end_hides_nothing_and_supervision_comes(db: Database) -> None:
    case = begun(db, STAGE, "2026-04-01", at("2026-04-01T09:00"))
    assert last(db, case).due == date(2026, 5, 18)
    assert told(db, at("2026-05-19T09:00")) == ["day_after"]
    now = at("2026-05-20T10:00")
    do(db, case, now, asked_on="2026-05-20")
    overdue = last(db, case)
    assert (overdue.state, overdue.next_kind, len(overdue.pauses)) == ("running", "second_period", 1)
    with db.reading() as tx:
        assert tx.run(select(worklist.T.id).where(worklist.late(now), worklist.T.state == "open")).all()
    assert told(db, at("2026-07-01T09:00")) == ["second_period"]
    do(db, case, at("2026-08-20T10:00"), received_on="2026-08-20")
    assert (last(db, case).due, last(db, case).next_at) == (date(2026, 5, 18), None)


def test_a_date_put_right_within_a_pause_decides_anew_whether_the_limit_stands_still(db: Database) -> None:
    case = begun(db, STAGE, "2026-04-20", at("2026-04-20T09:00"))
    do(db, case, at("2026-05-20T10:00"), asked_on="2026-05-20")
    assert last(db, case).state == "paused"
    correct(db, case, "2026-04-01", at("2026-05-21T09:00"))
    assert (last(db, case).state, last(db, case).due) == ("running", date(2026, 5, 18))
    correct(db, case, "2026-04-20", at("2026-05-21T10:00"))
    assert last(db, case).state == "paused"


def correct(db: Database, case: str, new: str, now: datetime) -> None:
    with db.transaction() as tx:
        revision = locking.case_of(tx, case).revision
        correcting.correct(tx, OFFICE, case, revision, last(db, case).id, at(f"{new}T00:00"), "登记簿", now)


# ------------------------------------------------------------------------------------------ overdue when written down
@pytest.mark.parametrize(
    ("accepted", "told_at_once"), [("2026-07-01", "day_after"), ("2026-04-01", "second_period")]
)
def test_what_is_overdue_when_it_is_entered_is_told_at_once(
    db: Database, accepted: str, told_at_once: str
) -> None:
    """催办 within the second period, 督办 after it; reminders of the time before are not made up."""
    now = at("2026-08-20T10:00")
    case = begun(db, STAGE, accepted, now)
    assert (last(db, case).next_at, last(db, case).next_kind) == (now, told_at_once)
    assert told(db, now) == [told_at_once]
    assert told(db, now) == []
    assert last(db, case).next_kind == (None if told_at_once == "second_period" else "second_period")


def test_a_correction_makes_up_for_what_it_makes_overdue_and_tells_nothing_twice(db: Database) -> None:
    case = begun(db, STAGE, "2026-08-10", at("2026-08-10T10:00"))
    now = at("2026-09-10T10:00")
    told(db, now)
    correct(db, case, "2026-07-01", now)
    assert told(db, now) == ["day_after"]
    correct(db, case, "2026-07-02", now)
    assert told(db, now) == []
    assert last(db, case).next_kind == "second_period"
    correct(db, case, "2026-04-01", now)
    assert told(db, now) == ["second_period"]


def test_a_pause_that_is_entered_late_hides_no_overrun(db: Database) -> None:
    """The papers came on 15 July, which was entered on 20 October: the limit had run out, its second period, too."""
    case = begun(db, STAGE, "2026-07-01", at("2026-07-01T10:00"))
    do(db, case, at("2026-07-10T10:00"), asked_on="2026-07-10")
    assert told(db, at("2026-10-19T10:00")) == []
    now = at("2026-10-20T10:00")
    do(db, case, now, received_on="2026-07-15")
    assert last(db, case).due == date(2026, 8, 17)
    assert told(db, now) == ["second_period"]


def test_the_next_step_of_an_overrun_limit_does_not_call_again(db: Database) -> None:
    case = begun(db, STEPS, "2026-10-12", at("2026-10-12T09:00"))
    assert told(db, at("2026-11-04T09:00")) == ["day_after"]
    do(db, case, at("2026-11-05T09:00"), asked_on="2026-11-05")
    do(db, case, at("2026-11-06T09:00"), received_on="2026-11-06")
    assert told(db, at("2026-11-06T09:00")) == []
    assert last(db, case).next_kind == "second_period"
    assert told(db, at("2026-12-20T09:00")) == ["second_period"]
    with db.reading() as tx:
        assert tx.run(select(clocks_table.c.id).where(clocks_table.c.next_at.is_not(None))).all() == []


# ------------------------------------------------------------------------------------------ put right after the end
NOON = at("2026-09-07T12:00")
COUNTED = {"clockStart": "=if decided_on = null then now() else decided_on"}
GONE = (
    '<bpmn:subProcess id="decide"><bpmn:extensionElements><zeebe:ioMapping><zeebe:input source="=now()" target="decided_on"/>'
    '</zeebe:ioMapping></bpmn:extensionElements><bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
    + user_task("letter", term="refusal.letter", **COUNTED)
    + user_task("publish", term="publish.decision", **COUNTED)
    + flow("s", "letter", "publish", "e")
    + "</bpmn:subProcess>"
    + user_task("after")
    + flow("start", "decide", "after", "end")
)


@pytest.mark.parametrize("ended", [False, True])
def test_a_date_put_right_after_its_branch_has_ended_moves_all_that_counted_from_it(
    db: Database, ended: bool
) -> None:
    """Also where no variable and no field holds the date any more: the same two clocks, the same name for the other books."""
    with db.transaction() as tx:
        definitions.deploy(tx, bundle("gone", GONE), now=NOON)
        case = cases.start(tx, "gone", now=NOON, area=VILLAGE, number="1", title="某")
    for _ in range(1 + ended):
        with db.transaction() as tx:
            row = worklist.open_of_case(tx, case)[0]
            cases.complete(tx, CIVIL, row.id, row.revision, {}, NOON)
    with db.transaction() as tx:
        one = next(c for c in clocks.of_case(tx, case) if c.term == "publish.decision")
        revision = locking.case_of(tx, case).revision
        moved = correcting.correct(
            tx, OFFICE, case, revision, one.id, at("2026-08-31T00:00"), "决定书为8月31日", NOON
        )
    assert {c.term for c in moved} == {"publish.decision", "refusal.letter"}
    with db.reading() as tx:
        (row,) = [e.payload for e in history.entries(tx, case) if e.kind == "clock.corrected"]
    assert row["names"] == ["decided_on"]
