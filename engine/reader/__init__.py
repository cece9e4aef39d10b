"""BPMN files to frozen values (`engine.model`): every process, every node, every extension the engine knows.

Meaning is kept, form is normalised: elements without id get `type@line`, references lose their prefixes, event definitions
by reference are looked up, nested lanes end in the innermost one, message flows name the messages nobody named. Nothing is
dropped in silence: what the engine does not know stands in `Node.ignored` for the linter, what cannot mean anything is a
refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.errors import Invalid, ModelRefused
from engine.model import Process
from engine.reader.base import BPMN, element_id, line_of, name_all
from engine.reader.scopes import Reader
from engine.xml import children, local, parse

__all__ = ["Definitions", "element_id", "line_of", "read"]


@dataclass(frozen=True)
class Definitions:
    """A file as read."""

    processes: tuple[Process, ...]
    messages: dict[str, tuple[str | None, str | None]] = field(
        default_factory=dict
    )  # id → name, correlation key
    tasks: frozenset[str] = frozenset()
    """Ids of global tasks: they may be drawn, calling one is refused."""


def read(data: bytes, file: str | None = None) -> Definitions:
    """All processes of a BPMN file. Raises Invalid (broken XML) or ModelRefused with every refusal of the file."""
    try:
        root = parse(data)
    except Invalid as error:
        error.data["file"] = file
        raise
    if local(root) != "definitions":
        raise Invalid("这不是 BPMN 文件。", "Not a BPMN file.", code="broken_xml", file=file)
    if etree.QName(root).namespace != BPMN:
        raise Invalid(
            f"文件的命名空间不是 BPMN 2.0（{etree.QName(root).namespace or '没有'}），应为 {BPMN}。",
            "Not the namespace of BPMN 2.0.",
            code="broken_xml",
            file=file,
            line=root.sourceline,
        )
    name_all(root)
    reader = Reader(root, file)
    processes = tuple(reader.process(p) for p in children(root, "process"))
    if not processes:
        reader.refuse(root, "文件里没有流程", "至少画一个流程", "no process", rule="gap")
    known = set[str]()
    for element, process in zip(children(root, "process"), processes, strict=True):
        if process.id in known:
            reader.refuse(element, "同一文件中流程 id 重复", "给每个流程不同的 id", "duplicate process id")
        known.add(process.id)
    if reader.refusals:
        refused = ModelRefused(reader.refusals)
        refused.partly = processes
        raise refused
    global_tasks = frozenset(element_id(e) for e in children(root) if local(e).startswith("global"))
    return Definitions(
        processes, {key: (m.name, m.correlation) for key, m in reader.messages.items()}, global_tasks
    )
