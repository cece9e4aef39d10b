"""What files of other tools hold and the standard means: mended in the reader and runner, each with a wrong neighbour."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.errors import ModelRefused
from engine.reader import read
from engine.runner import compile_program
from tests.runner.notation import EXTRA, HEAD, Sim, body, comp, on, play, program_of, sub

NOTE = '<bpmn:textAnnotation id="n"/><bpmn:association id="an" sourceRef="cA" targetRef="n"/>'
UNDONE = body("s:S u:A h:T?undo. e:E", "S>A>T>E", NOTE + comp("A"))
BACKWARDS = UNDONE.replace('sourceRef="cA" targetRef="unA"', 'sourceRef="unA" targetRef="cA"')
SECOND = '<bpmn:userTask id="unB" isForCompensation="true"/><bpmn:association id="as2" sourceRef="cA" targetRef="unB"/>'


def refused(xml: str, extra: str = "") -> list[tuple[str, str]]:
    file = f'{HEAD}{EXTRA}{extra}<bpmn:process id="P">{xml}</bpmn:process></bpmn:definitions>'
    with pytest.raises(ModelRefused) as found:
        compile_program(read(file.encode()).processes)
    return [(r.element, r.message) for r in found.value.refusals]


@pytest.mark.parametrize(
    ("length", "due"),
    [
        ("P1M2DT3H", datetime(2026, 4, 4, 12, tzinfo=UTC)),
        ("P0Y0M0DT0H0M2S", datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)),
        ("P1Y", datetime(2027, 3, 2, 9, tzinfo=UTC)),
        ("P2W", datetime(2026, 3, 16, 9, tzinfo=UTC)),
    ],
)
def test_a_duration_may_name_months_and_days(length: str, due: datetime) -> None:
    """ISO 8601 knows one kind of duration, FEEL two."""
    sim = Sim(program_of(body(f"s:S c:C?dur.{length} e:E", "S>C>E")), {})
    assert [w.due for w in sim.waiting.values()] == [due]


def test_a_cycle_of_months_and_days_goes_on() -> None:
    sim = Sim(program_of(body("s:S u:A b:B@A!?cyc.R/P1MT1H u:N e:E", "S>A>E; B>N>E")), {})
    sim.step("+P40D")
    assert [w.due for w in sim.waiting.values() if w.due] == [datetime(2026, 5, 2, 11, tzinfo=UTC)]


@pytest.mark.parametrize("length", ["P1M2DT", "P1DT3H2M1", "P", "P1H", "P1D2M"])
def test_what_is_no_duration_is_refused(length: str) -> None:
    ((element, message),) = refused(body(f"s:S c:C?dur.{length} e:E", "S>C>E"))
    assert (element, length in message) == ("C", True)


def test_a_default_flow_alone_is_taken() -> None:
    play(body("s:S u:A u:B e:E", "S>A; A>B*; B>E"), "[A] A [B] B .", {})


def test_a_default_flow_where_the_standard_knows_none_is_refused() -> None:
    assert refused(body("s:S p:P u:A u:B", "S>P; P>A*; P>B")) == [("P", "这里不能有默认连线")]


@pytest.mark.parametrize("xml", [UNDONE, BACKWARDS])
def test_a_note_at_a_compensation_event_is_no_handler_and_the_line_may_be_drawn_backwards(xml: str) -> None:
    play(xml, "[A] A [unA] unA .", {})


def test_two_handlers_of_one_compensation_event_are_refused() -> None:
    assert refused(UNDONE + SECOND) == [("cA", "补偿边界事件连接了几个补偿任务")]


def test_a_handler_in_another_scope_is_refused() -> None:
    inner = sub(
        "Q", body("s:IS u:IA e:IE", "IS>IA>IE") + '<bpmn:userTask id="unA" isForCompensation="true"/>'
    )
    event = (
        '<bpmn:boundaryEvent id="cA" attachedToRef="A"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
    )
    line = '<bpmn:association id="as" sourceRef="cA" targetRef="unA"/>'
    found = refused(body("s:S u:A e:E", "S>A>Q>E", inner + event + line))
    assert found == [("cA", "补偿任务与它所补偿的活动不在同一层")]


def test_two_catching_links_of_one_name_are_refused() -> None:
    found = refused(body("s:S h:T?link.w c:L1?link.w c:L2?link.w u:A u:B e:E", "S>T; L1>A>E; L2>B>E"))
    assert found == [("L2", "有两个同名的链接捕获事件，不知接到哪一个")]


def test_a_flow_over_a_border_says_which_border() -> None:
    inner = sub("Q", body("s:IS u:IA e:IE", "IS>IA>IE"))
    crossing = '<bpmn:sequenceFlow id="over" sourceRef="A" targetRef="IA"/>'
    assert ("over", "连线穿过了子流程的边界") in refused(body("s:S u:A e:E", "S>A>Q>E", inner + crossing))
    away = '<bpmn:sequenceFlow id="away" sourceRef="A" targetRef="Z"/>'
    other = '<bpmn:process id="O"><bpmn:userTask id="Z"/></bpmn:process>'
    assert refused(body("s:S u:A e:E", "S>A>E", away), other) == [("away", "连线的一端不在本流程里")]


def test_two_definitions_of_one_id_are_refused() -> None:
    assert refused(body("s:S u:A e:E", "S>A>E"), '<bpmn:signal id="m" name="m"/>') == [("m", "元素 id 重复")]


def test_a_refused_event_sub_process_is_not_reported_as_unreachable_as_well() -> None:
    xml = body("s:S u:A e:E", "S>A>E", on("X", "undo."))
    assert refused(xml) == [("X", "事件子流程须有且只有一个带事件的开始")]
