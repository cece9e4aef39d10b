"""`python tests/bench.py speed`: FEEL against Python's own compiled code, a rule step against bare SpiffWorkflow, in one run.

Ratios to read, not tests. Each pair means the same; the best of several rounds counts, turn by turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.util.task import TaskState

from engine import feel
from engine.reader import read
from engine.runner import compile_program
from engine.runner.case import Case
from engine.runner.report import waits
from tests.runner.notation import HEAD, NoHost, body

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONTEXT: dict[str, Any] = {
    "income": Decimal("812.50"),
    "people": Decimal(3),
    "standard": Decimal("1010"),
    "urgent": False,
    "members": [{"age": Decimal(a), "ill": a > 70} for a in (34, 71, 9, 80)],
    "reported": date(2026, 9, 14),
}
PAIRS = (
    ("comparison", "income / people < standard and not(urgent)", "income / people < standard and not urgent"),
    ("arithmetic", "(standard - income) * people + 12.5", "(standard - income) * people + Decimal('12.5')"),
    ("if", 'if income > 1000 then "no" else "yes"', '"no" if income > 1000 else "yes"'),
    ("range", "income in [500..1000]", "500 <= income <= 1000"),
    ("filter and count", "count(members[age > 60])", "len([m for m in members if m['age'] > 60])"),
    ("every", "every m in members satisfies m.age > 5", "all(m['age'] > 5 for m in members)"),
    ("date", 'reported < date("2026-12-31")', "reported < date(2026, 12, 31)"),
)


def best(turn: Callable[[], object], rounds: int = 7, times: int = 2000) -> float:
    """Seconds of one turn."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(times):
            turn()
        found.append((time.perf_counter() - began) / times)
    return min(found)


def language() -> Iterator[str]:
    names: dict[str, Any] = {"Decimal": Decimal, "date": date, **CONTEXT}
    for name, text, python in PAIRS:
        compiled, code = feel.compile(text), compile(python, "<bench>", "eval")
        ours = compiled.evaluate(CONTEXT, {}).value
        theirs = eval(code, names)  # the floor to measure against, our own text
        assert feel.to_json(ours) == feel.to_json(theirs), name
        mine = best(lambda c=compiled: c.evaluate(CONTEXT, {}))  # type: ignore[misc]
        floor = best(lambda c=code: eval(c, names))  # type: ignore[misc]
        yield f"FEEL {name:18} {mine * 1e6:7.2f} µs  Python {floor * 1e6:6.2f} µs  {mine / floor:5.1f} times"


def steps() -> Iterator[str]:
    """A user task, a script, a gateway with a condition, the next user task – a hundred times round."""
    xml = body(
        "s:S x:L u:A k:K?n=n+1 x:G u:B u:C x:M e:E",
        "S>L>A>K>G; G>B[n > 1000000]; G>C*; B>M; C>M; M>L[n < 2000000]; M>E*",
    )
    ours, theirs = _ours(xml), _theirs(xml)
    yield f"step in memory         {ours * 1e6:7.1f} µs  SpiffWorkflow {theirs * 1e6:7.1f} µs  {ours / theirs:5.2f} times"


def _ours(xml: str, rounds: int = 100) -> float:
    file = f'{HEAD}<bpmn:process id="P" isExecutable="true">{xml}</bpmn:process></bpmn:definitions>'
    program = compile_program(read(file.encode()).processes)
    case = Case(program, "P", now=NOW, document={}, host=NoHost(), start=({"n": 0}, None))
    case.begin()
    began = time.perf_counter()
    for _ in range(rounds * 2):
        case.complete(next(key for key, _, _ in waits(case)), {})
    return (time.perf_counter() - began) / (rounds * 2)


def _theirs(xml: str, rounds: int = 100) -> float:
    """The stock engine with its own Python expressions. (It leaves this loop by itself after 167 rounds.)"""
    file = f'{HEAD}<bpmn:process id="P" isExecutable="true">{xml}</bpmn:process></bpmn:definitions>'
    parser = BpmnParser()
    parser.add_bpmn_io(BytesIO(file.encode()))
    workflow = BpmnWorkflow(parser.get_spec("P"))
    workflow.task_tree.data["n"] = 0
    workflow.do_engine_steps()
    began = time.perf_counter()
    for _ in range(rounds * 2):
        task = next(t for t in workflow.get_tasks(state=TaskState.READY) if t.task_spec.manual)
        task.run()
        workflow.do_engine_steps()
    return (time.perf_counter() - began) / (rounds * 2)


def main() -> Iterator[str]:
    yield from language()
    yield from steps()
