"""A timer armed while, or after, its clock stood still or was extended has the clock's date."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import clocks, clockwork, definitions, hands, moving, step
from engine.db import Database
from engine.runner import codec
from engine.tables import timers
from tests.engine.models import NOW, bundle, extension, flow, user_task
from tests.engine.test_cases import A, begin, complete, tasks
from tests.runner.notation import NoHost

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKS = 'deadline("relief.survey", from)'
BESIDE = (
    '<bpmn:parallelGateway id="g"/><bpmn:endEvent id="e3"/>'
    + user_task("p0")
    + user_task("p", pauses="supplement")
    + flow("g", "p0", "p", "e3")
)


def stage(*line: str, more: str = "", text: str = ASKS) -> Any:
    """Under a ten days' term. It stands still while `p` waits for papers; `stop` ends it; the timer of `q` asks its clock."""
    timer = (
        '<bpmn:boundaryEvent id="late" attachedToRef="q" cancelActivity="false"><bpmn:timerEventDefinition>'
        f"<bpmn:timeDate>={text}</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:endEvent id="told"/>' + flow("late", "told")
    )
    drawn = {
        "p": user_task("p", pauses="supplement"),
        "stop": user_task("stop", stops="relief.survey"),
        "q": user_task("q") + (timer if text else ""),
    }
    ends = '<bpmn:startEvent id="s1"/><bpmn:endEvent id="e1"/>'
    inside = (
        ends
        + "".join(drawn.get(name) or user_task(name) for name in line if name != "g")
        + flow("s1", *line, "e1")
        + more
    )
    limited = extension(term="relief.survey", clockStart="=from")
    body = f'<bpmn:subProcess id="stage">{limited}{inside}</bpmn:subProcess>' + flow("start", "stage", "end")
    return bundle("limited", body)


def started(db: Database, made: Any) -> str:
    return begin(db, made, **{"from": NOW})


def do(db: Database, case: str, element: str, at: datetime) -> None:
    complete(db, A, next(t for t in tasks(db, case) if t.element == element), now=at)


def dates(db: Database, case: str) -> tuple[clocks.Clock, datetime | None]:
    """The clock, and the instant of the waiting timer, which the case's state knows as well as the row."""
    with db.reading() as tx:
        pending = (timers.c.case_id == case, timers.c.state == "pending")
        row = tx.run(select(timers.c.id, timers.c.due_at).where(*pending)).one()
        held = step.lock(tx, case)
        program = definitions.pinned(tx, held.pins).program
        live = codec.load(held.state or b"", program, now=NOW, document={}, host=NoHost())
        due = live.task(row.id).internal_data["due"]
        assert (datetime.fromisoformat(due) if due else None) == row.due_at
        return clocks.lately(clocks.of_case(tx, case)), row.due_at


@pytest.mark.parametrize("text", [ASKS, 'remind("relief.survey", 0.5, from)'])
def test_a_timer_armed_after_a_pause_leaves_out_what_stood_still(db: Database, text: str) -> None:
    case = started(db, stage("p0", "p", "q", text=text))
    do(db, case, "p0", NOW + HOUR)
    do(db, case, "p", NOW + 10 * DAY)
    clock, due = dates(db, case)
    assert (clock.state, clock.due.isoformat()) == ("running", "2026-10-15")
    assert due == (
        clockwork.instant_of(db.world, clock, {"share": 0.5}) if "remind" in text else clock.due_at
    )
    assert due is not None
    assert due > NOW + 10 * DAY


def test_a_timer_armed_in_a_pause_waits_for_its_end(db: Database) -> None:
    case = started(db, stage("g", "r", "q", more=BESIDE))
    do(db, case, "p0", NOW + HOUR)
    do(db, case, "r", NOW + DAY)
    clock, due = dates(db, case)
    assert (clock.state, due) == ("paused", None)
    do(db, case, "p", NOW + 10 * DAY)
    clock, due = dates(db, case)
    assert (clock.state, clock.due.isoformat(), due) == ("running", "2026-10-15", clock.due_at)


def test_a_timer_armed_anew_after_going_back_goes_on_with_what_stood_still(db: Database) -> None:
    case = started(db, stage("g", "r", "q", more=BESIDE))
    do(db, case, "r", NOW)
    do(db, case, "p0", NOW + HOUR)
    do(db, case, "p", NOW + 10 * DAY)
    row = next(t for t in tasks(db, case) if t.element == "q")
    with db.transaction() as tx:
        hands.send_back(tx, A, row.id, row.revision, "r", "补充材料", NOW + 10 * DAY)
    do(db, case, "r", NOW + 10 * DAY + HOUR)
    clock, due = dates(db, case)
    assert (clock.due.isoformat(), due) == ("2026-10-15", clock.due_at)


def test_a_timer_armed_after_the_stop_fact_stays_silent(db: Database) -> None:
    case = started(db, stage("r", "stop", "q"))
    do(db, case, "r", NOW + HOUR)
    do(db, case, "stop", NOW + 2 * HOUR)
    clock, due = dates(db, case)
    assert (clock.state, due) == ("stopped", None)


def test_a_timer_armed_after_an_extension_has_the_extended_date(db: Database) -> None:
    case = started(db, stage("r", "q"))
    with db.transaction() as tx:
        (clock,) = clocks.of_case(tx, case)
        longer = clocks.with_(clock, extension={"n": 5, "decisions": []})
        clocks.rewrite(tx, clocks.dated(tx.world, longer, NOW))
    do(db, case, "r", NOW + DAY)
    clock, due = dates(db, case)
    assert (clock.due.isoformat(), due) == ("2026-10-10", clock.due_at)


def test_a_timer_that_comes_with_a_new_version_has_the_clocks_date(db: Database) -> None:
    case = started(db, stage("p0", "p", "q", text=""))
    do(db, case, "p0", NOW + HOUR)
    do(db, case, "p", NOW + 10 * DAY)
    later = NOW + 11 * DAY
    with db.transaction() as tx:
        definitions.deploy(tx, stage("p0", "p", "q"), now=later)
    with db.transaction() as tx:
        moving.move(tx, A, case, moving.target_of(tx, "limited", None, later), moving.Moves(), later)
    clock, due = dates(db, case)
    assert (clock.due.isoformat(), due) == ("2026-10-15", clock.due_at)


def test_a_timer_whose_new_drawing_asks_for_another_part_of_the_term_follows_it(db: Database) -> None:
    case = started(db, stage("p0", "p", "q"))
    do(db, case, "p0", NOW + HOUR)
    do(db, case, "p", NOW + 10 * DAY)
    later = NOW + 11 * DAY
    with db.transaction() as tx:
        definitions.deploy(tx, stage("p0", "p", "q", text='remind("relief.survey", 0.9, from)'), now=later)
    with db.transaction() as tx:
        moving.move(tx, A, case, moving.target_of(tx, "limited", None, later), moving.Moves(), later)
    clock, due = dates(db, case)
    assert due == clockwork.instant_of(db.world, clock, {"share": 0.9})
    with db.reading() as tx:
        assert tx.run(select(timers.c.basis)).scalar_one()["share"] == 0.9
