"""An incident ends with what it is about: gone through, no longer wanted, or its case over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import cases, incidents, messages, step
from engine.db import Database
from engine.errors import StepFailed
from engine.runner.values import SetVariables
from tasks import sweep
from tests.engine.models import NOW, bundle, flow, job, user_task
from tests.engine.test_cases import A, begin, complete, status, tasks
from tests.engine.test_one_bad_row import told
from tests.engine.test_undelivered import WHICH

HOUR = timedelta(hours=1)
NAMES = '<bpmn:message id="m" name="m1"/>'


def on(host: str, event: str) -> str:
    return f'<bpmn:boundaryEvent id="x" attachedToRef="{host}">{event}</bpmn:boundaryEvent>'


MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
JOB = job("j", "no.such.type") + on("j", MESSAGE) + user_task("z") + flow("start", "j", "end") + flow("x", "z", "end")  # fmt: skip
LATE = (
    user_task("a") + user_task("b") + on("a", TIMER) + WHICH + flow("start", "a", "b", "end")
    + flow("x", "which", "end")
)  # fmt: skip


def failed(db: Database, case: str, kind: str) -> None:
    """The worker has tried, and tried again."""
    for hour in range(2, 8):
        sweep.run_due(db, NOW + hour * HOUR)
    assert [(k, state) for k, _, state in told(db, case)] == [(kind, "open")]


def states(db: Database, case: str) -> list[str]:
    return [state for _, _, state in told(db, case)]


def test_a_failed_job_that_is_interrupted_takes_its_incident_with_it(db: Database) -> None:
    case = begin(db, bundle("st", JOB, NAMES))
    failed(db, case, "job")
    with db.transaction() as tx:
        messages.deliver(tx, "m1", None, {}, now=NOW + 9 * HOUR)
    assert (states(db, case), [t.element for t in tasks(db, case)]) == (["resolved"], ["z"])


def test_a_failed_timer_whose_host_ends_takes_its_incident_with_it(db: Database) -> None:
    case = begin(db, bundle("zom", LATE))
    failed(db, case, "timer")
    complete(db, A, tasks(db, case)[0], now=NOW + 9 * HOUR)
    assert (states(db, case), status(db, case)) == (["resolved"], "active")


def test_a_persons_step_that_goes_through_after_all_ends_its_incident_and_no_other(db: Database) -> None:
    body = user_task("a") + WHICH + job("j", "no.such.type") + '<bpmn:parallelGateway id="p"/>'
    body += flow("start", "p", "a", "which", "end") + flow("p", "j", "other")
    case = begin(db, bundle("ti", body))
    failed(db, case, "job")
    row = tasks(db, case)[0]
    with pytest.raises(StepFailed) as error:
        complete(db, A, row)
    with db.transaction() as tx:
        cases.fail_task(tx, row.id, error.value.element, "c", "m", {}, NOW)
        step.take(tx, step.lock(tx, case), SetVariables({"ok": False}), step.Record("case.corrected"), NOW)
    complete(db, A, tasks(db, case)[0])
    assert {kind: state for kind, _, state in told(db, case)} == {"job": "open", "task": "resolved"}


@pytest.mark.parametrize(("body", "kind"), [(JOB, "job"), (LATE, "timer")])
def test_a_case_that_is_cancelled_leaves_no_incident_open(db: Database, body: str, kind: str) -> None:
    case = begin(db, bundle("over", body, NAMES))
    failed(db, case, kind)
    with db.transaction() as tx:
        cases.cancel(tx, A, case, step.lock(tx, case).revision, "不再需要", NOW)
    assert states(db, case) == ["resolved"]
    with db.reading() as tx:
        assert incidents.troubled(tx, [case]) == set()
