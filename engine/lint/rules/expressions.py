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
    yield from _languages(subject)
    known = set(BUILTINS) | HOST_FUNCTIONS
    for process, node in subject.nodes():
        yield from _unmarked(process, node)
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


def _languages(subject: Subject) -> Iterator[Finding]:
    """Expressions read as FEEL in a file that declares another language for all of them."""
    for process in subject.bundle.processes.values():
        if process.assumed:
            language, places = process.declared_language, "、".join(process.assumed)
            yield Finding(
                process.file or "", process.id, process.name, process.line, RULE, "warning",
                f"文件声明的表达式语言是 {language}，这些地方没有写明语言，按 FEEL 读：{places}",
                "核对这些表达式；写成以 = 开头，就是 FEEL",
                f"the file declares the expression language {language}; expressions that name none are read as FEEL: {places}",
                "check them; one that begins with = is FEEL",
            )  # fmt: skip


def _unmarked(process: Process, node: Node) -> Iterator[Finding]:
    """Sources of mappings without `=`: elsewhere such a text would stand for itself."""
    for source, target in (*node.inputs, *node.outputs):
        if source.strip() and not source.lstrip().startswith("="):
            yield at(
                process, node, RULE, "warning",
                f"{target} 的来源没有以 = 开头，按 FEEL 读（{source}）", f'变量写成 ={source}，文字写成 ="{source}"',
                f"the source of {target} does not begin with = and is read as FEEL: {source}",
                f'write ={source} for the variable, ="{source}" for the text',
            )  # fmt: skip


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
        node.properties.get("together"),
        node.properties.get("clockStart"),
        node.properties.get("clockEnd"),
        node.properties.get("stopsAt"),
        node.properties.get("resumesAt"),
        node.properties.get("term"),
        node.properties.get("area"),
    ):
        if text and text.startswith("="):
            yield text
