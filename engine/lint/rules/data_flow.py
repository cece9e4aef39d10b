"""Names an expression reads and nothing gives; forms nothing shows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import suppress

from engine import feel, forms
from engine.errors import XunzhenError
from engine.lint.finding import Finding, Subject, at
from engine.lint.rules.expressions import texts
from engine.model import Node, Process

RULE = "data-flow"
INNER = {
    "loopCounter",
    "numberOfInstances",
    "numberOfActiveInstances",
    "numberOfCompletedInstances",
    "item",
    "again",
    "partial",
}
MESSAGES = ("message", "signal", "error", "escalation")


def check(subject: Subject) -> Iterable[Finding]:
    given = _given(subject)
    opaque = any(_opaque(process) for process in subject.bundle.processes.values())
    for process, node in subject.nodes():
        for text in texts(process, node):
            for name in _unknown(text, given):
                near = difflib.get_close_matches(name, given, 1, cutoff=0.8)
                if near:
                    yield at(
                        process, node, RULE, "warning",
                        f"没有任何环节给出 {name}（{text}），结果是空值", f"是否为 {near[0]}？",
                        f"nothing gives the name {name} in {text}: it is null", f"do you mean {near[0]}?",
                    )  # fmt: skip
                elif not opaque:
                    yield at(
                        process, node, RULE, "warning",
                        f"没有任何环节给出 {name}（{text}），结果是空值", "在前面的表单、脚本或输出映射里给出它",
                        f"nothing gives the name {name} in {text}: it is null", "let a form, script or output mapping before it give it",
                    )  # fmt: skip
    yield from _unused(subject)


def _unknown(text: str, given: set[str]) -> list[str]:
    try:
        return sorted(feel.compile(text).names - given)
    except XunzhenError:
        return []  # the compiler's own finding


def _given(subject: Subject) -> set[str]:
    """Every name that something in the bundle or around it gives: forms, mappings, results, items, data objects."""
    found = set(INNER) | set(subject.given)
    for raw in subject.bundle.forms.values():
        with suppress(XunzhenError):
            form = forms.load(raw)
            found |= {form.section or ""} | {field.key.split(".")[0] for field in form.fields}
    for process in [*subject.bundle.processes.values(), *subject.around.values()]:
        for node in process.nodes.values():
            found.update(gives(node))
    return found - {""}


def gives(node: Node) -> Iterator[str]:
    """Names a node gives by its mappings, results, items and data objects."""
    for _, target in (*node.inputs, *node.outputs):
        yield target.split(".")[0]
    for move in (*node.data_in, *node.data_out):
        yield move.target.split(".")[0]
    yield from node.declares
    yield node.result_variable or ""
    if node.called_decision:
        yield node.result_variable or node.called_decision
    if node.loop is not None:
        yield node.loop.element or ""
        yield node.loop.output or ""
        yield node.loop.output_data or ""


def _opaque(process: Process) -> bool:
    """Does something give names that no drawing shows: a machine's work, a message, a called process, who starts it?"""
    nodes = process.nodes.values()
    machines = ("serviceTask", "sendTask", "callActivity", "businessRuleTask", "receiveTask")
    heard = any(event.kind in MESSAGES for node in nodes for event in node.events)
    return heard or any(node.type in machines for node in nodes) or not any(node.form for node in nodes)


def _unused(subject: Subject) -> Iterator[Finding]:
    processes = [*subject.bundle.processes.values(), *subject.around.values()]
    if not subject.bundle.processes:
        return
    used = {key for p in processes for n in p.nodes.values() for key in (n.form, n.properties.get("form"))}
    for key, file in subject.bundle.form_files.items():
        if key not in used:
            yield Finding(
                file, key, None, None, RULE, "info", "没有任何环节使用这张表单", "删除它，或在环节上选用它",
                "no activity shows this form", "delete it, or choose it at an activity",
            )  # fmt: skip
