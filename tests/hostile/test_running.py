"""Models that pass and then misbehave: each ends in the product's own error at an element, soon, and the state stays as it was."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.errors import NotFound, StepFailed
from engine.reader import read
from engine.runner import advance, compile_program
from engine.runner.values import Complete, Decided, Start
from tests.engine.models import HEAD
from tests.hostile.test_files import TASK, extended, flow, process
from tests.runner.notation import NoHost

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CALL = '<bpmn:callActivity id="a" calledElement="p">{}</bpmn:callActivity>'
MANY = (
    '<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="={}"/>'
    "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
)
PING = (
    f'{HEAD}<bpmn:process id="p"><bpmn:callActivity id="a" calledElement="q"/></bpmn:process>'
    '<bpmn:process id="q"><bpmn:callActivity id="b" calledElement="p"/></bpmn:process></bpmn:definitions>'
)
SPIN = process(
    '<bpmn:exclusiveGateway id="a" default="z"/>',
    '<bpmn:task id="t"/>' + flow("z", "a", "t") + flow("y", "t", "a"),
).replace(
    flow("f2", "a", "e"),
    '<bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="e"><bpmn:conditionExpression>= 1 = 2</bpmn:conditionExpression></bpmn:sequenceFlow>',
)


def script(expression: str) -> str:
    return process(extended("scriptTask", f'<zeebe:script expression="={expression}" resultVariable="x"/>'))


CASES: dict[str, tuple[str, str]] = {
    "a process that calls itself": (process(CALL.format("")), "a"),
    "a process that calls itself threefold": (process(CALL.format(MANY.format("[1,2,3]"))), "a"),
    "two processes that call each other": (PING, "a"),
    "a called process that is not there": (process('<bpmn:callActivity id="a" calledElement="gone"/>'), "a"),
    "an automatic circle": (SPIN, "a"),
    "a collection of nothing": (process(f'<bpmn:userTask id="a">{MANY.format("gone")}</bpmn:userTask>'), "a"),
    "a decision that is not there": (
        process(extended("businessRuleTask", '<zeebe:calledDecision decisionId="gone" resultVariable="x"/>')),
        "a",
    ),
    "a function as a variable": (script("function(y) y"), "p"),
    "retries by an expression that gives words": (
        process(extended("serviceTask", '<zeebe:taskDefinition type="x" retries=\'="many"\'/>')),
        "a",
    ),
    "a timer by an expression that gives words": (
        process(
            '<bpmn:intermediateCatchEvent id="a"><bpmn:timerEventDefinition><bpmn:timeDuration>="soon"</bpmn:timeDuration>'
            "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        ),
        "a",
    ),
}


class Undecided(NoHost):
    """The product's host says what is missing by its own error."""

    def decide(self, decision: str, _variables: Mapping[str, Any]) -> Decided:
        raise NotFound(f"找不到决策表 {decision}。", f"There is no decision {decision}.")


def start(content: str, **variables: Any) -> Any:
    program = compile_program(read(content.encode()).processes)
    return program, advance(program, None, Start("p", variables), NOW, document={}, host=Undecided())


@pytest.mark.parametrize("name", CASES)
def test_a_case_that_misbehaves_ends_as_an_incident_at_its_element(name: str) -> None:
    content, element = CASES[name]
    began = time.process_time()
    with pytest.raises(StepFailed) as caught:
        start(content)
    assert time.process_time() - began < 10  # 100,000 automatic steps or 5,000 scopes
    assert caught.value.element == element
    assert re.search(r"[\u4e00-\u9fff]", caught.value.message)


def test_numbers_of_any_size_come_back_as_they_were() -> None:
    _, outcome = start(script("10 ** 30"))
    assert outcome.variables == {"x": 10**30}


def test_a_value_that_cannot_be_stored_leaves_the_case_as_it_was() -> None:
    program, outcome = start(process(TASK))
    (task,) = outcome.opened
    for value in (10**40, object()):
        with pytest.raises(StepFailed):
            advance(program, outcome.state, Complete(task.key, {"x": value}), NOW, document={}, host=NoHost())
    done = advance(program, outcome.state, Complete(task.key, {"x": 1}), NOW, document={}, host=NoHost())
    assert done.variables == {"x": 1}
