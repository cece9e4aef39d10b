"""Event-based gateways drawn otherwise than the standard has them (BPMN 2.0, 10.6.6)."""

from __future__ import annotations

from collections.abc import Iterable

from engine.lint.finding import Finding, Subject, at

RULE = "event-gateway"


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes("eventBasedGateway"):
        targets = [process.nodes[f.target] for f in process.outgoing(node.id) if f.target in process.nodes]
        if len(targets) < 2:
            yield at(
                process, node, RULE, "warning",
                "事件网关后面只有一个事件，没有可等的另一个", "删除网关直接等待，或补上另一个事件（如超时）",
                "only one event follows the event gateway", "delete the gateway, or draw the other event (a timer, say)",
            )  # fmt: skip
        for target in targets:
            if len(process.incoming(target.id)) > 1:
                yield at(
                    process, target, RULE, "warning",
                    "事件网关后的事件还有别的来路：标准不允许", "删除别的来路，或为它另画一个事件",
                    "an event after an event gateway has another way in, which the standard forbids",
                    "delete the other flow, or draw another event for it",
                )  # fmt: skip
        messages = [t for t in targets if any(e.kind == "message" for e in t.events)]
        if len({t.type for t in messages}) > 1:
            yield at(
                process, node, RULE, "warning",
                "事件网关后面既有消息事件又有接收任务：标准只许用一种", "都画成消息捕获事件",
                "message events and receive tasks follow one event gateway; the standard allows one kind",
                "draw all of them as catching message events",
            )  # fmt: skip
