"""Constructs written from the standard's text: several definitions, ad-hoc, transactions, data, conditions, what is refused."""

from __future__ import annotations

import pytest

from tests.runner.notation import DEF, body, comp, each, on, play, sub, task

ABZ = body("u:A u:B", "")
M, M2, G = DEF["msg"].format("m"), DEF["msg"].format("m2"), DEF["sig"].format("g")
T = DEF["dur"].format("P1D")


def event(kind: str, name: str, inner: str, attributes: str = "") -> str:
    return f'<bpmn:{kind} id="{name}" {attributes}>{inner}</bpmn:{kind}>'


def adhoc(inner: str, condition: str = "", attributes: str = "", extension: str = "") -> str:
    until = f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>" if condition else ""
    more = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>" if extension else ""
    return f'<bpmn:adHocSubProcess id="Q" {attributes}>{more}{inner}{until}</bpmn:adHocSubProcess>'


def around(raw: str, nodes: str = "s:S u:Z e:E", flows: str = "S>Q>Z>E") -> str:
    return body(nodes, flows, raw)


def io(*pairs: tuple[str, str, str]) -> str:
    return (
        "<bpmn:extensionElements><zeebe:ioMapping>"
        + "".join(f'<zeebe:{kind} source="{source}" target="{target}"/>' for kind, source, target in pairs)
        + "</zeebe:ioMapping></bpmn:extensionElements>"
    )


def script(name: str, result: str, text: str) -> str:
    return (
        f'<bpmn:scriptTask id="{name}"><bpmn:extensionElements><zeebe:script expression="={text}" '
        f'resultVariable="{result}"/></bpmn:extensionElements></bpmn:scriptTask>'
    )


