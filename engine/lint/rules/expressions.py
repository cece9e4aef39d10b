"""Expressions that call functions nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine import feel
from engine.errors import XunzhenError
from engine.feel.builtins import BUILTINS
from engine.hosting import HOST_FUNCTIONS
from engine.lint.finding import Finding, Subject, at
from engine.model import Node, Process

RULE = "expression"


def check(subject: Subject) -> Iterable[Finding]:
    known = set(BUILTINS) | HOST_FUNCTIONS
    for process, node in subject.nodes():
        for text in texts(process, node):
            try:
                unknown = sorted(set(feel.compile(text).calls) - known)
            except XunzhenError:
                continue  # the compiler's own finding
            for name in unknown:
                yield at(
                    process,
                    node,
                    RULE,
                    "error",
                    f"表达式调用了不存在的函数 {name}：{text}",
                    "检查函数名的写法",
                )


def texts(process: Process, node: Node) -> Iterator[str]:
    """Every expression of a node and of the flows that leave it."""
    for source, _ in (*node.inputs, *node.outputs):
        yield source
    for flow in process.outgoing(node.id):
        if flow.condition:
            yield flow.condition
    for event in node.events:
        if (event.expression or "").lstrip().startswith("="):
            yield event.expression or ""
    for text in (
        node.assignee,
        node.properties.get("recuse"),
        node.properties.get("clockStart"),
        node.properties.get("term"),
    ):
        if text and text.startswith("="):
            yield text
