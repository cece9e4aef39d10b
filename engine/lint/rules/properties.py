"""Properties the engine does not know, with a suggestion; extension elements that mean nothing to it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from engine.lint.finding import Finding, Subject, at

RULE = "unknown-property"
KNOWN = (
    "tier",
    "post",
    "area",
    "term",
    "clockStart",
    "clockEnd",
    "pauses",
    "resumesAt",
    "stops",
    "stopsAt",
    "extends",
    "stage",
    "together",
    "recuse",
    "standby",
    "form",
    "verb",
    "merge",
    "per",
)

NEEDS = {"clockEnd": "term", "stopsAt": "stops"}
"""Properties that say when something happened which another property of the element must name."""


def check(subject: Subject) -> Iterable[Finding]:
    for process in subject.bundle.processes.values():
        for tag in dict.fromkeys(process.ignored):
            yield Finding(
                process.file or "",
                process.id,
                process.name,
                process.line,
                RULE,
                "warning",
                f"扩展元素 {tag} 不起作用",
                "放进 extensionElements，或删除它",
            )
        for tag, times in process.vendors.items():
            yield Finding(
                process.file or "",
                process.id,
                process.name,
                process.line,
                RULE,
                "info",
                f"其他工具的扩展 {tag}（{times} 处）不起作用",
                "可以留着；要它起作用，改用办理设置中的项目",
                f"the extension {tag} of another tool ({times} times) has no effect",
                "it may stay; what should have an effect is set in the element's settings",
            )
    for process, node in subject.nodes():
        for key in node.properties:
            if key not in KNOWN:
                near = difflib.get_close_matches(key, KNOWN, 1)
                remedy = f"是否为 {near[0]}？" if near else "删除它，或改用已有的属性"
                yield at(process, node, RULE, "warning", f"属性 {key} 不起作用", remedy)
            elif NEEDS.get(key, key) not in node.properties:
                remedy = f"写上 {NEEDS[key]}，或删除它"
                yield at(process, node, RULE, "warning", f"没有 {NEEDS[key]}，{key} 不起作用", remedy)
        for ignored in node.ignored:
            yield at(process, node, RULE, "warning", f"{ignored} 不起作用", "删除它，或改用办理设置中的项目")
