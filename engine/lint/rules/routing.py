"""User tasks nobody could be found for: no tier, no post, an unknown post, a post that is not held at that tier. Messages people
record likewise."""

from __future__ import annotations

from collections.abc import Iterable

from engine.lint.finding import Finding, Subject, at
from engine.model import Node, Process, Tier
from engine.routing import route_of, split

RULE = "routing"


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes("userTask"):
        groups = () if (node.candidate_groups or "").startswith("=") else split(node.candidate_groups)
        route = route_of(node, groups)
        if route.tier is None and not node.assignee:
            yield at(
                process,
                node,
                RULE,
                "error",
                "没有办理层级，任务无人可办",
                "把任务放进写明层级的泳道，或在办理设置中选择层级",
            )
            continue
        if route.tier is not None and route.tier.startswith("="):
            continue  # computed at the token
        if route.tier is not None and route.tier not in list(Tier):
            yield at(
                process,
                node,
                RULE,
                "error",
                f"层级 {route.tier} 不存在",
                "层级只有 village、town、district、grid",
            )
            continue
        if not route.posts and not node.assignee and not node.candidate_groups:
            yield at(
                process,
                node,
                RULE,
                "warning",
                "没有写明岗位，该层级的任何人都能办理",
                "在泳道或任务上选择岗位",
            )
        for post in route.posts:
            yield from _post(subject, process, node, post, route.tier)
        text = node.properties.get("together")
        if text is not None and not text.startswith("=") and not (text.isdigit() and int(text) >= 1):
            yield at(process, node, RULE, "error", f"共同办理人数 {text} 不是正整数", "填写需要几人共同办理")

    for process, node in subject.nodes():
        if _recorded(node):
            yield from _message(subject, process, node)


def _recorded(node: Node) -> bool:
    """A message people record: it carries a form and something waits for it there."""
    waits = node.type in ("receiveTask", "intermediateCatchEvent", "boundaryEvent")
    return waits and "form" in node.properties and all(event.kind == "message" for event in node.events)


def _message(subject: Subject, process: Process, node: Node) -> Iterable[Finding]:
    route = route_of(node)
    if route.tier is None or not route.posts:
        yield at(
            process,
            node,
            RULE,
            "warning",
            "没有写明由哪一层级、哪些岗位登记，该区域的任何人都能登记",
            "放进写明层级和岗位的泳道，或在办理设置中选择",
        )
    computed = any((node.properties.get(key) or "").startswith("=") for key in ("tier", "post"))
    for post in () if computed else route.posts:
        yield from _post(subject, process, node, post, route.tier)


def _post(subject: Subject, process: Process, node: Node, post: str, tier: str | None) -> Iterable[Finding]:
    known = subject.posts.get(post)
    if known is None:
        yield at(
            process, node, RULE, "error", f"岗位 {post} 不存在", "在 posts.toml 登记该岗位，或改选已有岗位"
        )
    elif tier is not None and tier not in known["tiers"]:
        message = f"岗位“{known['label']}”不在该层级任职，任务无人可办"
        yield at(process, node, RULE, "error", message, "改选该层级的岗位，或移动到对应层级的泳道")
