"""A history played again on the program it ran on gives the same case: same state, same open tokens, each with its twin."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.reader import read
from engine.replay import Act, Wait, renamed, replay
from engine.runner import compile_program, pack, unpack
from engine.runner.case import Program
from engine.runner.values import Command, SendBack, Waiting, WaitKind
from tests.properties.blocks import SHAPES, drawn
from tests.properties.test_blocks import EXAMPLES, Written, command_for
from tests.runner.notation import NoHost


class Recorded(Written):
    """A case that keeps what it was told, as the history does, and what waited, as the ledgers do."""

    def __init__(self, program: Program, variables: dict[str, Any]) -> None:
        self.acts: list[Act] = []
        self.rows: dict[str, Wait] = {}
        super().__init__(program, variables)

    def turn(self, command: Command) -> None:
        super().turn(command)
        told, _ = unpack(pack(command, []))
        self.acts.append(Act(len(self.acts) + 1, self.now, told))
        for key, waiting in self.waiting.items():
            self.rows.setdefault(key, self.row(waiting))

    def row(self, w: Waiting) -> Wait:
        path = None if w.kind is WaitKind.TIMER else w.path
        return Wait(w.key, w.kind, (w.process, w.element), path, w.owners, self.now)


def plain(state: bytes | None) -> str:
    """A state without keys: each is called by the order in which it is met."""
    known: dict[str, str] = {}
    return re.sub(
        r"[0-9a-f]{32}", lambda m: known.setdefault(m[0], f"<{len(known)}>"), (state or b"").decode()
    )


def host(_now: datetime, _done: Any) -> NoHost:
    return NoHost()


def same_again(played: Recorded) -> None:
    found = replay(played.program, played.acts, played.rows.values(), host)
    assert found.divergence is None
    assert (found.dropped, found.skipped, found.status) == ((), (), played.status)
    assert plain(found.state) == plain(played.state)
    assert {found.twins[key] for key in played.waiting} == set(found.waiting)
    for key, waiting in played.waiting.items():
        twin = found.waiting[found.twins[key]]
        assert (twin.process, twin.element, twin.due, twin.variables) == (
            waiting.process,
            waiting.element,
            waiting.due,
            waiting.variables,
        )
    back = {new: old for old, new in found.twins.items()}
    assert found.state is not None
    state = renamed(found.state, back).decode()
    assert all(key in state for key in played.waiting)
    if played.waiting:
        again = Recorded.__new__(Recorded)
        again.program, again.state, again.now = played.program, state.encode(), played.now
        again.waiting, again.acts, again.rows = dict(played.waiting), [], {}
        waiting = next(iter(played.waiting.values()))
        again.now = max(again.now, waiting.due or again.now)
        again.turn(command_for(waiting, again=False))
        straight = replace_of(played)
        straight.now = again.now
        straight.turn(command_for(waiting, again=False))
        assert plain(again.state) == plain(straight.state)


def replace_of(played: Recorded) -> Recorded:
    copy = Recorded.__new__(Recorded)
    copy.program, copy.state, copy.now = played.program, played.state, played.now
    copy.waiting, copy.acts, copy.rows = dict(played.waiting), [], {}
    return copy


@settings(
    max_examples=EXAMPLES // 2,
    derandomize=True,
    deadline=timedelta(seconds=10),
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(SHAPES, st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=12))
def test_a_history_replayed_gives_the_same_case(shape: Any, path: list[tuple[int, int]]) -> None:
    _, xml, variables = drawn(shape)
    variables["again"] = False
    played = Recorded(compile_program(read(xml).processes), variables)
    for number, again in path:
        if not played.waiting:
            break
        played.now += timedelta(hours=1)
        waiting = sorted(played.waiting.values(), key=lambda w: (w.element, w.path, w.key))[
            number % len(played.waiting)
        ]
        if waiting.due is not None and again == 1:
            # The ledger has moved the timer (a pause): it fires later than the drawing says.
            waiting = replace(waiting, due=waiting.due + timedelta(hours=3))
        played.now = max(played.now, waiting.due or played.now)
        played.turn(command_for(waiting, again == 0))
    same_again(played)


LINE = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="D" targetNamespace="urn:t">
<bpmn:process id="P" isExecutable="true"><bpmn:startEvent id="s"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/><bpmn:endEvent id="e"/>
<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="b"/>
<bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="e"/></bpmn:process></bpmn:definitions>"""


def test_what_was_sent_back_is_sent_back_again() -> None:
    played = Recorded(compile_program(read(LINE.encode()).processes), {})
    (a,) = played.waiting.values()
    played.turn(command_for(a, again=False))
    (b,) = played.waiting.values()
    played.turn(SendBack(b.key, "a", straight=True))
    same_again(played)
    (a,) = played.waiting.values()
    played.turn(command_for(a, again=False))
    same_again(played)
