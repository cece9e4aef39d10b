"""Events map what they know into variables, wherever they stand: start, passing, waited for, end."""

from __future__ import annotations

import pytest

from tests.runner.notation import Sim, program_of

MAPPED = "<bpmn:extensionElements><zeebe:ioMapping>{}</zeebe:ioMapping></bpmn:extensionElements>"


def mapped(*pairs: tuple[str, str]) -> str:
    return MAPPED.format("".join(f'<zeebe:output source="{s}" target="{t}"/>' for s, t in pairs))


TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
MODEL = (
    f'<bpmn:startEvent id="S">{mapped(("=1", "n"))}</bpmn:startEvent>'
    '<bpmn:callActivity id="C">{call}</bpmn:callActivity>'
    f'<bpmn:intermediateThrowEvent id="M">{mapped(("=n + 1", "n"))}</bpmn:intermediateThrowEvent>'
    f'<bpmn:intermediateCatchEvent id="W">{mapped(("=n + 1", "n"))}{TIMER}</bpmn:intermediateCatchEvent>'
    '<bpmn:userTask id="A"/>'
    + "".join(
        f'<bpmn:sequenceFlow id="{a}{b}" sourceRef="{a}" targetRef="{b}"/>'
        for a, b in ("SC", "CM", "MW", "WA")
    )
    + '</bpmn:process><bpmn:process id="Q" isExecutable="true"><bpmn:startEvent id="QS"/>'
    + f'<bpmn:endEvent id="QE">{mapped(("=&quot;over&quot;", "result"))}</bpmn:endEvent>'
    + '<bpmn:sequenceFlow id="QSE" sourceRef="QS" targetRef="QE"/>'
)
CALL = (
    '<bpmn:extensionElements><zeebe:calledElement processId="Q" propagateAllChildVariables="{0}"/>{1}'
    "</bpmn:extensionElements>"
)
RESULT = '<zeebe:ioMapping><zeebe:output source="=result" target="result"/></zeebe:ioMapping>'


@pytest.mark.parametrize("call", [CALL.format("false", RESULT), CALL.format("true", "")])
def test_each_event_maps_once(call: str) -> None:
    sim = Sim(program_of(MODEL.replace("{call}", call)), {})
    for step in ("+PT1H", "[A]", "$n=3", '$result="over"'):
        sim.step(step)
