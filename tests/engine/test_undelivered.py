"""A case that cannot take the step a message or signal sets off: an incident of its own, and nobody else waits for it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine import cases, definitions, incidents, step, subscriptions, undelivered
from engine.db import Database
from engine.errors import StepFailed
from engine.runner.values import SetVariables
from engine.tables import messages, user_tasks
from tasks import sweep
from tests.engine.models import NOW, VILLAGE, bundle, flow, user_task
from tests.engine.test_cases import A, begin, complete, status, tasks

NAMES = '<bpmn:signal id="g" name="halt"/><bpmn:message id="m" name="told"/>'
THROW = '<bpmn:intermediateThrowEvent id="say"><bpmn:{0}EventDefinition {0}Ref="{1}"/></bpmn:intermediateThrowEvent>'
CATCH = '<bpmn:intermediateCatchEvent id="hear"><bpmn:{0}EventDefinition {0}Ref="{1}"/></bpmn:intermediateCatchEvent>'
WHICH = (
    '<bpmn:exclusiveGateway id="which" default="which_end"/><bpmn:endEvent id="other"/>'
    '<bpmn:sequenceFlow id="yes" sourceRef="which" targetRef="other"><bpmn:conditionExpression>=ok</bpmn:conditionExpression></bpmn:sequenceFlow>'
)


def listener(kind: str, ref: str) -> Any:
    return bundle("listen", CATCH.format(kind, ref) + WHICH + flow("start", "hear", "which", "end"), NAMES)


def thrown(db: Database, kind: str, ref: str) -> str:
    """A case that has just thrown it; the worker has been round."""
    body = user_task("a") + THROW.format(kind, ref) + flow("start", "a", "say", "end")
    case = begin(db, bundle("throw", body, NAMES))
    complete(db, A, tasks(db, case)[0])
    sweep.drain(db, NOW)
    assert status(db, case) == "completed"
    return case


def told(db: Database, case: str) -> list[tuple[str, str, str]]:
    with db.reading() as tx:
        return [(i.kind, i.element, i.state) for i in incidents.of_case(tx, case)]


def retry(db: Database, case: str) -> None:
    with db.transaction() as tx:
        row = next(i for i in incidents.of_case(tx, case) if i.state == "open")
        cases.retry(tx, A, row.id, row.revision, NOW)


def mended(db: Database, case: str, **values: Any) -> None:
    with db.transaction() as tx:
        step.take(tx, step.lock(tx, case), SetVariables(values), step.Record("case.corrected"), NOW)


def test_one_case_that_cannot_take_a_signal_holds_up_no_other(db: Database) -> None:
    bad = begin(db, listener("signal", "g"))
    with db.transaction() as tx:
        good = cases.start(
            tx, "listen", now=NOW, area=VILLAGE, number="listen-2", title="某", variables={"ok": True}
        )
    thrown(db, "signal", "g")
    assert (status(db, bad), status(db, good)) == ("active", "completed")
    assert told(db, bad) == [("message", "which", "open")]
    with pytest.raises(StepFailed):
        retry(db, bad)
    assert told(db, bad) == [("message", "which", "open")]
    mended(db, bad, ok=False)
    retry(db, bad)
    assert told(db, bad) == [("message", "which", "resolved")]
    assert status(db, bad) == "completed"


def test_a_message_is_kept_for_the_case_that_could_not_take_it(db: Database) -> None:
    bad = begin(db, listener("message", "m"))
    thrown(db, "message", "m")
    assert told(db, bad) == [("message", "which", "open")]
    mended(db, bad, ok=True)
    retry(db, bad)
    assert status(db, bad) == "completed"
    with db.reading() as tx:
        assert set(tx.run(select(messages.c.state)).scalars()) == {"delivered"}


def test_a_kept_message_reaches_nobody_else_and_nobody_afterwards(db: Database) -> None:
    bad = begin(db, listener("message", "m"))
    thrown(db, "message", "m")
    with db.transaction() as tx:
        other = cases.start(tx, "listen", now=NOW, area=VILLAGE, number="listen-2", title="某")
    sweep.drain(db, NOW)
    assert (status(db, other), told(db, other)) == ("active", [])
    with db.transaction() as tx:
        case = step.lock(tx, bad)
        cases.cancel(tx, A, bad, case.revision, "不再需要", NOW)
    assert told(db, bad) == [("message", "which", "resolved")]
    assert status(db, bad) == "cancelled"


def test_a_message_whose_process_cannot_begin_is_its_senders_incident(db: Database) -> None:
    start = '<bpmn:startEvent id="hear"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
    wrong = bundle("begun", start + WHICH + flow("hear", "which", "end"), NAMES)
    with db.transaction() as tx:
        definitions.deploy(tx, wrong, now=NOW)
    case = thrown(db, "message", "m")
    assert told(db, case) == [("message", "which", "open")]
    right = bundle("begun", start + user_task("b") + flow("hear", "b", "end"), NAMES)
    with db.transaction() as tx:
        definitions.deploy(tx, right, now=NOW)
    retry(db, case)
    sweep.drain(db, NOW)
    assert told(db, case) == [("message", "which", "resolved")]
    with db.reading() as tx:
        begun = tx.run(select(user_tasks.c.element).where(user_tasks.c.process == "begun"))
        assert list(begun.scalars()) == ["b"]


def test_what_another_worker_has_delivered_meanwhile_is_nobodys_incident(db: Database) -> None:
    case = begin(db, bundle("throw", user_task("a") + flow("start", "a", "end"), NAMES))
    with db.transaction() as tx:
        key = subscriptions.put(tx, "told", None, {}, NOW, sender=case)
        subscriptions.settle(tx, key, "delivered")
    with db.transaction() as tx:
        undelivered.unsent(tx, key, "invalid", "不能开始。", None, NOW)
    assert told(db, case) == []
    with db.reading() as tx:
        assert tx.run(select(messages.c.state)).scalar_one() == "delivered"
