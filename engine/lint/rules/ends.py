"""Paths that simply stop, and scopes without a drawn beginning."""

from __future__ import annotations

from collections.abc import Iterable

from engine.lint.finding import Finding, Subject, at

RULE = "missing-end"
SCOPES = ("subProcess", "transaction")


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes():
        loose = not process.outgoing(node.id) and not node.for_compensation and not node.triggered_by_event
        throws_link = any(event.kind == "link" for event in node.events) and node.type.endswith("ThrowEvent")
        undo = any(event.kind == "compensate" for event in node.events) and node.type == "boundaryEvent"
        inside_ad_hoc = getattr(process.nodes.get(node.scope), "type", "") == "adHocSubProcess"
        if loose and node.type != "endEvent" and not (throws_link or undo or inside_ad_hoc):
            yield at(
                process,
                node,
                RULE,
                "warning",
                "这一路没有画到结束事件",
                "补一个结束事件并命名，写明办成了什么",
                "the path stops without an end event",
                "add an end event and name what has been achieved",
            )
    for process in subject.bundle.processes.values():
        nodes = list(process.in_scope(process.id))
        begun = any(n.type == "startEvent" or n.instantiate for n in nodes)
        if not begun and any(n.type == "endEvent" for n in nodes):
            yield Finding(
                process.file or "", process.id, process.name, process.line, RULE, "warning",
                "有结束事件，却没有开始事件：没有来路的环节会同时开始", "补一个开始事件",
                "there is an end event but no start event: every activity without incoming flow begins", "add a start event",
            )  # fmt: skip
    for process, node in subject.nodes(*SCOPES):
        inner = list(process.in_scope(node.id))
        if inner and not node.triggered_by_event and not any(n.type == "startEvent" for n in inner):
            yield at(
                process,
                node,
                RULE,
                "info",
                "子流程里没有开始事件，没有来路的环节会同时开始",
                "补一个开始事件",
                "the sub-process has no start event: every activity without incoming flow begins",
                "add a start event",
            )
