"""A boundary timer that names a `term` shows its limit: a second limit of the activity it guards, from a lawful start of its own."""

from __future__ import annotations

from datetime import date

import pytest

from engine import cases
from engine.db import Database
from engine.errors import StepFailed
from tests.engine.models import NOW, extension, flow, user_task
from tests.engine.test_branches import at, begin, correct, do, found, scope, tasks, timer, with_form


def guard(element: str, host: str, asks: str, shows: str) -> str:
    return (
        f'<bpmn:boundaryEvent id="{element}" attachedToRef="{host}" cancelActivity="false">{extension(term=shows)}'
        f"<bpmn:timerEventDefinition><bpmn:timeDate>={asks}</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )


ASKS = "deadline(&quot;remedy.inaction&quot;, accepted_on)"
STAGE = (
    user_task("accept", with_form("accept"))
    + scope("stage", user_task("survey") + user_task("decide", stops="remedy.inaction") + flow("survey", "decide"), "survey", "decide", term="relief.total")
    + guard("two_months", "stage", ASKS, "remedy.inaction")
    + user_task("told")
    + '<bpmn:endEvent id="noted"/>'
    + flow("two_months", "told", "noted")
    + flow("start", "accept", "stage", "end")
)  # fmt: skip


def test_two_limits_of_one_stage_each_from_its_own_event(db: Database) -> None:
    case = begin(db, STAGE)
    do(db, case, "accept", {"accepted_on": "2026-09-10"})
    (total,), (duty,) = found(db, case, "relief.total"), found(db, case, "remedy.inaction")
    assert (total.started_at, duty.due) == (NOW, date(2026, 11, 10))
    assert duty.token == total.token, "it is a limit of what the timer guards"
    assert timer(db, case, "two_months").due_at == duty.due_at
    (survey,) = tasks(db, case)
    assert duty.token in survey.owners, "every step inside shows it"


def test_it_goes_on_overdue_after_its_timer_has_fired_and_ends_with_the_act(db: Database) -> None:
    case = begin(db, STAGE)
    do(db, case, "accept", {"accepted_on": "2026-09-10"})
    late = at("2026-11-11T09:00")
    with db.transaction() as tx:
        cases.fire_timer(tx, timer(db, case, "two_months").id, late)
    (duty,) = found(db, case, "remedy.inaction")
    assert duty.state == "running", "a timer that fires decides nothing"
    assert "told" in [t.element for t in tasks(db, case)]
    do(db, case, "survey", now=late)
    assert found(db, case, "remedy.inaction") == [], "the decision ends it"
    (over,) = found(db, case, "remedy.inaction", live=False)
    assert over.kept is False


def test_a_wrong_date_put_right_moves_it_with_its_timer(db: Database) -> None:
    case = begin(db, STAGE)
    do(db, case, "accept", {"accepted_on": "2026-09-10"})
    (duty,) = found(db, case, "remedy.inaction")
    (moved,) = [c for c in correct(db, case, duty.id, at("2026-09-08")) if c.term == "remedy.inaction"]
    assert (moved.due, timer(db, case, "two_months").due_at) == (date(2026, 11, 8), moved.due_at)


def test_what_it_shows_is_what_it_waits_for(db: Database) -> None:
    case = begin(
        db,
        STAGE.replace(
            'value="remedy.inaction"/></zeebe:properties></bpmn:extensionElements><bpmn:timer',
            'value="relief.survey"/></zeebe:properties></bpmn:extensionElements><bpmn:timer',
        ),
    )
    with pytest.raises(StepFailed, match="another term than it shows"):
        do(db, case, "accept", {"accepted_on": "2026-09-10"})
