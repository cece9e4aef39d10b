"""Gateways that do two things at once, or nothing."""

from __future__ import annotations

from collections.abc import Iterable

from engine.lint.finding import Finding, Subject, at

RULE = "gateway-shape"
GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway")


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes(*GATEWAYS):
        into, out = len(process.incoming(node.id)), len(process.outgoing(node.id))
        if into > 1 and out > 1:
            yield at(
                process,
                node,
                RULE,
                "warning",
                "一个网关既汇合又分出，看图的人分不清",
                "拆成两个网关：先汇合，再分出",
                "one gateway both joins and splits",
                "draw two: join first, then split",
            )
        elif into == 1 and out == 1:
            yield at(
                process,
                node,
                RULE,
                "info",
                "网关只有一进一出，不起作用",
                "删除它，把前后直接连起来",
                "a gateway with one way in and one out does nothing",
                "delete it and connect what stands around it",
            )
