"""For every rule a wrong drawing it finds and a right one it leaves in peace; its page in the docs; its English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.bundle import bundle_of
from engine.lint import RULES, lint_bundle, load_posts
from engine.lint.finding import Finding
from engine.terms_file import load_terms
from tests.conftest import PROCESSES
from tests.engine.models import HEAD, bundle, extension, flow, form, job, user_task

DOCS = Path(__file__).parents[2] / "docs" / "lint"
TERMS, POSTS = load_terms(PROCESSES / "terms.toml"), load_posts(PROCESSES / "posts.toml")
ZH = re.compile(r"[\u4e00-\u9fff]")


def gate(kind: str, element: str, name: str = "问？", more: str = "") -> str:
    return f'<bpmn:{kind}Gateway id="{element}" name="{name}" {more}/>'


def when(source: str, target: str, condition: str) -> str:
    inner = f"<bpmn:conditionExpression>={condition}</bpmn:conditionExpression>"
    return f'<bpmn:sequenceFlow id="{source}_{target}" name="是" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def timer(element: str, host: str, text: str) -> str:
    return (
        f'<bpmn:boundaryEvent id="{element}" attachedToRef="{host}" cancelActivity="false"><bpmn:timerEventDefinition>'
        f"<bpmn:timeDate>{text}</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )


def stage(*inner: str, term: str = "relief.survey") -> str:
    """A sub-process under a term, its tasks with terms of their own and the timers they need."""
    names = [f"t{n}" for n in range(len(inner))]
    tasks = "".join(
        user_task(name, term=key) + timer(f"late_{name}", name, f"=deadline(&quot;{key}&quot;)") + user_task(f"told_{name}")
        + f'<bpmn:endEvent id="end_{name}"/>' + flow(f"late_{name}", f"told_{name}", f"end_{name}")
        for name, key in zip(names, inner, strict=True)
    )  # fmt: skip
    ends = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'
    guard = (
        timer("late", "stage", f"=deadline(&quot;{term}&quot;)")
        + user_task("told")
        + flow("late", "told", "end")
    )
    return (
        f'<bpmn:subProcess id="stage" name="stage">{extension(term=term)}{ends}{tasks}{flow("s2", *names, "e2")}</bpmn:subProcess>'
        + guard
        + flow("start", "stage", "end")
    )


SHAPES = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">'
    '<bpmndi:BPMNPlane bpmnElement="p">{}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
)


def drawn(*places: tuple[str, int, int]) -> bytes:
    """A line of two tasks with shapes at these places."""
    body = user_task("a") + user_task("b") + flow("start", "a", "b", "end")
    ends = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
    shapes = "".join(
        f'<bpmndi:BPMNShape bpmnElement="{key}"><dc:Bounds x="{x}" y="{y}" width="100" height="80"/></bpmndi:BPMNShape>'
        for key, x, y in places
    )
    model = f'{HEAD}<bpmn:process id="p" name="p" isExecutable="true">{ends}{body}</bpmn:process>'
    return (model + SHAPES.format(shapes) + "</bpmn:definitions>").encode()


LINE = user_task("a") + flow("start", "a", "end")
FORM = {"type": "number", "key": "amount", "label": "金额"}
ASKED = user_task("a", '<zeebe:formDefinition formId="f"/>')
FORK = gate("parallel", "f") + user_task("a") + user_task("b")
CHOICE = (
    gate("exclusive", "x", more='default="x_b"')
    + user_task("a")
    + user_task("b")
    + when("x", "a", "amount &gt; 1")
)
DATA = '<zeebe:formDefinition formId="f"/>'
SIGNAL = '<bpmn:signal id="g" name="heard"/>'
THROW = '<bpmn:intermediateThrowEvent id="throw"><bpmn:signalEventDefinition signalRef="g"/></bpmn:intermediateThrowEvent>'
CATCH = '<bpmn:intermediateCatchEvent id="catch"><bpmn:signalEventDefinition signalRef="g"/></bpmn:intermediateCatchEvent>'
ERROR = '<bpmn:boundaryEvent id="bad" attachedToRef="{}"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>'
THREE = (
    gate("exclusive", "x", more='default="x_c"') + user_task("a") + user_task("b") + user_task("c")
    + when("x", "a", "{}") + when("x", "b", "{}") + flow("start", "x", "c", "end") + flow("a", "end") + flow("b", "end")
)  # fmt: skip
CONDITIONAL = (
    '<bpmn:boundaryEvent id="n" attachedToRef="a" cancelActivity="false"><bpmn:conditionalEventDefinition><bpmn:condition>={}</bpmn:condition>'
    '</bpmn:conditionalEventDefinition></bpmn:boundaryEvent><bpmn:task id="m" name="m"/>'
) + flow("n", "m", "end")
LOOPED = LINE.split("<bpmn:sequenceFlow")[0].replace(
    "</bpmn:userTask>",
    "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>={}</bpmn:loopCondition></bpmn:standardLoopCharacteristics></bpmn:userTask>",
)
AFTER = '<bpmn:intermediateCatchEvent id="after" name="到时"><bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>'


TWICE = (
    bundle("p", LINE)
    .files["p.bpmn"]
    .replace(
        b"</bpmn:definitions>",
        b"<bpmn:process id='o'><bpmn:task id='a' name='a'/></bpmn:process></bpmn:definitions>",
    )
)
MAPPED = job("a", "x.a", '<zeebe:ioMapping><zeebe:input source="{}" target="scheme"/></zeebe:ioMapping>')
XPATH = (
    bundle("p", CHOICE.replace(">=amount", ">amount") + flow("start", "x", "b", "end") + flow("a", "end"))
    .files["p.bpmn"]
    .replace(b" targetNamespace=", b' expressionLanguage="urn:xpath" targetNamespace=')
)
UNDO = (
    user_task("a")
    + '<bpmn:intermediateThrowEvent id="undo" name="撤销"><bpmn:compensateEventDefinition/></bpmn:intermediateThrowEvent>'
)
LINE_TO_UNDO = flow("start", "a", "undo", "end")
UNDONE = (
    '<bpmn:boundaryEvent id="c" attachedToRef="a"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
    + user_task("back").replace("<bpmn:userTask ", '<bpmn:userTask isForCompensation="true" ')
    + '<bpmn:association id="as" sourceRef="c" targetRef="back"/>'
)
STARTLESS = (
    bundle("p", user_task("a") + flow("a", "end"))
    .files["p.bpmn"]
    .replace(b'<bpmn:startEvent id="start"/>', b"")
)


def thrown(kind: str, code: str) -> str:
    """An end event that throws; the code stands in a definition of its own."""
    return (
        f'<bpmn:endEvent id="x" name="抛出"><bpmn:{kind}EventDefinition {kind}Ref="{code}"/></bpmn:endEvent>'
    )


def guard(kind: str, code: str) -> str:
    """A boundary event of the sub-process `q`; without code it catches all."""
    reference = f'{kind}Ref="{code}"' if code else ""
    made = f'<bpmn:boundaryEvent id="b" attachedToRef="q"><bpmn:{kind}EventDefinition {reference}/></bpmn:boundaryEvent>'
    return made + user_task("told") + flow("b", "told", "end")


def handler(kind: str, code: str) -> str:
    """An event sub-process beside the thrower."""
    start = f'<bpmn:startEvent id="hs" isInterrupting="false"><bpmn:{kind}EventDefinition {kind}Ref="{code}"/></bpmn:startEvent>'
    rest = user_task("handled") + '<bpmn:endEvent id="he"/>' + flow("hs", "handled", "he")
    return f'<bpmn:subProcess id="h" name="h" triggeredByEvent="true">{start}{rest}</bpmn:subProcess>'


def inside(*what: str) -> str:
    """A sub-process `q` with one task before the end event."""
    begin = '<bpmn:startEvent id="qs"/>' + user_task("qa") + flow("qs", "qa", "x")
    return f'<bpmn:subProcess id="q" name="q">{begin}{"".join(what)}</bpmn:subProcess>'


CODES = "".join(
    f'<bpmn:{kind} id="{code}" name="{code}" {kind}Code="{code}"/>'
    for kind, code in (("error", "lost"), ("error", "other"), ("escalation", "late"))
)


def pools(source: str, target: str) -> bytes:
    """A pool with a line of two tasks and a decision, a pool without a process, and a message flow."""
    body = CHOICE + flow("start", "x", "b", "end") + flow("a", "end")
    model = bundle("p", body).files["p.bpmn"].decode()
    drawn_ = (
        '<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="p" name="镇街"/><bpmn:participant id="other" name="申请人"/>'
        f'<bpmn:messageFlow id="mf" sourceRef="{source}" targetRef="{target}"/></bpmn:collaboration>'
    )
    return model.replace("<bpmn:process", drawn_ + "<bpmn:process", 1).encode()


SUITE: dict[str, tuple[tuple[str | bytes, ...], tuple[str | bytes, ...]]] = {
    "not-runnable": ((LINE + '<bpmn:complexGateway id="g"/>', LINE + user_task("alone")), (LINE,)),
    "open-question": (
        (gate("exclusive", "x") + user_task("a") + user_task("b") + flow("start", "x", "a", "end") + flow("x", "b", "end"),),
        (CHOICE + flow("start", "x", "b", "end") + flow("a", "end"),),
    ),
    "stuck": (
        (CHOICE + gate("parallel", "j") + flow("start", "x", "b", "j", "end") + flow("a", "j"),),
        (FORK + gate("parallel", "j") + flow("start", "f", "a", "j", "end") + flow("f", "b", "j"),),
    ),
    "broken-reference": ((user_task("a", '<zeebe:formDefinition formId="nowhere"/>') + flow("start", "a", "end"), TWICE), (ASKED + flow("start", "a", "end"),)),
    "routing": ((user_task("a", post="grid_worker") + flow("start", "a", "end"),), (LINE,)),
    "legal-time": (
        (user_task("a", term="relief.survey") + flow("start", "a", "end"), user_task("a", term="relief.survy") + flow("start", "a", "end")),
        (user_task("a", term="relief.survey") + timer("late", "a", "=deadline(&quot;relief.survey&quot;)") + user_task("told") + flow("start", "a", "end") + flow("late", "told", "end"),),
    ),
    "stage-time": ((stage("relief.survey", "survey.assign"),), (stage("survey.assign", "survey.assign"),)),
    "expression": ((user_task("a", recuse="=aktors(1)") + flow("start", "a", "end"), MAPPED.format("bearer") + flow("start", "a", "end"), XPATH), (user_task("a", recuse="=actors(&quot;a&quot;)") + flow("start", "a", "end"), MAPPED.format("=bearer") + flow("start", "a", "end"), XPATH.replace(b"Expression>amount", b"Expression>=amount"))),
    "type-error": (
        (user_task("a", recuse="=&quot;a&quot; + 1") + flow("start", "a", "end"), gate("exclusive", "g", more='default="g_end"') + user_task("a") + flow("start", "g", "end") + when("g", "a", "1 + 1") + flow("a", "end")),
        (gate("exclusive", "g", more='default="g_end"') + user_task("a") + flow("start", "g", "end") + when("g", "a", "amount + 1 &gt; 2") + flow("a", "end"),),
    ),
    "data-flow": (
        (ASKED + CHOICE.replace("amount &gt;", "amuont &gt;").replace(user_task("a"), "").replace('targetRef="a"', 'targetRef="c"').replace("x_a", "x_c") + user_task("c") + flow("start", "a", "x", "b", "end") + flow("c", "end"),),
        (ASKED + CHOICE.replace(user_task("a"), "").replace('targetRef="a"', 'targetRef="c"').replace("x_a", "x_c") + user_task("c") + flow("start", "a", "x", "b", "end") + flow("c", "end"),),
    ),
    "event-misuse": (
        (LINE + ERROR.format("a") + user_task("b") + flow("bad", "b", "end"), THROW + flow("start", "throw", "end"), UNDO + LINE_TO_UNDO, inside('<bpmn:endEvent id="x"/>') + guard("error", "lost") + flow("start", "q", "end")),
        (UNDO + LINE_TO_UNDO + UNDONE, inside(job("j", "x.j") + '<bpmn:endEvent id="x"/>').replace(flow("qs", "qa", "x"), flow("qs", "qa", "j", "x")) + guard("error", "lost") + flow("start", "q", "end"), job("a", "x.a") + ERROR.format("a") + user_task("b") + flow("start", "a", "end") + flow("bad", "b", "end"), THROW + CATCH + user_task("a") + gate("parallel", "f") + flow("start", "f", "a", "throw", "end") + '<bpmn:endEvent id="e2"/>' + flow("f", "catch", "e2")),
    ),
    "implicit-flow": (
        (user_task("a") + user_task("b") + flow("start", "a", "end") + flow("a", "b", "end"),),
        (user_task("c") + FORK + gate("parallel", "j") + flow("start", "c", "f", "a", "j", "end") + flow("f", "b", "j"),),
    ),
    "gateway-shape": (
        (gate("exclusive", "g") + LINE.replace("start_a", "x").replace('sourceRef="start" targetRef="a"', 'sourceRef="g" targetRef="a"') + flow("start", "g"),),
        (LINE,),
    ),
    "missing-end": ((LINE + gate("parallel", "f") + user_task("b") + flow("a", "f", "b"), STARTLESS), (LINE,)),
    "flow-condition": (
        (
            CHOICE.replace('default="x_b"', 'default="x_a"') + flow("start", "x", "b", "end") + flow("a", "end"),
            user_task("a") + when("start", "a", "amount &gt; 1") + flow("a", "end"),
            user_task("a") + flow("start", "a") + when("a", "end", "amount &gt; 1"),
        ),
        (CHOICE + flow("start", "x", "b", "end") + flow("a", "end"),),
    ),
    "dead-branch": (
        (
            THREE.format("amount &gt; 500", "amount &gt; 1000"),
            THREE.format("true", "amount &gt; 1"),
            THREE.format("amount &gt; 5", "amount &gt; 1 and amount &lt; 1"),
            user_task("a") + CONDITIONAL.format("1 &gt; 2") + flow("start", "a", "end"),
            LOOPED.format("true") + flow("start", "a", "end"),
        ),
        (
            THREE.format("amount &gt; 1000", "amount &gt; 500"),
            user_task("a") + CONDITIONAL.format("amount &gt; 2") + flow("start", "a", "end"),
            LOOPED.format("amount &gt; 2") + flow("start", "a", "end"),
        ),
    ),
    "uncaught": (
        (
            inside(thrown("error", "lost")) + flow("start", "q", "end"),
            inside(thrown("error", "lost")) + guard("error", "other") + flow("start", "q", "end"),
            inside(thrown("escalation", "late")) + flow("start", "q", "end"),
        ),
        (
            inside(thrown("error", "lost")) + guard("error", "lost") + flow("start", "q", "end"),
            inside(thrown("error", "lost")) + guard("error", "") + flow("start", "q", "end"),
            inside(thrown("escalation", "late"), handler("escalation", "late")) + flow("start", "q", "end"),
        ),
    ),
    "event-gateway": (
        (
            gate("eventBased", "v") + CATCH + flow("start", "v", "catch", "end"),
            gate("eventBased", "v") + CATCH + AFTER + user_task("a") + gate("parallel", "f") + flow("start", "f", "v", "catch", "end") + flow("v", "after", "end") + flow("f", "a", "catch"),
        ),
        (gate("eventBased", "v") + CATCH + AFTER + flow("start", "v", "catch", "end") + flow("v", "after", "end"),),
    ),
    "message-flow": (
        (pools("a", "b"), pools("x", "other"), pools("a", "nowhere"), pools("other", "end")),
        (pools("a", "other"), pools("pool", "other"), pools("other", "a")),
    ),
    "unknown-property": ((user_task("a", teir="town") + flow("start", "a", "end"),), (LINE,)),
    "naming": ((LINE.replace('name="a"', ""),), (LINE,)),
}  # fmt: skip


def findings(body: str | bytes) -> list[Finding]:
    files = {"f__form": form("f", "s", FORM)}
    made = (
        bundle_of("p", {"p.bpmn": body})
        if isinstance(body, bytes)
        else bundle(
            "p",
            body,
            (SIGNAL if "signalRef" in body else "") + CODES,
            **(files if 'formId="f"' in body else {}),
        )
    )
    found = lint_bundle(made, terms=TERMS, posts=POSTS)
    for one in found:
        assert one.message_en, one
        assert one.remedy_en, one
        assert not ZH.search(re.sub(r"“.*?”|→ .*|: .*", "", one.message_en)), one.message_en
        assert not ZH.search(one.remedy_en), one.remedy_en
    return found


@pytest.mark.parametrize(
    ("rule", "body"), [(rule, body) for rule, (wrong, _) in SUITE.items() for body in wrong]
)
def test_the_wrong_drawing_is_found(rule: str, body: str | bytes) -> None:
    assert rule in {f.rule for f in findings(body)}


@pytest.mark.parametrize(
    ("rule", "body"), [(rule, body) for rule, (_, right) in SUITE.items() for body in right]
)
def test_the_right_drawing_is_left_in_peace(rule: str, body: str | bytes) -> None:
    assert [f for f in findings(body) if f.rule == rule] == []


PLACED = (("start", 0, 0), ("a", 150, 0), ("b", 300, 0), ("end", 450, 0))


def test_shapes_on_shapes_are_hard_to_read() -> None:
    assert [f.rule for f in findings(drawn(*PLACED))] == []
    over = findings(drawn(("start", 0, 0), ("a", 150, 0), ("b", 200, 30), ("end", 450, 0)))
    assert [(f.rule, f.element) for f in over] == [("readability", "b")]


def test_a_node_outside_its_lane_and_a_flow_through_another_node() -> None:
    lanes = '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="镇"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
    shape = '<bpmndi:BPMNShape bpmnElement="l"><dc:Bounds x="0" y="200" width="600" height="100"/></bpmndi:BPMNShape>'
    edge = (
        '<bpmndi:BPMNEdge xmlns:di="http://www.omg.org/spec/DD/20100524/DI" bpmnElement="start_a"><di:waypoint x="50" y="40"/>'
        '<di:waypoint x="440" y="40"/><di:waypoint x="160" y="40"/></bpmndi:BPMNEdge>'
    )
    text = drawn(*PLACED).decode()
    text = text.replace('<bpmn:startEvent id="start"/>', lanes + '<bpmn:startEvent id="start"/>', 1)
    text = text.replace("</bpmndi:BPMNPlane>", shape + edge + "</bpmndi:BPMNPlane>")
    said = [(f.element, f.message_en) for f in findings(text.encode()) if f.rule == "readability"]
    assert ("a", "stands outside its lane “镇”") in said
    assert ("start", "the flow start_a runs through “b”") in said


def test_forms_nobody_shows_are_named() -> None:
    made = bundle("p", LINE, f__form=form("f", "s", FORM))
    found = lint_bundle(made, terms=TERMS, posts=POSTS)
    assert [(f.rule, f.element, f.severity) for f in found] == [("data-flow", "f", "info")]


def test_a_pause_and_a_stop_fact_take_nothing_of_the_stage() -> None:
    long = stage("relief.survey", "survey.assign")
    assert "stage-time" in {f.rule for f in findings(long)}
    paused = long.replace('<zeebe:property name="term" value="survey.assign"/>', '<zeebe:property name="term" value="survey.assign"/><zeebe:property name="pauses" value="supplement"/>')  # fmt: skip
    assert "stage-time" not in {f.rule for f in findings(paused)}
    stopped = long.replace('<zeebe:property name="term" value="survey.assign"/>', '<zeebe:property name="term" value="survey.assign"/><zeebe:property name="stops" value="relief.survey"/>')  # fmt: skip
    assert "stage-time" not in {f.rule for f in findings(stopped)}


def test_every_rule_has_a_page_with_a_wrong_and_a_right_drawing() -> None:
    named = {module.RULE for module in RULES} | {"open-question"}
    elsewhere = {"readability", "decision-table", "form"}  # `test_tables_and_forms`
    assert set(SUITE) | elsewhere == named
    assert {path.stem for path in DOCS.glob("*.md")} == named
    for path in DOCS.glob("*.md"):
        text = path.read_text()
        assert text.count("```mermaid") == 2, path.name
        assert "## Wrong" in text
        assert "## Right" in text
