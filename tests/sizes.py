"""`python tests/bench.py sizes`: how the runner grows with the size of a model and of a case. Figures to read, not tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from engine.reader import read
from engine.runner import advance, compile_program
from engine.runner.values import Complete, Start, Status
from tests.runner.notation import EXTRA, HEAD, NoHost, body

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
Play = Callable[[dict[str, Any]], dict[str, Any]]


def straight(n: int) -> str:
    return body(
        "s:S e:E" + "".join(f" u:U{i}" for i in range(n)), ">".join(["S", *(f"U{i}" for i in range(n)), "E"])
    )


def blocks(n: int) -> str:
    inside = "".join(f" p:F{i} p:J{i} u:A{i} u:B{i}" for i in range(n))
    ways = "; ".join(f"F{i}>A{i}>J{i}; F{i}>B{i}>J{i}" for i in range(n))
    between = "; ".join(f"J{i}>F{i + 1}" for i in range(n - 1))
    return body(f"s:S e:E{inside}", f"S>F0; {ways}; {between}; J{n - 1}>E")


def many(n: int, activity: str = "userTask", inside: str = "") -> str:
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="= for i in 1..{n} '
        'return i" inputElement="item"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
    )
    return body("s:S e:E", "S>A>E", f'<bpmn:{activity} id="A">{loop}{inside}</bpmn:{activity}>')


LOOP = body("s:S u:A x:G e:E", "S>A>G; G>A*; G>E[stop = true]")
SPIN = body("s:S k:K?n=n+1 x:G e:E", "S>K>G; G>K*; G>E[n >= 10000]")


def run(xml: str, *, visits: int = 0, most: int | None = None) -> Iterator[tuple[str, float]]:
    """What was measured and the seconds: compile, start, all tasks, and the dearest tenth of them against the cheapest."""
    file = f'{HEAD}{EXTRA}<bpmn:process id="P" isExecutable="true">{xml}</bpmn:process></bpmn:definitions>'.encode()
    began = time.perf_counter()
    program = compile_program(read(file).processes)
    yield "compile", time.perf_counter() - began
    began = time.perf_counter()
    outcome = advance(program, None, Start("P", {"n": 0}), NOW, document={}, host=NoHost())
    yield "start", time.perf_counter() - began
    open_now, steps = {w.key: w for w in outcome.opened}, list[float]()
    while open_now and (most is None or len(steps) < most):
        values = {"stop": len(steps) + 1 >= visits} if visits else {}
        began = time.perf_counter()
        outcome = advance(
            program, outcome.state, Complete(next(iter(open_now)), values), NOW, document={}, host=NoHost()
        )
        steps.append(time.perf_counter() - began)
        for closed in outcome.closed:
            del open_now[closed.key]
        open_now.update((w.key, w) for w in outcome.opened)
    assert most is not None or outcome.status is Status.COMPLETED
    if steps:
        yield f"{len(steps)} tasks", sum(steps)
        yield "mean step", sum(steps) / len(steps)
        part = max(1, len(steps) // 10)
        yield "last tenth / first tenth", sum(steps[-part:]) / sum(steps[:part])


CASES: dict[str, Callable[[], Iterator[tuple[str, float]]]] = {
    "straight 2,000": lambda: run(straight(2000)),
    "twelve parallel blocks": lambda: run(blocks(12)),
    "loop of 10,000 visits": lambda: run(LOOP, visits=10_000),
    "10,000 automatic rounds": lambda: run(SPIN),
    "multi-instance 2,000, first 100 tasks": lambda: run(many(2000), most=100),
    "multi-instance 2,000, automatic": lambda: run(many(2000, "task")),
    "multi-instance sub-process 500, first 50": lambda: run(
        many(500, "subProcess", '<bpmn:userTask id="T"/>'), most=50
    ),
}


def main() -> Iterator[str]:
    for name, measured in CASES.items():
        for what, value in measured():
            yield f"{name:42s} {what:26s} " + (
                f"{value:8.2f} ×" if "/" in what else f"{value * 1000:10.2f} ms"
            )
