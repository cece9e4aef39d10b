"""Random drawings without block structure – splits and joins of all kinds anywhere, edges back to tasks – on random paths.

The reference is a small token game of its own: flows with tokens, no scopes, no tasks of a library. After each step the same
user tasks are open, the same cases have ended; between commands the runner has nothing but bytes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.errors import ModelRefused
from engine.lint.tokens import explore
from engine.model import Process
from engine.reader import read
from engine.runner import advance, compile_program
from engine.runner.values import Complete, Start, Status, Waiting
from tests.runner.notation import HEAD, NoHost

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EXAMPLES = int(os.environ.get("XUNZHEN_EXAMPLES", "400"))
STEPS = 25
KINDS = ("userTask", "userTask", "exclusiveGateway", "parallelGateway", "inclusiveGateway")


@dataclass(frozen=True)
class Drawing:
    """Nodes `n0` … in drawing order; edges lead forward, or back to a user task."""

    kinds: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]

    @property
    def xml(self) -> bytes:
        parts = ['<bpmn:startEvent id="S"/>']
        last = len(self.kinds)
        names = [f"n{i}" for i in range(last)] + ["E"]
        flows = [("S", "n0", "")]
        for a, b in self.edges:
            flows.append((f"n{a}", names[b], self.condition(a, b)))
        defaults = {f"n{a}": f"f_n{a}_{names[self.targets(a)[0]]}" for a in range(last) if self.asks(a)}
        for i, kind in enumerate(self.kinds):
            default = f' default="{defaults[f"n{i}"]}"' if f"n{i}" in defaults else ""
            parts.append(f'<bpmn:{kind} id="n{i}"{default}/>')
        parts.append('<bpmn:endEvent id="E"/>')
        for source, target, condition in flows:
            inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
            parts.append(
                f'<bpmn:sequenceFlow id="f_{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
            )
        return f'{HEAD}<bpmn:process id="P" isExecutable="true">{"".join(parts)}</bpmn:process></bpmn:definitions>'.encode()

    def targets(self, node: int) -> list[int]:
        return [b for a, b in self.edges if a == node]

    def asks(self, node: int) -> bool:
        return self.kinds[node] in ("exclusiveGateway", "inclusiveGateway") and len(self.targets(node)) > 1

    def condition(self, node: int, target: int) -> str:
        if not self.asks(node) or self.targets(node)[0] == target:
            return ""
        return f"list contains(n{node}, {target})"


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    count = draw(st.integers(2, 9))
    kinds = tuple(draw(st.sampled_from(KINDS)) for _ in range(count))
    edges: dict[tuple[int, int], None] = {}
    for a in range(count):
        for _ in range(1 if kinds[a] == "userTask" else draw(st.integers(1, 3))):
            edges[a, draw(st.integers(a + 1, count))] = None
        backs = [b for b in range(a) if kinds[b] == "userTask"]
        if backs and kinds[a] != "userTask" and draw(st.integers(0, 3)) == 0:
            edges[a, draw(st.sampled_from(backs))] = None
    for b in range(1, count):  # every node is reachable
        if not any(t == b and a < b for a, t in edges):
            gates = [a for a in range(b) if kinds[a] != "userTask"]
            assume(gates)
            edges[draw(st.sampled_from(gates)), b] = None
    return Drawing(kinds, tuple(edges))


Edge = tuple[int, int]
Marking = tuple[tuple[Edge, ...], tuple[int, ...]]
"""Tokens on edges, and open user tasks; both sorted, each as often as it is there."""


class Reference:
    """All markings the game may be in.

    There may be several: the standard lets an inclusive join go as soon as no token can come to an empty edge *unless it can also
    come to a filled one* – so whether it waits for such a token is left to the order of moves.
    """

    def __init__(self, drawing: Drawing, choices: dict[int, list[int]]) -> None:
        self.drawing = drawing
        self.markings = self.rest({(((-1, 0),), ())}, choices)

    def complete(self, node: int, choices: dict[int, list[int]]) -> None:
        begun = set()
        for edges, opened in self.markings:
            left = list(opened)
            left.remove(node)
            begun.add(self.put(edges, tuple(left), node, self.drawing.targets(node)))
        self.markings = self.rest(begun, choices)

    def put(self, edges: tuple[Edge, ...], opened: tuple[int, ...], node: int, targets: list[int]) -> Marking:
        new = [(node, target) for target in targets if target < len(self.drawing.kinds)]
        return tuple(sorted((*edges, *new))), opened

    def incoming(self, node: int) -> list[Edge]:
        return [(-1, 0)] * (node == 0) + [e for e in self.drawing.edges if e[1] == node]

    def rest(self, begun: set[Marking], choices: dict[int, list[int]]) -> set[Marking]:
        """The markings in which nothing moves by itself any more."""
        todo, seen, still = list(begun), set(begun), set()
        while todo:
            marking = todo.pop()
            following = self.moves(marking, choices)
            if not following:
                still.add(marking)
            for after in following:
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
        return still

    def moves(self, marking: Marking, choices: dict[int, list[int]]) -> list[Marking]:
        """One simple move, and every inclusive join that may go now."""
        edges, opened = marking
        found = []
        for edge in edges:
            node = edge[1]
            kind, incoming = self.drawing.kinds[node], self.incoming(node)
            if kind == "parallelGateway":
                if all(e in edges for e in incoming):
                    found = [self.take(marking, node, incoming, choices)]
                    break
            elif kind != "inclusiveGateway" or len(incoming) == 1:
                found = [self.take(marking, node, [edge], choices)]
                break
        for node in {e[1] for e in edges}:
            incoming = self.incoming(node)
            if self.drawing.kinds[node] == "inclusiveGateway" and len(incoming) > 1:
                full = {e for e in incoming if e in edges}
                others = {e[1] for e in edges if e[1] != node} | set(opened)
                ways = [self.ways(other, node) for other in others]
                if not any(w & (set(incoming) - full) and not w & full for w in ways):
                    found.append(self.take(marking, node, sorted(full), choices))
        return found

    def ways(self, start: int, stop: int) -> set[Edge]:
        found: set[Edge] = set()
        todo, seen = [start], {start}
        while todo:
            at = todo.pop()
            for edge in (e for e in self.drawing.edges if e[0] == at):
                found.add(edge)
                if edge[1] not in seen and edge[1] != stop and edge[1] < len(self.drawing.kinds):
                    seen.add(edge[1])
                    todo.append(edge[1])
        return found

    def take(self, marking: Marking, node: int, taken: list[Edge], choices: dict[int, list[int]]) -> Marking:
        edges = list(marking[0])
        for edge in taken:
            edges.remove(edge)
        if self.drawing.kinds[node] == "userTask":
            return tuple(edges), tuple(sorted((*marking[1], node)))
        targets = self.drawing.targets(node)
        if self.drawing.asks(node):
            wanted = [t for t in targets[1:] if t in choices[node]]
            if self.drawing.kinds[node] == "exclusiveGateway":
                wanted = wanted[:1]
            targets = wanted or targets[:1]
        return self.put(tuple(edges), marking[1], node, targets)


def choices_for(drawing: Drawing, number: int) -> dict[int, list[int]]:
    """What the gateways are told: each forward or backward target or not, from the bits of a number."""
    found: dict[int, list[int]] = {}
    for node in range(len(drawing.kinds)):
        if drawing.asks(node):
            found[node] = []
            for target in drawing.targets(node)[1:]:
                number, bit = divmod(number, 2)
                if bit:
                    found[node].append(target)
    return found


def variables(choices: dict[int, list[int]]) -> dict[str, Any]:
    return {f"n{node}": targets for node, targets in choices.items()}


class Written:
    """The runner; between commands nothing lives but bytes."""

    def __init__(self, process: Process, values: dict[str, Any]) -> None:
        self.program = compile_program([process])
        self.state: bytes | None = None
        self.waiting: dict[str, Waiting] = {}
        self.turn(Start("P", values))

    def turn(self, command: Start | Complete) -> None:
        outcome = advance(self.program, self.state, command, NOW, document={}, host=NoHost())
        for closed in outcome.closed:
            del self.waiting[closed.key]
        self.waiting.update((w.key, w) for w in outcome.opened)
        self.state, self.status = outcome.state, outcome.status


CHECKED = settings(
    max_examples=EXAMPLES,
    derandomize="XUNZHEN_EXAMPLES" not in os.environ,
    deadline=timedelta(seconds=10),
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@CHECKED
@given(drawings(), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2**16)), min_size=1, max_size=STEPS))
def test_the_runner_opens_what_the_reference_opens(drawing: Drawing, path: list[tuple[int, int]]) -> None:
    process = read(drawing.xml).processes[0]
    choices = choices_for(drawing, path[0][1])
    try:
        written = Written(process, variables(choices))
    except ModelRefused:
        assume(False)
    reference = Reference(drawing, choices)
    for number, bits in path:
        seen = tuple(sorted(int(w.element[1:]) for w in written.waiting.values()))
        reference.markings = {m for m in reference.markings if m[1] == seen}
        assert reference.markings
        ended = written.status is Status.COMPLETED
        assert ended in {m == ((), ()) for m in reference.markings}
        if not seen or len(seen) > 12:
            break
        node = seen[number % len(seen)]
        choices = choices_for(drawing, bits)
        reference.complete(node, choices)
        key = next(w.key for w in written.waiting.values() if w.element == f"n{node}")
        written.turn(Complete(key, variables(choices)))


@CHECKED
@given(
    drawings(), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2**16)), min_size=STEPS, max_size=STEPS)
)
def test_what_the_linter_calls_sound_never_gets_stuck(drawing: Drawing, path: list[tuple[int, int]]) -> None:
    process = read(drawing.xml).processes[0]
    try:
        compile_program([process])
    except ModelRefused:
        assume(False)
    assume(not explore(process))
    reference = Reference(drawing, choices_for(drawing, path[0][1]))
    for number, bits in path:
        assert all(opened or not edges for edges, opened in reference.markings)
        edges, opened = min(reference.markings)
        if not opened or len(opened) > 12:
            return
        reference.markings = {(edges, opened)}
        reference.complete(opened[number % len(opened)], choices_for(drawing, bits))
