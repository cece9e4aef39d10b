"""Events that can never happen, or that nobody hears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.lint.finding import Finding, Subject, at
from engine.model import Event, Node, Process

RULE = "event-misuse"
NEVER_FAILS = ("userTask", "manualTask", "task", "receiveTask")
SCOPES = ("subProcess", "transaction", "adHocSubProcess")
MACHINES = ("serviceTask", "sendTask", "scriptTask", "businessRuleTask")
WAITS_NOT = ("scriptTask", "businessRuleTask", "task", "manualTask")


def check(subject: Subject) -> Iterable[Finding]:
    caught = {
        (event.kind, event.name)
        for process in [*subject.bundle.processes.values(), *subject.around.values()]
        for node in process.nodes.values()
        for event in node.events
        if not _throws(node)
    }
    for process, node in subject.nodes():
        yield from _boundary(process, node)
        for event in node.events:
            if (
                _throws(node)
                and event.kind == "signal"
                and event.name
                and not {("signal", event.name), ("signal", None)} & caught
            ):
                yield at(
                    process,
                    node,
                    RULE,
                    "warning",
                    f"抛出的信号 {event.name} 没有任何地方接收",
                    "检查名称的写法，或画出接收它的事件",
                    f"nothing catches the signal {event.name}",
                    "check its name, or draw the event that catches it",
                )
            if _throws(node) and event.kind == "compensation" and not _undoable(process):
                yield at(
                    process,
                    node,
                    RULE,
                    "warning",
                    "抛出补偿，但没有任何活动画了补偿任务：什么也不会发生",
                    "给要撤销的活动画补偿边界事件和补偿任务，或删除这个事件",
                    "compensation is thrown, but no activity has a handler: nothing happens",
                    "draw a compensation boundary event with its handler, or delete this event",
                )


def _undoable(process: Process) -> bool:
    """Is there anything to undo: a handler, or a called process that may have some?"""
    return any(n.for_compensation or n.type == "callActivity" for n in process.nodes.values()) or any(
        process.compensators(n.id) for n in process.nodes.values() if n.attached_to
    )


def _throws(node: Node) -> bool:
    return node.type in ("endEvent", "intermediateThrowEvent", "sendTask")


def _may_throw(process: Process, scope: Node, event: Event) -> bool:
    """Is there anything inside that may throw it: an event of that code, a called process, for errors a machine's work?"""
    for node in process.in_scope(scope.id):
        if node.type in SCOPES and _may_throw(process, node, event):
            return True
        if node.type == "callActivity" or (event.kind == "error" and node.type in MACHINES):
            return True
        if _throws(node) and any(e.kind == event.kind and event.code in (None, e.code) for e in node.events):
            return True
    return False


def _boundary(process: Process, node: Node) -> Iterator[Finding]:
    host = process.nodes.get(node.attached_to or "")
    if host is None:
        return
    for event in node.events:
        if event.kind == "error" and host.type in NEVER_FAILS:
            yield at(
                process,
                node,
                RULE,
                "warning",
                "人办的任务不会抛出错误，这个边界事件永远不会触发",
                "在任务之后用网关按结果分路，或改用消息、定时边界事件",
                "a task done by a person throws no error: this boundary event never happens",
                "decide at a gateway after the task, or use a message or timer boundary event",
            )
        if (
            event.kind in ("error", "escalation")
            and host.type in SCOPES
            and not _may_throw(process, host, event)
        ):
            yield at(
                process,
                node,
                RULE,
                "warning",
                "子流程里没有什么会抛出它，这个边界事件永远不会触发",
                "检查代码的写法，或在子流程里画出抛出它的事件",
                "nothing inside the sub-process throws it: this boundary event never happens",
                "check its code, or draw the event that throws it inside",
            )
        if event.kind in ("timer", "message", "signal") and host.type in WAITS_NOT and not host.job_type:
            yield at(
                process,
                node,
                RULE,
                "warning",
                "这个环节立即完成，不等待，边界事件没有机会触发",
                "把等待画成中间捕获事件，或附在会等待的环节上",
                "the activity completes at once: the boundary event has no chance to happen",
                "draw the waiting as an intermediate event, or attach it to something that waits",
            )