CASES = [
    (
        "several definitions: whichever comes first is caught",
        [
            (
                body("s:S u:A e:E", "S>C>A>E", event("intermediateCatchEvent", "C", M + G + T)),
                steps,
            )
            for steps in (
                "[] ?message,signal,timer ~m [A] ? A .",
                "^g [A] ? A .",
                "+P1D [A] ? A .",
            )
        ]
        + [
            (
                body(
                    "s:S v:V c:D?msg.m2 u:A u:B e:E",
                    "S>V; V>C>A>E; V>D>B>E",
                    event("intermediateCatchEvent", "C", M + G),
                ),
                steps,
            )
            for steps in ("^g [A] ? A .", "~m2 [B] ? B .")
        ]
        + [
            (
                body(
                    "s:S p:F p:J u:K u:A e:E",
                    "S>F; F>C>J; F>K>J; J>A>E",
                    event("intermediateCatchEvent", "C", M + G),
                ),
                "~m [K] K [A] A .",
            ),
        ],
    ),
    (
        "several definitions at a boundary: any interrupts; not interrupting, each happens again",
        [
            (
                body(
                    "s:S u:A u:B e:E", "S>A>E; X>B>E", event("boundaryEvent", "X", M + G, 'attachedToRef="A"')
                ),
                "^g [B] ? B .",
            ),
            (
                body(
                    "s:S u:A u:B e:E",
                    "S>A>E; X>B>E",
                    event("boundaryEvent", "X", M + G, 'attachedToRef="A" cancelActivity="false"'),
                ),
                "^g [A,B] ~m [A,B,B] ^g [A,B,B,B] A B B B .",
            ),
        ],
    ),
    (
        "several definitions start an event sub-process and are thrown together",
        [
            (
                body(
                    "s:S u:A e:E",
                    "S>A>E",
                    sub(
                        "X",
                        event("startEvent", "Xs", M + G) + body("u:H e:XE", "Xs>H>XE"),
                        'triggeredByEvent="true"',
                    ),
                ),
                steps,
            )
            for steps in ("~m [H] ? H .", "^g [H] ? H .")
        ]
        + [
            (
                body(
                    "s:S p:F c:W?sig.g u:A u:B e:E b:Y@Q!?esc.q u:N",
                    "S>F; F>W>A>E; F>Q>B>E; Y>N>E",
                    sub(
                        "Q",
                        body(
                            "s:IS e:IE",
                            "IS>O>IE",
                            event("intermediateThrowEvent", "O", G + DEF["esc"].format("q")),
                        ),
                    ),
                ),
                "[A,B,N] A B N .",
            ),
        ],
    ),
    (
        "ad hoc: all open at once, over when all is done",
        [
            (around(adhoc(ABZ)), "[A,B] B [A] A [Z] Z ."),
            (around(adhoc("")), "[Z] Z ."),
            (around(adhoc(body("u:A u:B u:C", "A>B"))), "[A,C] A [B,C] C B [Z]"),
        ],
    ),
    (
        "ad hoc: the condition ends it after an activity, cancelling the rest or waiting for it",
        [
            (around(adhoc(ABZ, "= enough = true")), "[A,B] A{enough=true} [Z] Z ."),
            (around(adhoc(body("u:A u:B u:C", "A>C"), "= enough = true")), "A{enough=true} [Z] Z ."),
            (
                around(
                    adhoc(body("u:A u:B u:C", "A>C"), "= enough = true", 'cancelRemainingInstances="false"')
                ),
                "A{enough=true} [B] B [Z] Z .",
            ),
            (around(adhoc(ABZ, "= enough = true")), "A{enough=false} [B] B [A,B] B{enough=true} [Z]"),
        ],
    ),
    (
        "ad hoc: one after another; chosen by a list of ids",
        [
            (around(adhoc(ABZ, attributes='ordering="Sequential"')), "[A] A [B] B [Z] Z ."),
            (
                around(adhoc(body("u:A u:B u:C", "A>C"), attributes='ordering="Sequential"')),
                "[A] A [C] C [B] B [Z]",
            ),
            (around(adhoc(ABZ, "= x = 1", attributes='ordering="Sequential"')), "[A] A{x=1} [Z]"),
            (
                around(adhoc(ABZ, extension='<zeebe:adHoc activeElementsCollection="=chosen"/>')),
                "[B] B [Z]",
                {"chosen": ["B"]},
            ),
            (
                around(adhoc(body("k:K?x=1 k:L?y=2", ""), "= x = 1", 'ordering="Sequential"')),
                "[Z] $x=1 $y=null",
            ),
        ],
    ),
    (
        "transaction: runs as a sub-process; cancelled, it compensates what was done and leaves by its cancel boundary",
        [
            (
                body(
                    "s:S u:Z u:H e:E",
                    "S>Q>Z>E; X>H>E",
                    f'<bpmn:transaction id="Q">{body("s:IS u:A u:B x:G e:IE", "IS>A>B>G; G>IE*; G>N[bad = true]", comp("A", "B"))}'
                    + event("endEvent", "N", "<bpmn:cancelEventDefinition/>")
                    + "</bpmn:transaction>"
                    + event("boundaryEvent", "X", "<bpmn:cancelEventDefinition/>", 'attachedToRef="Q"'),
                ),
                steps,
            )
            for steps in ("A B [Z] Z .", "A B{bad=true} [unB] unB [unA] unA [H] H .")
        ],
    ),
    (
        "send task throws its message; a job where a worker sends it",
        [
            (
                body(
                    "s:S p:F c:W?msg.m u:A u:B e:E",
                    "S>F; F>W>A>E; F>N>B>E",
                    '<bpmn:sendTask id="N" messageRef="m"/>',
                ),
                "[B] B",
            ),
            (
                body(
                    "s:S e:E",
                    "S>N>E",
                    '<bpmn:sendTask id="N" messageRef="m"><bpmn:extensionElements><zeebe:taskDefinition type="sms"/>'
                    "</bpmn:extensionElements></bpmn:sendTask>",
                ),
                "[N] N .",
            ),
        ],
    ),
    (
        "a condition that holds for a moment only is seen",
        [
            (
                body(
                    "s:S k:K?n=5 k:L?n=0 u:Z e:E u:H e:E2",
                    "S>Q>Z>E; B>H>E2",
                    sub(
                        "Q", body("s:IS e:IE", "IS>K1>L1>IE", script("K1", "n", "5") + script("L1", "n", "0"))
                    )
                    + event("boundaryEvent", "B", DEF["cond"].format("n = 5"), 'attachedToRef="Q"'),
                )
                .replace('<bpmn:scriptTask id="K"><bpmn:script>n=5</bpmn:script></bpmn:scriptTask>', "")
                .replace('<bpmn:scriptTask id="L"><bpmn:script>n=0</bpmn:script></bpmn:scriptTask>', ""),
                "[H] $n=5 H .",
            )
        ],
    ),
    (
        "mapping: targets with dots make contexts and keep what is there; locals stay local",
        [
            (
                body("s:S e:E u:Z", "S>A>Z>E", task("A", io(("output", "= v", "person.address.town")))),
                'A{v=3} $person={"name":"甲","address":{"town":3}} $v=null',
                {"person": {"name": "甲"}},
            ),
            (
                body("s:S e:E u:Z", "S>A>Z>E", task("A", io(("input", "= x + 1", "y")))),
                "A{y=9;w=1} $y=null $w=1",
                {"x": 1},
            ),
        ],
    ),
    (
        "data objects: carried by associations, alive as long as their scope",
        [
            (
                body(
                    "s:S e:E u:Z",
                    "S>A>Z>E",
                    '<bpmn:dataObject id="o"/><bpmn:dataObjectReference id="r" name="Report" dataObjectRef="o"/>'
                    + task(
                        "A",
                        '<bpmn:ioSpecification><bpmn:dataOutput id="out" name="text"/><bpmn:inputSet/><bpmn:outputSet/></bpmn:ioSpecification>'
                        '<bpmn:dataOutputAssociation id="a1"><bpmn:sourceRef>out</bpmn:sourceRef><bpmn:targetRef>r</bpmn:targetRef></bpmn:dataOutputAssociation>',
                    ),
                ),
                'A{text="t"} $Report="t"',
            ),
            (
                body(
                    "s:S e:E u:Z",
                    "S>A>Z>E",
                    '<bpmn:dataObject id="o" name="n"/>'
                    + task(
                        "A",
                        '<bpmn:dataOutputAssociation id="a1"><bpmn:targetRef>o</bpmn:targetRef>'
                        "<bpmn:transformation>= v * 2</bpmn:transformation></bpmn:dataOutputAssociation>",
                    ),
                ),
                "A{v=4} $n=8",
            ),
            (
                around(
                    sub(
                        "Q",
                        body("s:IS u:A e:IE", "IS>A>IE", '<bpmn:dataObject id="inner"/>'),
                    )
                ),
                "A{inner=1;outer=2} [Z] $inner=null $outer=2",
            ),
            (
                body(
                    "s:S e:E",
                    "S>A>E",
                    '<bpmn:dataObject id="o" name="names" isCollection="true"/><bpmn:dataObject id="r" name="answers"/>'
                    + task(
                        "A",
                        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>o</bpmn:loopDataInputRef>"
                        '<bpmn:loopDataOutputRef>r</bpmn:loopDataOutputRef><bpmn:inputDataItem id="who"/>'
                        '<bpmn:outputDataItem id="said"/></bpmn:multiInstanceLoopCharacteristics>',
                    ),
                ),
                '[A,A] A{said="x"} A{said="y"} $answers=["x","y"] $said=null .',
                {"names": ["甲", "乙"]},
            ),
        ],
    ),
    (
        "send back and come straight again; not where others must go every step too",
        [
            (body("s:S u:A u:B u:C u:D e:E", "S>A>B>C>D>E"), "A B C D<=A [A] A [D] D ."),
            (body("s:S u:A u:B u:C u:D e:E", "S>A>B>C>D>E"), "A B C D<=B B{x=1} [D] D<A A [B] B [C]"),
            (
                body("s:S u:T p:F u:A u:B u:C p:J u:D e:E", "S>T>F; F>A>B>J; F>C>J; J>D>E"),
                "T A !B<=T B<=A [A,C] A [B,C] B C D .",
            ),
        ],
    ),
    (
        "jump: forward, backward, not past a join that would starve",
        [
            (body("s:S u:A u:B u:C e:E", "S>A>B>C>E"), "A>C [C] C>A [A] !A>S !A>X A>B B C ."),
            (
                body("s:S u:T p:F u:A u:B u:C p:J u:D e:E", "S>T>F; F>A>B>J; F>C>J; J>D>E"),
                "T A>B [B,C] !B>D !B>T B C D>T [T] T [A,C]",
            ),
        ],
    ),
    (
        "what may not run is refused",
        [
            (xml, "Refused")
            for xml in (
                body("s:S x:X u:A u:B e:E", "S>X; X>A>E; X>B>E"),
                body("s:S p:X u:A u:B e:E", "S>X; X>A[a = 1]; X>B; A>E; B>E"),
                body("s:S s:S2 u:A e:E", "S>A>E; S2>A"),
                body("s:S e:E", "S>Q>E", sub("Q", event("startEvent", "IS", M) + body("e:IE", "IS>IE"))),
                body("s:S e:E?dur.P1D", "S>E"),
                body("s:S h:H?dur.P1D e:E", "S>H>E"),
                body("s:S u:A b:B@A!?err.r1 e:E", "S>A>E; B>E"),
                body("s:S c:C e:E", "S>C>E"),
                body("e:E", "S>E", event("startEvent", "S", DEF["cond"].format("x = 1"))),
                body(
                    "s:S e:E", "S>C>E", event("intermediateCatchEvent", "C", M + G, 'parallelMultiple="true"')
                ),
                body("s:S e:E", "S>A>E", '<bpmn:userTask id="A" startQuantity="2"/>'),
                body(
                    "s:S e:E",
                    "S>A>E",
                    task(
                        "A",
                        each().replace(
                            "<bpmn:multiInstanceLoopCharacteristics",
                            '<bpmn:multiInstanceLoopCharacteristics behavior="One"',
                        ),
                    ),
                ),
                body("v:V c:C?msg.m c:D?msg.m2 e:E", "V>C>E; V>D>E").replace(
                    'id="V"', 'id="V" instantiate="true"'
                ),
                body("s:S e:E", "S>Q>E", sub("Q", event("endEvent", "N", "<bpmn:cancelEventDefinition/>"))),
                body("s:S u:A e:E", "S>A>E; A>X", on("X", "msg.m")),
            )
        ],
    ),
]


@pytest.mark.parametrize(("runs",), [pytest.param(runs, id=name) for name, runs in CASES])
def test_construct(runs: list[tuple[str, ...]]) -> None:
    for xml, steps, *variables in runs:
        play(xml, steps, variables[0] if variables else {})  # type: ignore[arg-type]
