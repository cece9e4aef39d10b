"""A case that is over stays over: nothing is left to do, and no step is taken in it."""

from __future__ import annotations

import pytest

from engine import cases, step
from engine.db import Database
from engine.errors import Conflict
from engine.tables import user_tasks
from tests.engine.models import NOW, bundle, flow, user_task
from tests.engine.test_cases import TWO, A, begin, complete, status, tasks

UNDO = (
    '<bpmn:subProcess id="q"><bpmn:startEvent id="s1"/><bpmn:endEvent id="e1"/>'
    + user_task("a")
    + '<bpmn:boundaryEvent id="ca" attachedToRef="a"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
    + user_task("una").replace("<bpmn:userTask ", '<bpmn:userTask isForCompensation="true" ')
    + '<bpmn:association id="as" sourceRef="ca" targetRef="una"/>'
    + flow("s1", "a", "e1")
    + '</bpmn:subProcess><bpmn:intermediateThrowEvent id="c"><bpmn:compensateEventDefinition/></bpmn:intermediateThrowEvent>'
    + user_task("b")
    + flow("start", "q", "c", "b", "end")
)


def test_a_cancelled_case_leaves_nothing_to_do(db: Database) -> None:
    case = begin(db, bundle("undo", UNDO))
    complete(db, A, tasks(db, case)[0])
    (undoing,) = tasks(db, case)
    assert undoing.element == "una"
    with db.transaction() as tx:
        cases.cancel(tx, A, case, step.lock(tx, case).revision, "不再需要", NOW)
    assert (status(db, case), tasks(db, case)) == ("cancelled", [])


def test_no_step_is_taken_in_a_case_that_is_over(db: Database) -> None:
    """Whatever row may still be open: the case stays as it ended."""
    case = begin(db, bundle("two", TWO))
    (row,) = tasks(db, case)
    with db.transaction() as tx:
        cases.cancel(tx, A, case, step.lock(tx, case).revision, "不再需要", NOW)
        tx.run(user_tasks.update().where(user_tasks.c.id == row.id).values(state="open", ended_at=None))
    with pytest.raises(Conflict):
        complete(db, A, row)
    assert status(db, case) == "cancelled"
