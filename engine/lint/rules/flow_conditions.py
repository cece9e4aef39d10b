"""Conditions where the standard knows none, or where one leaves the token without a way (BPMN 2.0, 8.3.13, 10.3.1 and 10.5)."""

from __future__ import annotations

from collections.abc import Iterable

from engine.lint.finding import Finding, Subject, at_flow

RULE = "flow-condition"


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes():
        out = process.outgoing(node.id)
        for flow in (f for f in out if f.condition):
            if flow.default:
                yield at_flow(
                    process, flow, RULE, "warning",
                    f"默认出口写了条件（{flow.condition}）：按标准不看它", "去掉条件，或改设别的默认出口",
                    f"the default flow has a condition, which is not looked at: {flow.condition}",
                    "remove the condition, or make another flow the default",
                )  # fmt: skip
            elif node.type.endswith("Event"):
                yield at_flow(
                    process, flow, RULE, "warning",
                    "事件的出口写了条件：标准不允许，不成立时流程停在这里", "在事件后面画一个排他网关，由它分路",
                    "a flow out of an event has a condition, which the standard forbids: where it fails the process stops",
                    "draw an exclusive gateway after the event",
                )  # fmt: skip
            elif len(out) == 1:
                yield at_flow(
                    process, flow, RULE, "warning",
                    "唯一的出口写了条件：不成立时无路可走", "去掉条件，或画出条件不成立时的另一路",
                    "the only way out has a condition: where it fails there is no way",
                    "remove the condition, or draw what happens otherwise",
                )  # fmt: skip
