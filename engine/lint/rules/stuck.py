"""Explored before published: what can get stuck, starve at a join or never end, with the path that leads there."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import ModelRefused
from engine.lint.finding import Finding, Severity, Subject
from engine.lint.tokens import Trouble, explore
from engine.model import Process
from engine.runner import compile_program

RULE = "stuck"
SAYS: dict[str, tuple[Severity, str, str]] = {
    "starved": (
        "error",
        "流程会停在这里：有一路永远等不到",
        "排他分出的路用排他网关汇合，并行分出的路才用并行网关；或补上到这里的路",
    ),
    "endless": ("error", "从这里起无法走到结束", "给循环画一条出去的路"),
    "piling": ("error", "这里的令牌会越积越多，没有尽头", "循环里分出的并行路先用并行网关汇合，再回到前面"),
    "unexplored": ("info", "流程太大，没有全部走遍", "拆成几个子流程或调用活动"),
}
LONGEST = 14
"""Steps of a path that are shown."""


def check(subject: Subject) -> Iterable[Finding]:
    for process in subject.bundle.processes.values():
        if _runs(process):
            for trouble in explore(process):
                yield _finding(process, trouble)


def _runs(process: Process) -> bool:
    """What the compiler refuses has no states to explore."""
    try:
        compile_program([process])
    except ModelRefused:
        return False
    return True


def _finding(process: Process, trouble: Trouble) -> Finding:
    severity, message, remedy = SAYS[trouble.kind]
    steps = trouble.path if len(trouble.path) <= LONGEST else ("…", *trouble.path[-LONGEST:])
    way = f"。经过：{' → '.join(steps)}" if steps else ""
    element = trouble.nodes[0] if trouble.nodes else trouble.scope
    node = process.nodes.get(element)
    return Finding(
        process.file or "",
        element,
        node.name if node is not None else process.name,
        node.line if node is not None else process.line,
        RULE,
        severity,
        message + way,
        remedy,
    )
