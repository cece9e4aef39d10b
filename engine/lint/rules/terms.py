"""Terms that are not in the table; statutory tasks without a timer that asks the clock; days written into a drawing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.lint.finding import Finding, Subject, at

RULE = "legal-time"
CALL = re.compile(r"(?:deadline|remind)\(\s*\"([^\"]+)\"")


def check(subject: Subject) -> Iterable[Finding]:
    keys = subject.terms.keys()
    for process, node in subject.nodes():
        named = (
            [node.properties.get("term", "")] if not node.properties.get("term", "").startswith("=") else []
        )
        wanted = [k.strip() for text in named for k in text.split(",") if k.strip()]
        wanted += [k for event in node.events for k in CALL.findall(event.expression or "")]
        for key in wanted:
            if key not in keys:
                yield at(
                    process,
                    node,
                    RULE,
                    "error",
                    f"时限表中没有 {key}",
                    "在 terms.toml 登记该时限及依据，或改选已有时限",
                )
        if node.type == "userTask" and node.properties.get("term"):
            guards = [n for n in process.nodes.values() if n.attached_to == node.id]
            if not any("deadline" in (e.expression or "") for g in guards for e in g.events):
                yield at(
                    process,
                    node,
                    RULE,
                    "warning",
                    "法定环节没有到期催办的边界定时器",
                    "加一个不打断的边界定时器，时间写 =deadline(…)",
                )
        for event in node.events:
            text = (event.expression or "").strip()
            if event.kind == "timer" and re.match(r"^(R\d*/)?P", text):
                yield at(
                    process,
                    node,
                    RULE,
                    "info",
                    f"图上直接写了时长 {text}",
                    "法定时限写进 terms.toml，图上用 =deadline(…)",
                )
