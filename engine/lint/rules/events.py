"""Events that can never happen, or that nobody hears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.lint.finding import Finding, Subject, at
from engine.model import Node, Process

RULE = "event-misuse"
NEVER_FAILS = ("userTask", "manualTask", "task", "receiveTask")
WORDS = {"signal": "信号", "escalation": "升级"}
WAITS_NOT = ("scriptTask", "businessRuleTask")


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
            thrown = (event.kind, event.name)
            if (
                _throws(node)
                and event.kind in WORDS
                and event.name
                and not {thrown, (event.kind, None)} & caught
            ):
                word = WORDS[event.kind]
                yield at(
                    process,
                    node,
                    RULE,
                    "warning",
                    f"抛出的{word} {event.name} 没有任何地方接收",
                    "检查名称或代码的写法，或画出接收它的事件",
                    f"nothing catches the {event.kind} {event.name}",
                    "check its name or code, or draw the event that catches it",
                )


def _throws(node: Node) -> bool:
    return node.type in ("endEvent", "intermediateThrowEvent", "sendTask")


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
