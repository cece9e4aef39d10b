"""A stage whose steps may together take longer than the term of the stage, with the path that does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from engine import feel
from engine.lint.finding import Finding, Subject, at
from engine.model import Node, Process
from engine.terms import Term, Terms, Unit

RULE = "stage-time"
TRACKS = ("ordinary", "emergency")
WORKING_DAYS = {
    Unit.WORKING_DAYS: 1.0,
    Unit.CALENDAR_DAYS: 5 / 7,
    Unit.WORKING_HOURS: 1 / 8,
    Unit.HOURS: 5 / 7 / 24,
    Unit.MONTHS: 21.75,
}
"""What one of a unit is in working days: exact enough to add up a path of different units."""
QUOTED = re.compile(r'"([^"]+)"')
CALL = re.compile(r'(?:deadline|remind)\(\s*"([^"]+)"')
DEEPEST = 20
STAGES = ("subProcess", "transaction", "adHocSubProcess", "callActivity")


@dataclass(frozen=True, slots=True)
class Way:
    """Working days, and the steps that take them."""

    days: float = 0.0
    steps: tuple[str, ...] = ()

    def then(self, further: Way) -> Way:
        return Way(self.days + further.days, (*self.steps, *further.steps))


@dataclass(frozen=True, slots=True)
class Ways:
    """The longest ways through something: to its end, and to where the stop fact of the outer term lies. None: there is none."""

    through: Way | None = Way()
    stopped: Way | None = None

    def then(self, after: Sequence[Ways]) -> Ways:
        if self.through is None:
            return self
        further = _longest(w.through for w in after) if after else Way()
        ends = _longest(w.stopped for w in after)
        through = self.through.then(further) if further is not None else None
        return Ways(through, _longest([self.stopped, self.through.then(ends) if ends is not None else None]))


def _longest(ways: Iterable[Way | None]) -> Way | None:
    return max((way for way in ways if way is not None), key=lambda way: way.days, default=None)


def check(subject: Subject) -> Iterable[Finding]:
    for process, node in subject.nodes():
        if node.type not in STAGES:
            continue
        for track in TRACKS:
            found = next(_stage(subject, process, node, track), None)
            if found is not None:
                yield found
                break


def _stage(subject: Subject, process: Process, node: Node, track: str) -> Iterator[Finding]:
    for term in _terms(subject.terms, node.properties.get("term"), track):
        if term.kind != "max":
            continue
        sums = _Sums(subject, track, term)
        ways = sums.inside(process, node, 0)
        way, limit = _longest([ways.through, ways.stopped]) or Way(), _days(term)
        if way.days > limit + 1e-9:
            total, most = _words(way.days), _words(limit)
            yield at(
                process,
                node,
                RULE,
                "warning",
                f"各环节时限相加最长约 {total} 个工作日，超过“{term.name or term.key}”的 {term.words}："
                + " → ".join(way.steps),
                "缩短其中的时限，或让能并行的环节并行；确需更久的写明中止计时的事由",
                f"the steps may take about {total} working days, the stage's term is {most}: {' → '.join(way.steps)}",
                "shorten a term, run steps in parallel, or state what pauses the clock",
            )


def _words(days: float) -> str:
    return f"{days:.1f}".rstrip("0").rstrip(".")


def _days(term: Term) -> float:
    return term.n * WORKING_DAYS[term.unit]


def _terms(table: Terms, text: str | None, track: str) -> list[Term]:
    """The terms a property may name: its list, or every key that stands in its expression."""
    if not text:
        return []
    keys = QUOTED.findall(text) if text.startswith("=") else [part.strip() for part in text.split(",")]
    return [found for key in keys if (found := _term(table, key, track)) is not None]


def _term(table: Terms, key: str, track: str) -> Term | None:
    """The newest version."""
    versions = table.terms.get(key) or table.terms.get(f"{key}.{track}") or ()
    return max(versions, key=lambda term: term.valid_from, default=None)


class _Sums:
    """Longest ways for one outer term: a step that pauses it takes none of its time."""

    def __init__(self, subject: Subject, track: str, term: Term) -> None:
        self.subject, self.track = subject, track
        self.pauses = frozenset(term.pauses)
        self.key = term.key.removesuffix(f".{track}")
        self.known: dict[tuple[str, str], Ways] = {}

    def inside(self, process: Process, node: Node, depth: int) -> Ways:
        """Through a sub-process or a called process."""
        if depth > DEEPEST:
            return Ways()
        if node.type != "callActivity":
            return self.scope(process, node.id, depth + 1)
        called = self.subject.process(node.called_element or "")
        return self.scope(called, called.id, depth + 1) if called is not None else Ways()

    def scope(self, process: Process, scope: str, depth: int) -> Ways:
        if (process.id, scope) not in self.known:
            self.known[process.id, scope] = Ways()  # a process that calls itself adds nothing of its own
            nodes = {n.id: n for n in process.in_scope(scope)}
            self.known[process.id, scope] = self.longest(process, nodes, depth)
        return self.known[process.id, scope]

    def longest(self, process: Process, nodes: Mapping[str, Node], depth: int) -> Ways:
        """The longest ways without going round: each node once."""
        after = _after(process, nodes)
        best: dict[str, Ways] = {}
        for key in reversed(_order(nodes, after)):
            best[key] = self.takes(process, nodes[key], depth).then(
                [best[n] for n in after[key] if n in best]
            )
        starts = [best[key] for key, node in nodes.items() if node.type == "startEvent"]
        return Ways(_longest(w.through for w in starts), _longest(w.stopped for w in starts))

    def takes(self, process: Process, node: Node, depth: int) -> Ways:
        """What one node takes of the outer term: nothing when it pauses it, no more at all when it stops it."""
        if self.key in _listed(node.properties.get("stops")):
            return Ways(None, Way())
        if self.pauses.intersection(_listed(node.properties.get("pauses"))):
            return Ways()
        own = _terms(self.subject.terms, node.properties.get("term"), self.track)
        own += [t for e in node.events if not node.attached_to for t in self.waits(e.expression)]
        name = node.name or node.id
        inner = node.type in STAGES
        if own and not inner:
            longest = max(own, key=_days)
            return Ways(Way(_days(longest), (f"{name}（{longest.words}）",)))
        literal = [_literal(e.expression) for e in node.events if e.kind == "timer"]
        if node.type == "intermediateCatchEvent" and any(literal):
            days = max(literal) * 5 / 7
            return Ways(Way(days, (f"{name}（{_words(days)}个工作日）",)))
        return self.inside(process, node, depth) if inner else Ways()

    def waits(self, expression: str | None) -> list[Term]:
        return [
            t for key in CALL.findall(expression or "") if (t := _term(self.subject.terms, key, self.track))
        ]


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _literal(expression: str | None) -> float:
    """Calendar days of a duration written on the drawing."""
    text = (expression or "").lstrip("=").strip().strip('"')
    if not text.startswith("P"):
        return 0.0
    value = feel.evaluate(f'duration("{text}")', {}).value
    return value.total_seconds() / 86400 if isinstance(value, timedelta) else 0.0


def _after(process: Process, nodes: Mapping[str, Node]) -> dict[str, list[str]]:
    """What may follow a node in its scope: its flows, and what its interrupting boundary events lead to."""
    after: dict[str, list[str]] = {key: [] for key in nodes}
    for flow in process.flows.values():
        if flow.source in nodes and flow.target in nodes:
            after[flow.source].append(flow.target)
    for node in nodes.values():
        if node.attached_to and node.attached_to in nodes and node.interrupting:
            after[node.attached_to].append(node.id)
    links = {
        e.name: n.id
        for n in nodes.values()
        if n.type == "intermediateCatchEvent"
        for e in n.events
        if e.kind == "link"
    }
    for node in nodes.values():
        if node.type == "intermediateThrowEvent":
            after[node.id] += [links[e.name] for e in node.events if e.kind == "link" and e.name in links]
    return after


def _order(nodes: Mapping[str, Node], after: Mapping[str, list[str]]) -> list[str]:
    """Topological order; edges that close a loop are left out of it (a round counts once)."""
    seen: set[str] = set()
    order: list[str] = []
    into = {n for targets in after.values() for n in targets}
    for root in [*(k for k in nodes if k not in into), *nodes]:
        stack = [(root, iter(after[root]))] if root not in seen else []
        if stack:
            seen.add(root)
        while stack:
            _, following = stack[-1]
            step = next((n for n in following if n not in seen), None)
            if step is None:
                order.append(stack.pop()[0])
            else:
                seen.add(step)
                stack.append((step, iter(after[step])))
    return order[::-1]
