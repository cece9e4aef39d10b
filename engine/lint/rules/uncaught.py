"""Errors and escalations nobody catches: no boundary event or event sub-process around them, and no caller's either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.lint.finding import Finding, Severity, Subject, at
from engine.model import Event, Node, Process

RULE = "uncaught"
THROWERS = ("endEvent", "intermediateThrowEvent")
SAYS: dict[str, tuple[Severity, str, str, str, str]] = {
    "error": (
        "warning",
        "抛出的错误{}没有任何边界事件或事件子流程接收：这一层就此结束，别的路也停办",
        "在外层子流程或调用活动上画同代码的错误边界事件；只想结束就改用终止结束事件",
        "nothing around it catches the error{}: its scope ends, whatever else is open there",
        "draw an error boundary event of that code around it, or use a terminate end event",
    ),
    "escalation": (
        "info",
        "抛出的升级{}没有任何边界事件或事件子流程接收：流程照常继续",
        "在外层画接收它的边界事件或事件子流程，或删除它",
        "nothing around it catches the escalation{}: the process simply goes on",
        "draw the event that catches it, or delete it",
    ),
}


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes(*THROWERS):
        for event in node.events:
            if event.kind in SAYS and not _caught(subject, process, node, event, frozenset()):
                severity, message, remedy, message_en, remedy_en = SAYS[event.kind]
                what = event.name or event.code
                code, code_en = (f"“{what}”", f" “{what}”") if what else ("", "")
                yield at(
                    process, node, RULE, severity, message.format(code), remedy, message_en.format(code_en), remedy_en
                )  # fmt: skip


def _caught(subject: Subject, process: Process, thrower: Node, event: Event, seen: frozenset[str]) -> bool:
    """Outward scope by scope, as the runner goes; at the border of the process into those that call it."""
    at_node: Node | None = thrower
    while at_node is not None:
        if any(_hears(guard, event) for guard in _guards(process, at_node)):
            return True
        at_node = process.nodes.get(at_node.scope)
    callers = [(p, n) for p, n in _calls(subject, process.id) if p.id not in seen]
    return any(_caught(subject, p, n, event, seen | {process.id}) for p, n in callers)


def _guards(process: Process, node: Node) -> Iterator[Node]:
    """Boundary events of a node, and the starts of event sub-processes beside it (a handler does not hear itself)."""
    for other in process.nodes.values():
        if other.attached_to == node.id:
            yield other
        elif other.triggered_by_event and other.scope == node.scope and other is not node:
            yield from (n for n in process.in_scope(other.id) if n.type == "startEvent")


def _hears(catcher: Node, event: Event) -> bool:
    return any(e.kind == event.kind and e.code in (None, event.code) for e in catcher.events)


def _calls(subject: Subject, called: str) -> Iterator[tuple[Process, Node]]:
    for process in {**subject.around, **subject.bundle.processes}.values():
        for node in process.nodes.values():
            if node.type == "callActivity" and node.called_element == called:
                yield process, node
