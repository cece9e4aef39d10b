"""Splits and joins drawn without a gateway: they run as the standard says, and are often not what was meant."""

from __future__ import annotations

from collections.abc import Iterable

from engine.lint.finding import Finding, Subject, at

RULE = "implicit-flow"
ACTIVITIES = (
    "task", "userTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask", "manualTask",
    "callActivity", "subProcess", "transaction", "adHocSubProcess",
)  # fmt: skip


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes(*ACTIVITIES):
        if len(process.incoming(node.id)) > 1:
            yield at(
                process,
                node,
                RULE,
                "warning",
                "几条线直接进入同一环节：每来一路就办一次",
                "若只应办一次，先用网关汇合（排他或并行）再进入",
                "several flows enter one activity: it runs once for each of them",
                "if it should run once, join the flows at a gateway first",
            )
        out = [flow for flow in process.outgoing(node.id) if not flow.condition and not flow.default]
        if len(out) > 1:
            yield at(
                process,
                node,
                RULE,
                "warning",
                "一个环节后面有几条无条件的线：几路同时开始",
                "要同时办理的画并行网关，要选一路的画排他网关并写条件",
                "several flows without condition leave one activity: all of them are taken",
                "draw a parallel gateway if that is meant, else an exclusive one with conditions",
            )
