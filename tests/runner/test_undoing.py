"""Compensation at its edges: handlers in scopes that are over, handlers that are interrupted, activities done many times."""

from __future__ import annotations

import pytest

from engine.runner.values import Cancel, Status
from tests.runner.notation import Sim, body, comp, on, play, program_of, sub

Q = sub("Q", body("s:Qs u:A e:Qe", "Qs>A>Qe", comp("A")))
BESIDE = "S>F>Q>C>B>E; F>T>TE"
TWICE = (
    "<bpmn:multiInstanceLoopCharacteristics isSequential='{}'><bpmn:loopCardinality>2</bpmn:loopCardinality>"
    "</bpmn:multiInstanceLoopCharacteristics>"
)
BY_NAME = '<bpmn:intermediateThrowEvent id="C"><bpmn:compensateEventDefinition activityRef="Q"/></bpmn:intermediateThrowEvent>'
LATE = (
    '<bpmn:boundaryEvent id="X" attachedToRef="unA"><bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration>'
    "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
)


def many(sequential: bool) -> str:
    inner = body("s:Qs u:A e:Qe", "Qs>A>Qe", comp("A")) + TWICE.format(str(sequential).lower())
    return body("s:S u:Z e:E", "S>Q>C>Z>E", BY_NAME + sub("Q", inner))


@pytest.mark.parametrize(
    ("xml", "steps"),
    [
        (body("s:S p:F u:T e:TE?end. h:C?undo. u:B e:E", BESIDE, Q), "A [T,unA] T ."),
        (body("s:S p:F u:T e:TE?err.r1 h:C?undo. u:B e:E", BESIDE, Q), "A [T,unA] T ."),
        (
            body("s:S h:C?undo. u:B e:E", "S>Q>C>B>E", Q + on("V", "msg.m")),
            "A [unA] ~m [H] H .",
        ),
        (
            body("s:S u:P p:F u:D h:C?undo. u:B e:E", "S>P>F; F>Q>C>B>E; F>D>E", Q),
            "P A [D,unA] D<P [P] P [A,D] A [D,unA] unA [B,D]",
        ),
    ],
    ids=["terminate end", "uncaught error", "interrupting event sub-process", "sent back"],
)
def test_a_handler_ends_with_the_one_who_called_for_it(xml: str, steps: str) -> None:
    play(xml, steps, {})


def test_a_cancelled_case_has_nothing_open_in_scopes_that_were_over() -> None:
    sim = Sim(program_of(body("s:S h:C?undo. u:B e:E", "S>Q>C>B>E", Q)), {})
    sim.step("A")
    sim.step("[unA]")
    sim.turn(Cancel())
    assert (sim.status, sim.open()) == (Status.CANCELLED, [])
    assert sim.peek().live() == []


@pytest.mark.parametrize("sequential", [True, False])
def test_a_sub_process_done_many_times_is_undone_by_its_name(sequential: bool) -> None:
    play(many(sequential), "A A [unA] unA [unA] unA [Z] Z .", {})


def test_who_called_for_a_handler_goes_on_when_the_handler_is_interrupted() -> None:
    xml = body("s:S u:A u:K h:C?undo. u:Z u:N e:E", "S>A>K>C>Z>E; X>N>E", comp("A", "K") + LATE)
    play(xml, "A K [unK] unK [unA] +P1D [N,Z] N Z .", {})
