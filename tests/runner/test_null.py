"""Null, or something of another kind, where a value decides: an incident at the element, nothing moved, and on with mended data."""

from __future__ import annotations

import pytest

from engine.errors import StepFailed
from tests.runner.notation import Sim, body, program_of, sub, task

LOOP = "<bpmn:standardLoopCharacteristics {}><bpmn:loopCondition>=x</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
KEY = '<bpmn:extensionElements><zeebe:properties><zeebe:property name="{}" value="=x"/></zeebe:properties></bpmn:extensionElements>'
NODES, FLOWS = "s:S u:A e:E", "S>A>B>E"


def many(inside: str, attributes: str = "") -> str:
    extension = (
        f"<bpmn:extensionElements><zeebe:loopCharacteristics {attributes}/></bpmn:extensionElements>"
        if attributes
        else ""
    )
    return task("B", f"<bpmn:multiInstanceLoopCharacteristics>{extension}{inside}</bpmn:multiInstanceLoopCharacteristics>")  # fmt: skip


ENOUGH = "<bpmn:loopCardinality>3</bpmn:loopCardinality><bpmn:completionCondition>=all_x[1]</bpmn:completionCondition>"
ADHOC = '<bpmn:adHocSubProcess id="B"><bpmn:userTask id="C"/><bpmn:completionCondition>=x</bpmn:completionCondition></bpmn:adHocSubProcess>'
CASES = [
    # what is drawn; the steps up to the failing one; its start and what it is mended with; where; what follows
    ("exclusive", body("s:S u:A x:B e:E u:C", "S>A>B; B>C[x]; B>E*"), [], "A", "x=true", "B", "[C]"),
    ("inclusive", body("s:S u:A o:B e:E u:C", "S>A>B; B>C[x]; B>E*"), [], "A", "x=true", "B", "[C]"),
    ("activity", body("s:S u:A e:E u:C", "S>A; A>C[x]; A>E*"), [], "A", "x=true", "A", "[C]"),
    ("collection", body(NODES, FLOWS, many("", 'inputCollection="=x" inputElement="i"')), [], "A", "x=[1,2]", "B", "[B,B]"),
    ("cardinality", body(NODES, FLOWS, many("<bpmn:loopCardinality>=x</bpmn:loopCardinality>")), [], "A", "x=2", "B", "[B,B]"),
    ("enough", body(NODES, FLOWS, many(ENOUGH, 'outputCollection="all_x" outputElement="=x"')), ["A"], "B", "x=true", "B", "."),
    ("loop after", body(NODES, FLOWS, task("B", LOOP.format(""))), ["A"], "B", "x=false", "B", "."),
    ("loop before", body(NODES, FLOWS, task("B", LOOP.format('testBefore="true"'))), [], "A", "x=true", "B", "[B]"),
    ("ad hoc", body(NODES, FLOWS, ADHOC), ["A"], "C", "x=true", "B", "."),
    ("timer date", body("s:S u:A c:B?dur.=x e:E", FLOWS), [], "A", 'x="P1D"', "B", "?time"),
    ("timer on a task", body("s:S u:A u:C b:B@C?dur.=x e:E", "S>A>C>E; B>E"), [], "A", 'x="P1D"', "B", "[C]"),
    ("tier", body(NODES, FLOWS, task("B", KEY.format("tier"))), [], "A", 'x="town"', "B", "[B]"),
    ("clockStart", body(NODES, FLOWS, task("B", KEY.format("clockStart"))), [], "A", 'x="2026-03-01"', "B", "[B]"),
    ("in a sub-process", body("s:S e:E", "S>Q>E", sub("Q", body("s:IS u:A x:B e:IE u:C", "IS>A>B; B>C[x]; B>IE*"))), [], "A", "x=true", "B", "[C]"),
]  # fmt: skip


@pytest.mark.parametrize("wrong", ["null", '"ja"'])
@pytest.mark.parametrize(("xml", "before", "at", "mended", "element", "after"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])  # fmt: skip
def test_a_value_that_decides_nothing_is_an_incident(
    xml: str, before: list[str], at: str, mended: str, element: str, after: str, wrong: str
) -> None:
    sim = Sim(program_of(xml), {})
    for step in before:
        sim.step(step)
    state, waiting = sim.state, dict(sim.waiting)
    with pytest.raises(StepFailed) as failed:
        sim.step(f"{at}{{x={wrong}}}")
    assert failed.value.element == element
    assert "x" in failed.value.message
    assert (sim.state, sim.waiting) == (state, waiting)
    sim.step(f"{at}{{{mended}}}")
    sim.step(after)


def test_a_term_that_is_null_is_an_incident_and_an_empty_text_means_none() -> None:
    """A statutory limit must not get lost because a variable was empty."""
    sim = Sim(program_of(body(NODES, FLOWS, task("B", KEY.format("term")))), {})
    with pytest.raises(StepFailed, match="term"):
        sim.step("A{x=null}")
    sim.step('A{x=""}')
    sim.step("[B]")


WATCHED = body("s:S u:A u:C b:B@A!?cond.=x u:D e:E", "S>A>C>E; B>D>E")


@pytest.mark.parametrize("kind", ["intermediateThrowEvent", "intermediateCatchEvent"])
def test_a_key_that_is_null_is_an_incident_where_a_message_is_sent_or_awaited(kind: str) -> None:
    event = f'<bpmn:{kind} id="B"><bpmn:messageEventDefinition messageRef="k"/></bpmn:{kind}>'
    message = (
        '<bpmn:message id="k" name="k"><bpmn:extensionElements><zeebe:subscription correlationKey="=x"/></bpmn:extensionElements>'
        "</bpmn:message>"
    )
    sim = Sim(program_of(body("s:S u:A u:C e:E", "S>A>B>C>E", event), message), {})
    with pytest.raises(StepFailed, match="key") as failed:
        sim.step("A{x=null}")
    assert failed.value.element == "B"
    sim.step("A{x=7}")
    sim.step("[C]" if "Throw" in kind else "?message")


def test_an_event_whose_condition_is_null_goes_on_waiting() -> None:
    """Its data is not there yet: nothing is decided, and it is looked at again whenever data change."""
    sim = Sim(program_of(WATCHED), {})
    assert [w.element for w in sim.open()] == ["A"]
    held = Sim(program_of(body("s:S u:A u:C e:E c:B?cond.=x p:P", "S>P; P>A>C>E; P>B>E")), {})
    held.step("A")
    held.step("[C]")
    held.step("?cond")
    held.step("C{x=true}")
    held.step(".")


def test_an_event_whose_condition_is_no_boolean_is_an_incident() -> None:
    with pytest.raises(StepFailed) as failed:
        Sim(program_of(WATCHED), {"x": "ja"})
    assert failed.value.element == "B"
