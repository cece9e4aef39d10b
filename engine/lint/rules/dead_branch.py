"""Branches that can never be taken, whatever the data: only where it is certain (`engine.feel.settled`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.errors import XunzhenError
from engine.feel.settled import Condition, condition
from engine.lint.finding import Finding, Subject, at, at_flow
from engine.model import Flow, Node, Process

RULE = "dead-branch"


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes():
        yield from _flows(process, node)
        for event in node.events:
            asked = _read(event.expression) if event.kind == "conditional" else None
            if asked is not None and asked.never():
                yield at(
                    process, node, RULE, "warning",
                    f"条件永远不成立，这个事件不会发生（{asked.text}）", "改正条件，或删除这个事件",
                    f"the condition never holds, so the event never happens: {asked.text}", "mend the condition, or delete the event",
                )  # fmt: skip
        loop = node.loop
        asked = _read(loop.condition) if loop is not None and loop.maximum is None else None
        if asked is not None and asked.always():
            yield at(
                process, node, RULE, "error",
                f"循环条件永远成立，循环没有尽头（{asked.text}）", "写一个会变的条件，或填写最大次数",
                f"the loop condition always holds, so the loop never ends: {asked.text}", "write a condition that changes, or a maximum",
            )  # fmt: skip


def _flows(process: Process, node: Node) -> Iterator[Finding]:
    """In the order in which they are looked at; an exclusive gateway stops at the first that holds."""
    before: list[tuple[Flow, Condition]] = []
    one = node.type == "exclusiveGateway"
    out = process.outgoing(node.id)
    for flow in [*(f for f in out if not f.default), *(f for f in out if f.default)]:
        asked = None if flow.default else _read(flow.condition)
        if asked is not None and asked.never():
            yield _dead(
                process, flow, f"条件永远不成立（{asked.text}）", f"its condition never holds: {asked.text}"
            )
            continue
        first = next((f for f, c in before if one and _shuts(c, asked)), None)
        if first is not None:
            name = f"“{first.name}”" if first.name else first.id
            yield _dead(
                process, flow, f"前面的出口{name}总是先成立", f"the flow {name} before it always holds first"
            )
        elif asked is not None:
            before.append((flow, asked))


def _shuts(earlier: Condition, later: Condition | None) -> bool:
    """Does the earlier condition hold whenever the later one (None: the default) could be taken?"""
    return earlier.always() or (later is not None and later.only_if(earlier))


def _dead(process: Process, flow: Flow, why: str, english: str) -> Finding:
    return at_flow(
        process, flow, RULE, "warning", f"这一路永远走不到：{why}", "改正条件或调整先后，或删除这一路",
        f"this branch is never taken: {english}", "mend the conditions or their order, or delete the branch",
    )  # fmt: skip


def _read(text: str | None) -> Condition | None:
    try:
        return condition(text) if text else None
    except XunzhenError:
        return None  # the compiler's own finding
