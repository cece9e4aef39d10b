"""Nodes without a name, questions without answers, exclusive gateways without a default."""

from __future__ import annotations

from collections.abc import Iterable

from engine.lint.finding import Finding, Subject, at

RULE = "naming"
NAMED = ("userTask", "serviceTask", "businessRuleTask", "callActivity", "subProcess", "receiveTask")


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes():
        if node.type in NAMED and not node.name and not node.triggered_by_event:
            yield at(process, node, RULE, "warning", "没有名称", "任务用“动词+宾语”命名")
        if node.type != "exclusiveGateway":
            continue
        outgoing = process.outgoing(node.id)
        if len(outgoing) > 1:
            if not node.name:
                yield at(
                    process, node, RULE, "warning", "分支网关没有写出问题", "用一个问句命名，如“是否属实？”"
                )
            for flow in outgoing:
                if not flow.name and not flow.default:
                    yield at(
                        process, node, RULE, "info", f"出口 {flow.id} 没有写答案", "在线上写出这个分支的答案"
                    )
            if not any(flow.default for flow in outgoing):
                yield at(
                    process,
                    node,
                    RULE,
                    "warning",
                    "没有默认出口，条件都不成立时会成为异常",
                    "指定一条默认出口",
                )
