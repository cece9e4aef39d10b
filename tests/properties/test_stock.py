"""Where the stock engine is right – tasks in a row, parallel and exclusive splits, sub-processes, simple loops – ours opens the same tasks, step by step.

What it does wrong is left out: inclusive joins, events, loops around splits (`tests/runner` has those from the standard's text).
"""

from __future__ import annotations

import os
from io import BytesIO
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.util.task import TaskState

from engine.reader import read
from engine.runner import compile_program
from tests.properties.blocks import TASK, drawn
from tests.properties.test_blocks import LONGEST, Written

EXAMPLES = int(os.environ.get("XUNZHEN_EXAMPLES", "150"))


def _blocks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    listed = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        st.tuples(st.just("seq"), listed),
        st.tuples(st.just("par"), listed),
        listed.flatmap(lambda b: st.tuples(st.just("xor"), st.just(b), st.integers(0, len(b) - 1))),
        st.tuples(st.just("sub"), inner),
        st.tuples(st.just("loop"), TASK | st.just(("seq", [("task",), ("task",)]))),
    )


class Stock:
    """SpiffWorkflow as it comes, with Python conditions."""

    def __init__(self, xml: bytes, variables: dict[str, Any]) -> None:
        parser = BpmnParser()
        parser.add_bpmn_io(
            BytesIO(xml.replace(b"<bpmn:conditionExpression>= ", b"<bpmn:conditionExpression>"))
        )
        self.workflow = BpmnWorkflow(parser.get_spec("P"), parser.get_subprocess_specs("P"))
        self.workflow.task_tree.data.update(variables)
        self.workflow.do_engine_steps()

    def open(self) -> list[Any]:
        return [t for t in self.workflow.get_tasks(state=TaskState.READY) if t.task_spec.manual]

    def do(self, element: str, again: bool) -> None:
        task = next(t for t in self.open() if t.task_spec.bpmn_id == element)
        task.data["again"] = again
        task.run()
        self.workflow.do_engine_steps()


@settings(
    max_examples=EXAMPLES,
    derandomize="XUNZHEN_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.recursive(TASK, _blocks, max_leaves=10),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3).map(lambda n: n == 0)), max_size=15),
)
def test_ours_opens_what_the_stock_engine_opens(shape: Any, path: list[tuple[int, bool]]) -> None:
    _, xml, variables = drawn(shape)
    variables["again"] = False
    stock, ours = Stock(xml, variables), Written(compile_program(read(xml).processes), dict(variables))
    for number, again in [*path, *([(0, False)] * LONGEST)]:
        expected = sorted(t.task_spec.bpmn_id for t in stock.open())
        assert sorted(w.element for w in ours.waiting.values()) == expected
        if not expected:
            break
        element = expected[number % len(expected)]
        stock.do(element, again)
        ours.do((element, next(w.path for w in ours.waiting.values() if w.element == element)), again)
    assert stock.workflow.completed
    assert not ours.waiting
