"""Random processes on random paths: the runner opens what a second, independent interpreter opens, step by step.

Three plays side by side: the reference, the runner with its state as bytes between commands (as in the product), and one
live case that is never written down. When nothing is open any more the case has ended and no token is left.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.reader import read
from engine.runner import advance, codec, compile_program, report
from engine.runner.case import Case, Program
from engine.runner.values import Command, Complete, Deliver, FireTimer, Start, Status, Waiting, WaitKind
from tests.properties.blocks import SHAPES, Leaf, Reference, drawn
from tests.runner.notation import NoHost

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONGEST = 200
EXAMPLES = int(os.environ.get("XUNZHEN_EXAMPLES", "400"))
"""Set, it also draws a new seed: `XUNZHEN_EXAMPLES=5000` for a long night."""
Spot = tuple[str, str]


def spot(waiting: Waiting) -> Spot:
    """Where something is open: element, and the items it is in – without the keys of tokens."""
    return waiting.element, re.sub(r":[0-9a-f]{8}#", "#", waiting.path)


def spot_of(leaf: Leaf) -> Spot:
    return leaf.id, "/".join(f"{key}#{number}" for key, number in leaf.path)


class Written:
    """The runner; between commands nothing lives but bytes."""

    def __init__(self, program: Program, variables: dict[str, Any]) -> None:
        self.program, self.now = program, NOW
        self.state: bytes | None = None
        self.waiting: dict[str, Waiting] = {}
        self.turn(Start("P", variables))

    def turn(self, command: Command) -> None:
        outcome = advance(self.program, self.state, command, self.now, document={}, host=NoHost())
        for closed in outcome.closed:
            del self.waiting[closed.key]
        self.waiting.update((w.key, w) for w in outcome.opened)
        self.state, self.status = outcome.state, outcome.status

    def peek(self) -> Case:
        assert self.state is not None
        return codec.load(self.state, self.program, now=self.now, document={}, host=NoHost())

    def do(self, where: Spot, again: bool) -> None:
        waiting = next(w for w in self.waiting.values() if spot(w) == where)
        self.now = max(self.now, waiting.due or self.now)
        self.turn(command_for(waiting, again))


def command_for(waiting: Waiting, again: bool) -> Command:
    if waiting.kind is WaitKind.TIMER:
        return FireTimer(waiting.key)
    if waiting.kind is WaitKind.MESSAGE:
        return Deliver(waiting.key)
    return Complete(waiting.key, {"again": again})


class Live:
    """One case object from beginning to end."""

    def __init__(self, program: Program, variables: dict[str, Any]) -> None:
        self.case = Case(program, "P", now=NOW, document={}, host=NoHost(), start=(variables, None))
        self.case.begin()

    def waiting(self) -> list[Waiting]:
        return [report.waiting(kind, task) for _, kind, task in report.waits(self.case)]

    def do(self, where: Spot, again: bool) -> None:
        waiting = next(w for w in self.waiting() if spot(w) == where)
        self.case.now = max(self.case.now, waiting.due or self.case.now)
        if waiting.kind is WaitKind.USER_TASK:
            self.case.complete(waiting.key, {"again": again})
        else:
            self.case.fire(waiting.key, waiting.kind.value, {})


def compare(reference: Reference, written: Written, live: Live) -> None:
    expected = sorted(map(spot_of, reference.open()))
    assert sorted(map(spot, written.waiting.values())) == expected
    assert sorted(map(spot, live.waiting())) == expected
    loaded = written.peek()
    assert {key for key, _, _ in report.waits(loaded)} == set(written.waiting)
    assert codec.save(loaded) == written.state
    assert (written.status is Status.COMPLETED) == reference.ended == live.case.completed
    if not expected:
        assert reference.ended
        assert loaded.live() == []


@settings(
    max_examples=EXAMPLES,
    derandomize="XUNZHEN_EXAMPLES" not in os.environ,
    deadline=timedelta(seconds=5),
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(SHAPES, st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3).map(lambda n: n == 0)), max_size=25))
def test_the_runner_opens_what_the_reference_opens(shape: Any, path: list[tuple[int, bool]]) -> None:
    block, xml, variables = drawn(shape)
    program = compile_program(read(xml).processes)
    variables["again"] = False
    reference, written, live = (
        Reference(block),
        Written(program, dict(variables)),
        Live(program, dict(variables)),
    )
    compare(reference, written, live)
    for number, again in [*path, *([(0, False)] * LONGEST)]:
        leaves = reference.open()
        if not leaves:
            break
        leaf = leaves[number % len(leaves)]
        where = spot_of(leaf)
        reference.do(leaf, again)
        written.do(where, again)
        live.do(where, again)
        compare(reference, written, live)
    assert reference.ended
