"""Forms, decisions and called processes that do not exist; processes that call themselves."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Set

from engine.lint.finding import Finding, Subject, at
from engine.model import Node, Process

RULE = "broken-reference"


def check(subject: Subject) -> Iterable[Finding]:
    bundle = subject.bundle
    wanted: tuple[tuple[str, set[str], Callable[[Node], list[str | None]]], ...] = (
        ("表单", set(bundle.forms) | set(subject.known_forms), lambda n: [n.form, n.properties.get("form")]),
        ("决策表", set(bundle.decisions) | set(subject.known_decisions), lambda n: [n.called_decision]),
        ("流程", set(bundle.processes) | set(subject.known_processes), lambda n: [n.called_element]),
    )
    yield from _twice(subject)
    for process, node in subject.nodes("callActivity"):
        if node.binding == "deployment" and node.called_element not in bundle.processes:
            message = f"绑定同一次部署，但流程 {node.called_element} 不在本流程包里"
            yield at(process, node, RULE, "error", message, "改为 latest，或把流程放进本流程包")
        yield from _round(subject, process, node)
    for process, node in subject.nodes():
        kind = node.job_type
        if subject.known_jobs and kind and not kind.startswith("=") and kind not in subject.known_jobs:
            remedy = _near(kind, subject.known_jobs) or "改选已有的作业类型，或先写出处理它的后台作业"
            yield at(process, node, RULE, "error", f"没有后台作业处理类型 {kind}，办到这里就会停下", remedy)
        for word, known, named in wanted:
            for key in filter(None, named(node)):
                if key not in known:
                    remedy = _near(key, known) or f"新建{word} {key}，或改选已有的{word}"
                    yield at(process, node, RULE, "error", f"引用的{word} {key} 不存在", remedy)


def _twice(subject: Subject) -> Iterator[Finding]:
    """Ids are unique in a file, across its processes: message flows, lanes and shapes refer to them."""
    taken: dict[tuple[str | None, str], str] = {}
    for process, node in subject.nodes():
        other = taken.setdefault((process.file, node.id), process.id)
        if other != process.id:
            yield at(
                process, node, RULE, "error", f"元素 id {node.id} 在流程 {other} 里也有", "给每个元素不同的 id",
                f"the id {node.id} is used in the process {other} as well", "give each element an id of its own",
            )  # fmt: skip


def _near(key: str, known: Set[str]) -> str | None:
    found = difflib.get_close_matches(key, known, 1)
    return f"是否为 {found[0]}？" if found else None


def _round(subject: Subject, process: Process, node: Node) -> Iterator[Finding]:
    """A call that leads back to its own process: 40 calls deep the case stops."""
    todo, seen = [node.called_element], set[str]()
    while todo:
        called = todo.pop()
        if called is None or called in seen:
            continue
        seen.add(called)
        found = subject.process(called)
        todo.extend(n.called_element for n in (found.nodes.values() if found else ()))
    if process.id in seen:
        yield at(
            process,
            node,
            RULE,
            "warning",
            f"流程 {process.id} 通过这个调用又调用自己，调用 40 层后会停下",
            "改画成回到前面的连线，或确认调用一定会结束",
            f"through this call {process.id} calls itself; 40 calls deep it stops",
            "draw a flow that leads back, or make sure that the calls end",
        )
