"""Expressions that can only give null, or never what their place asks for, whatever the variables hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine import feel
from engine.errors import XunzhenError
from engine.feel.certain import certain
from engine.lint.finding import Finding, Subject, at
from engine.lint.rules.expressions import texts
from engine.model import Node, Process

RULE = "type-error"
TRUTH, NUMBER, LIST = ("boolean",), ("number",), ("list",)
INSTANT = ("date and time", "days and time duration", "years and months duration", "string")
WORDS = {TRUTH: ("是或否", "a boolean"), NUMBER: ("数字", "a number"), LIST: ("列表", "a list"), INSTANT: ("时刻或时长", "an instant or a duration")}  # fmt: skip


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes():
        wanted = dict(_places(process, node))
        for text in dict.fromkeys([*texts(process, node), *wanted]):
            try:
                found = certain(feel.compile(text).tree)
            except XunzhenError:
                continue  # the compiler's own finding
            for _, _, reason in found.faults[:1]:
                yield at(
                    process,
                    node,
                    RULE,
                    "error",
                    f"表达式总是得不到值：{reason}（{text}）",
                    "改正这一处的类型",
                    f"this can only give null: {text}",
                    "mend the types",
                )
            kinds = wanted.get(text)
            if kinds is not None and not found.faults and found.kind not in (None, *kinds):
                word, word_en = WORDS[kinds]
                yield at(
                    process,
                    node,
                    RULE,
                    "error",
                    f"这里要{word}，表达式给的总不是（{text}）",
                    f"写一个得到{word}的表达式",
                    f"{word_en} is wanted here, never what {text} gives",
                    f"write an expression that gives {word_en}",
                )


def _places(process: Process, node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Expressions whose place asks for a kind of value."""
    for flow in process.outgoing(node.id):
        if flow.condition and not flow.default:
            yield flow.condition, TRUTH
    for event in node.events:
        if event.kind == "conditional" and event.expression:
            yield event.expression, TRUTH
        elif event.kind == "timer" and (event.expression or "").lstrip().startswith("="):
            yield event.expression or "", INSTANT
    loop = node.loop
    for text, kinds in (
        (node.completion, TRUTH),
        (loop.completion if loop else None, TRUTH),
        (loop.condition if loop else None, TRUTH),
        (loop.cardinality if loop else None, NUMBER),
        (loop.collection if loop else None, LIST),
    ):
        if text:
            yield text, kinds
