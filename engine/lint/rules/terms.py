"""Terms that are not in the table; statutory tasks without a timer that asks the clock; days written into a drawing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from engine.lint.finding import Finding, Subject, at
from engine.terms import Terms

RULE = "legal-time"
TRACKS = ("ordinary", "emergency")
CALL = re.compile(r"(?:deadline|remind)\(\s*\"([^\"]+)\"")


def deciders(table: Terms, posts: Mapping[str, Mapping[str, Any]]) -> Iterable[Finding]:
    """Who may extend a term must be a post there is."""
    for versions in table.terms.values():
        for term in versions:
            for post in str((term.extension or {}).get("who", "")).split(","):
                if post.strip() and post.strip() not in posts:
                    near = difflib.get_close_matches(post.strip(), list(posts), 1)
                    remedy = f"是否为 {near[0]}？" if near else "改为 posts.toml 中的岗位"
                    message = f"时限 {term.key} 的 extension.who 写的岗位 {post.strip()} 不存在"
                    yield Finding("terms.toml", None, term.name, None, RULE, "error", message, remedy)


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
            elif not any(subject.terms.stands(key, subject.on, track) for track in TRACKS):
                yield at(
                    process,
                    node,
                    RULE,
                    "error",
                    f"时限 {key} 的最后一条到期后没有有效的规定",
                    "在 terms.toml 另加一条，valid_from 写旧条的 valid_to",
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
