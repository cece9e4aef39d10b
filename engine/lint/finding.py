"""What the linter says, and what it looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from engine.bundle import Bundle
from engine.model import Flow, Node, Process
from engine.terms import Terms

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: where, which rule, what is wrong, what to do instead."""

    file: str
    element: str | None
    name: str | None
    line: int | None
    rule: str
    severity: Severity
    message: str
    remedy: str
    message_en: str = ""
    remedy_en: str = ""


@dataclass(frozen=True)
class Subject:
    """A bundle in the company of what it may refer to."""

    bundle: Bundle
    terms: Terms
    posts: Mapping[str, Mapping[str, Any]]
    known_processes: Set[str] = frozenset()
    known_forms: Set[str] = frozenset()
    known_decisions: Set[str] = frozenset()
    codes: Mapping[str, Any] = field(default_factory=dict)
    around: Mapping[str, Process] = field(default_factory=dict)
    """Processes of other bundles that may be called."""
    tables: Mapping[str, bytes] = field(default_factory=dict)
    """Decision tables of other bundles, by bundle and file."""
    given: Set[str] = frozenset()
    """Names that forms and code of other bundles give."""
    known_jobs: Set[str] = frozenset()
    """Job types the installation has a handler for; empty where that is not known."""
    on: date = date.max
    """The day whose terms count, the district's choices among them: by default the newest of each."""

    def process(self, key: str) -> Process | None:
        return self.bundle.processes.get(key) or self.around.get(key)

    def nodes(self, *types: str) -> Iterable[tuple[Process, Node]]:
        """Every node of these types (all without) with its process."""
        for process in self.bundle.processes.values():
            for node in process.nodes.values():
                if not types or node.type in types:
                    yield process, node


def at_flow(
    process: Process,
    flow: Flow,
    rule: str,
    severity: Severity,
    message: str,
    remedy: str,
    message_en: str,
    remedy_en: str,
) -> Finding:
    """A finding at a sequence flow."""
    where = (process.file or "", flow.id, flow.name, flow.line)
    return Finding(*where, rule, severity, message, remedy, message_en, remedy_en)


def at(
    process: Process,
    node: Node,
    rule: str,
    severity: Severity,
    message: str,
    remedy: str,
    message_en: str = "",
    remedy_en: str = "",
) -> Finding:
    """A finding at a node."""
    where = (process.file or "", node.id, node.name, node.line)
    return Finding(*where, rule, severity, message, remedy, message_en, remedy_en)
