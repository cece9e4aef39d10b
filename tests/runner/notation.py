"""Small models as one line of text, and cases played by commands as short as the models.

Model: `u:A b:B@A?msg.m` are nodes (`@A` a boundary event, `@A!` non-interrupting, `~` a blank), `S>A>E; G>B[x = 1]; G>C*` flows
(`*` the default). Play: `[A,B]` open tasks, `A{x=1}#2` complete, `~m` message, `^g` signal, `+P1D` time, `-T` fire a timer
early, `B<A` send back, `B<=A` and straight back again, `A>D` jump, `!…` refused, `.` ended, `?kinds` what waits, `$var=json` a variable, `%` nothing happens by itself.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine import feel
from engine.errors import Conflict, ModelRefused
from engine.reader import read
from engine.runner import advance, codec, compile_program
from engine.runner.case import Program
from engine.runner.scope import spec_of
from engine.runner.timing import plus
from engine.runner.values import (
    Command,
    Complete,
    Decided,
    Deliver,
    FireTimer,
    Jump,
    SendBack,
    Signal,
    Start,
    Status,
    WaitKind,
)

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="D" targetNamespace="urn:t">'
)
TAG = {
    "s": "startEvent",
    "e": "endEvent",
    "u": "userTask",
    "t": "task",
    "p": "parallelGateway",
    "x": "exclusiveGateway",
    "o": "inclusiveGateway",
    "v": "eventBasedGateway",
    "b": "boundaryEvent",
    "c": "intermediateCatchEvent",
    "h": "intermediateThrowEvent",
    "k": "scriptTask",
    "G": "complexGateway",
    "H": "adHocSubProcess",
}
DEF = {
    k: f"<bpmn:{v}EventDefinition " + w
    for k, v, w in (
        ("msg", "message", 'messageRef="{0}"/>'),
        ("sig", "signal", 'signalRef="{0}"/>'),
        ("err", "error", 'errorRef="{0}"/>'),
        ("esc", "escalation", 'escalationRef="{0}"/>'),
        ("end", "terminate", "/>"),
        ("undo", "compensate", "{0}/>"),
        ("link", "link", 'name="{0}"/>'),
        ("dur", "timer", "><bpmn:timeDuration>{0}</bpmn:timeDuration></bpmn:timerEventDefinition>"),
        ("cyc", "timer", "><bpmn:timeCycle>{0}</bpmn:timeCycle></bpmn:timerEventDefinition>"),
        ("cond", "conditional", "><bpmn:condition>{0}</bpmn:condition></bpmn:conditionalEventDefinition>"),
    )
} | {"ref": "<bpmn:eventDefinitionRef>{0}</bpmn:eventDefinitionRef>"}
EXTRA = (
    '<bpmn:message id="m" name="m"/><bpmn:message id="m2" name="m2"/><bpmn:signal id="g" name="g"/><bpmn:error id="r1" errorCode="1"/>'
    '<bpmn:escalation id="q" escalationCode="q"/><bpmn:messageEventDefinition id="shared" messageRef="m"/>'
)


def body(
    nodes, flows, raw=""
):  # nodes 'u:A b:B@A?msg.m' (@A! non-interrupting, ~ blank); flows 'S>A>E; G>B[x = 1]; G>C*' (* default)
    out, default = [], {}
    for n, (a, c) in enumerate(
        (a, c)
        for part in flows.split(";")
        for st in [re.split(r">(?![^[]*])", part)]
        for a, c in itertools.pairwise(st)
    ):
        (a, c), cond = (
            (x.split("[")[0].strip() for x in (a, c)),
            c.partition("[")[2].rstrip("] ").replace("<", "&lt;"),
        )
        if c.endswith("*"):
            default[a.rstrip("*")] = f"f{n}_{a.rstrip('*')}"
        out.append(
            f'<bpmn:sequenceFlow id="f{n}_{a.rstrip("*")}" sourceRef="{a.rstrip("*")}" targetRef="{c.rstrip("*")}">'
            + (f"<bpmn:conditionExpression>{cond}</bpmn:conditionExpression>" if cond else "")
            + "</bpmn:sequenceFlow>"
        )
    for kind, i, host, calm, d in re.findall(r"(\w):(\w+)(?:@(\w+)(!?))?(?:\?(\S+))?", nodes):
        d, at = (
            d.replace("~", " "),
            (f' attachedToRef="{host}" cancelActivity="{"false" if calm else "true"}"' if host else "")
            + (f' default="{default[i]}"' if i in default else ""),
        )
        inner = (
            f"<bpmn:script>{d}</bpmn:script>"
            if kind == "k"
            else DEF[d.split(".")[0]].format(d.partition(".")[2])
            if d
            else ""
        )
        out.append(f'<bpmn:{TAG[kind]} id="{i}"{at}>{inner}</bpmn:{TAG[kind]}>')
    return "".join(out) + raw


def sub(i, inner, attrs=""):
    return f'<bpmn:subProcess id="{i}" {attrs}>{inner}</bpmn:subProcess>'


def on(
    i, start, nodes="u:H e:XE", flows="H>XE", calm=False
):  # an event sub-process; its start leads to the first node of flows
    inner = body(nodes, f"{i}_s>{flows}").replace('"XE"', f'"{i}_E"')
    return sub(
        i,
        f'<bpmn:startEvent id="{i}_s" isInterrupting="{str(not calm).lower()}">{DEF[start.split(".")[0]].format(start.partition(".")[2])}</bpmn:startEvent>'
        + inner,
        'triggeredByEvent="true"',
    )


def each(cond="=false", seq="false"):
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{seq}"><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=units" inputElement="unit" '
        f'outputCollection="votes" outputElement="=vote"/></bpmn:extensionElements><bpmn:completionCondition>{cond}</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>'
    )


def task(i, inner):
    return f'<bpmn:userTask id="{i}">{inner}</bpmn:userTask>'


def comp(*names):
    return "".join(
        f'<bpmn:boundaryEvent id="c{a}" attachedToRef="{a}"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent><bpmn:userTask id="un{a}" isForCompensation="true"/>'
        f'<bpmn:association id="as{a}" sourceRef="c{a}" targetRef="un{a}"/>'
        for a in names
    )


class NoHost:
    """Nothing around."""

    def functions(self, _anchor: datetime, _variables: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    def decide(self, decision: str, _variables: Mapping[str, Any]) -> Decided:
        raise LookupError(decision)


def program_of(xml: str, extra: str = "") -> Program:
    return compile_program(
        read(
            f'{HEAD}{EXTRA}{extra}<bpmn:process id="P" isExecutable="true">{xml}</bpmn:process></bpmn:definitions>'.encode()
        ).processes
    )


class Sim:
    """One case; between commands nothing lives but its bytes."""

    def __init__(self, program: Program, variables: Mapping[str, Any]) -> None:
        self.program, self.now = program, datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.state: bytes | None = None
        self.waiting: dict[str, Any] = {}
        self.turn(Start("P", json.loads(json.dumps(variables))))

    def turn(self, command: Command) -> None:
        outcome = advance(self.program, self.state, command, self.now, document={}, host=NoHost())
        self.state, self.status, self.variables = outcome.state, outcome.status, outcome.variables
        for closed in outcome.closed:
            del self.waiting[closed.key]
        for opened in outcome.opened:
            assert opened.key not in self.waiting
            self.waiting[opened.key] = opened

    def of(self, *kinds: WaitKind) -> list[Any]:
        return [w for w in self.waiting.values() if w.kind in kinds]

    def open(self) -> list[Any]:
        return self.of(WaitKind.USER_TASK, WaitKind.JOB)

    def peek(self) -> Any:
        assert self.state is not None
        return codec.load(self.state, self.program, now=self.now, document={}, host=NoHost())

    def step(self, text: str) -> None:
        kind, rest = text[0], text[1:]
        if kind == "[":
            assert sorted(w.element for w in self.open()) == sorted(filter(None, text[1:-1].split(","))), text
        elif kind == "$":
            name, _, value = rest.partition("=")
            assert self.variables.get(name) == json.loads(value), text
        elif kind == "?":
            names = sorted(
                spec_of(t).event.kind
                for t in self.peek().live()
                if getattr(t.task_spec, "event", None) and t.state == 8
            )
            names = [{"timer": "time"}.get(n, n) for n in names]
            assert [n[:4] for n in names] == [n[:4] for n in sorted(filter(None, rest.split(",")))], (
                text,
                names,
            )
        elif text == ".":
            assert (self.status, self.open()) == (Status.COMPLETED, [])
        elif kind == "@":
            live = self.peek()
            assert sum(len(s.tasks) for s in live.scopes()) <= int(rest), text
        elif kind == "!":
            try:
                self.step(rest)
            except Conflict:
                return
            raise AssertionError(f"{rest} was not refused")
        elif kind == "%":
            before = self.state
            self.turn(Signal("nobody waits for this"))
            assert set(self.waiting) == set(self.waiting)
            assert before is not None
        elif kind == "~":
            self.turn(Deliver(next(w.key for w in self.of(WaitKind.MESSAGE) if w.name == rest), {"why": 7}))
        elif kind == "^":
            self.turn(Signal(rest))
        elif kind == "-":
            self.turn(FireTimer(next(w.key for w in self.of(WaitKind.TIMER) if w.element == rest)))
        elif kind == "+":
            self.wait(rest)
        else:
            self.act(text)

    def wait(self, length: str) -> None:
        end = plus(self.now, feel.evaluate("duration(d)", {"d": length}).value)
        while due := sorted((w.due, w.element, w.key) for w in self.of(WaitKind.TIMER) if w.due <= end):
            self.now = due[0][0]
            self.turn(FireTimer(due[0][2]))
        self.now = end

    def act(self, text: str) -> None:
        match = re.fullmatch(r"(\w+)(?:(<=?|>)(\w+))?(?:{(.*)})?(?:#(\d))?", text)
        assert match is not None, text
        element, way, target, values, number = match.groups()
        task = [w for w in self.open() if w.element == element][int(number or 0)]
        if way == ">":
            self.turn(Jump(task.key, target))
        elif target:
            self.turn(SendBack(task.key, target, straight=way == "<="))
        else:
            pairs = (pair.partition("=") for pair in (values or "").split(";") if pair)
            self.turn(Complete(task.key, {name: json.loads(value) for name, _, value in pairs}))


def play(xml: str, steps: str, variables: Mapping[str, Any]) -> None:
    """Two cases of one program in step, the second one behind: neither may disturb the other."""
    try:
        program = program_of(xml)
    except ModelRefused as refused:
        assert steps == "Refused", refused.refusals
        return
    assert steps != "Refused", "was not refused"
    sims, todo = [Sim(program, variables) for _ in "12"], steps.split()
    for i in range(len(todo) + 1):
        for sim, j in zip(sims, (i, i - 1), strict=True):
            if 0 <= j < len(todo):
                sim.step(todo[j])
