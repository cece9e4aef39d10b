"""A stage whose steps may together take longer than the term of the stage, with the path that does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from engine import feel
from engine.lint.finding import Finding, Subject, at
from engine.lint.lawful import Known, Sources, names_in
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
TIMER = re.compile(r"deadline\(\s*([^,()]+?)\s*(?:,\s*([^,()]+))?\)")
CALL = re.compile(r"(?:deadline|remind)\(\s*([^,()]+)")
DEEPEST = 20
MOST = 100
"""So many rounds are added up at most: more is over any term."""
STAGES = ("subProcess", "transaction", "adHocSubProcess", "callActivity")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way. `start`: the event it counts from, if drawn; `gives`: names that get their value when it ends."""

    words: str = ""
    days: float = 0.0
    key: str = ""
    start: str = ""
    gives: tuple[tuple[str, str], ...] = ()
    often: str = ""  # what is done one after the other, nobody knows how often


@dataclass(frozen=True, slots=True)
class Way:
    """Steps one after the other, and the working days of their terms."""

    days: float = 0.0
    steps: tuple[Step, ...] = ()

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

    def or_(self, other: Ways) -> Ways:
        return Ways(_longest([self.through, other.through]), _longest([self.stopped, other.stopped]))


def _longest(ways: Iterable[Way | None]) -> Way | None:
    return max((way for way in ways if way is not None), key=lambda way: way.days, default=None)


def check(subject: Subject) -> Iterable[Finding]:
    sources = Sources(subject)
    for process, node in subject.nodes():
        if node.type not in STAGES:
            continue
        for track in TRACKS:
            found = next(_stage(subject, sources, process, node, track), None)
            if found is not None:
                yield found
                break


def _stage(subject: Subject, sources: Sources, process: Process, node: Node, track: str) -> Iterator[Finding]:
    known = {**sources.given(process), **sources.handed(process, node)}
    named = node.properties.get("term") or ""
    terms = [t for t in _terms(subject.terms, sources, named, track, known) if t.kind == "max"]
    # Where an expression chooses, the longest is asked against the longest: which of them meet is not known here.
    for term in [max(terms, key=_days)] if terms and named.startswith("=") else terms:
        sums = _Sums(subject, sources, track, term, known)
        ways = sums.inside(process, node, 0)
        way, limit = _longest([ways.through, ways.stopped]) or Way(), _days(term)
        total, steps = sums.measured(way)
        said, most = _words(total), _words(limit)
        often, once, english = list(dict.fromkeys(step.often for step in way.steps if step.often)), "", ""
        if often:
            once = f"其中{'、'.join(f'“{name}”' for name in often)}依次多次办理，次数不定，只计了一次"
            english = f" {', '.join(often)} happen one after the other, nobody knows how often: counted once"
        if total > limit + 1e-9:
            path = " → ".join(step.words for step in steps)
            yield at(
                process,
                node,
                RULE,
                "warning",
                f"各环节时限相加最长约 {said} 个工作日，超过“{term.name or term.key}”的 {term.words}：{path}{f'（{once}）' if often else ''}",
                "缩短其中的时限，或让能并行的环节并行；确需更久的写明中止计时的事由",
                f"the steps may take about {said} working days, the stage's term is {most}: {path}{english}",
                "shorten a term, run steps in parallel, or state what pauses the clock",
            )
        elif often:
            yield at(
                process, node, RULE, "info",
                f"各环节时限相加没有超过“{term.name or term.key}”的 {term.words}，但{once}",
                "按实际会有的次数核对；次数固定的，把次数写成数字",
                f"the steps fit into the stage's term of {most} working days, but{english}",
                "check with the number there will be; write a fixed number as a number",
            )  # fmt: skip


def _words(days: float) -> str:
    return f"{days:.1f}".rstrip("0").rstrip(".")


def _days(term: Term) -> float:
    return term.n * WORKING_DAYS[term.unit]


def _terms(table: Terms, sources: Sources, text: str | None, track: str, known: Known) -> list[Term]:
    """The terms a property may name: its list, or every key its expression can give."""
    if not text:
        return []
    keys = list(dict.fromkeys(sources.meant(text[1:], known))) if text.startswith("=") else _listed(text)
    on = sources.subject.on
    listed = [key for key in keys if table.stands(key, on, track) and key not in table.parameters]
    return [table.get(key, on, track) for key in listed]


class _Sums:
    """Longest ways for one outer term: a step that pauses it takes none of its time."""

    def __init__(self, subject: Subject, sources: Sources, track: str, term: Term, given: Known) -> None:
        self.subject, self.sources, self.track, self.given = subject, sources, track, given
        self.pauses = term.held_by
        self.key = term.key.removesuffix(f".{track}")
        self.known: dict[tuple[str, str, tuple[tuple[str, frozenset[str]], ...]], Ways] = {}

    def measured(self, way: Way) -> tuple[float, list[Step]]:
        """What a way takes: a step that counts from an event on the way ends that long after the event, not after the step
        before it – so two steps of one term from one event take it once."""
        now, gave, told = 0.0, dict[str, float](), list[Step]()
        for step in way.steps:
            begun = self._begun(step.start, gave) if step.start else None
            ends = step.days + (now if begun is None else begun)
            if step.days and ends > now + 1e-9:
                now = ends
                told.append(step)
            for source, target in step.gives:
                # A name handed on unchanged keeps the moment it was given first.
                plain = source.removeprefix("=").strip()
                gave[target] = gave.get(plain, now)
        return now, told

    def _begun(self, expression: str, gave: Mapping[str, float], depth: int = 0) -> float | None:
        """When the event lies that an expression counts from: the first of its names that was given on the way.

        What a table gives may be any of its cells, the latest counts; a cell without a name leaves it to the next name.
        """
        could: list[float] = []
        for name in (n for n in names_in(expression) if n in gave):
            cells = self.sources.cells(name, self.given) if depth < DEEPEST else []
            if not cells:
                could.append(gave[name])
                break
            for cell in cells:
                inner = self._begun(cell, gave, depth + 1)
                could += [gave[name] if inner is None else inner] if names_in(cell) else []
            if all(names_in(cell) for cell in cells):
                break
        return max(could, default=None)

    def inside(self, process: Process, node: Node, depth: int) -> Ways:
        """Through a sub-process or a called process."""
        if depth > DEEPEST:
            return Ways()
        if node.type != "callActivity":
            return self.scope(process, node.id, depth + 1)
        called = self.subject.process(node.called_element or "")
        if called is None:
            return Ways()
        outside, self.given = self.given, {**self.given, **self.sources.handed(process, node)}
        try:
            return self.scope(called, called.id, depth + 1)
        finally:
            self.given = outside

    def scope(self, process: Process, scope: str, depth: int) -> Ways:
        key = process.id, scope, tuple(sorted(self.given.items()))
        if key not in self.known:
            self.known[key] = Ways()  # a process that calls itself adds nothing of its own
            nodes = {n.id: n for n in process.in_scope(scope)}
            self.known[key] = self.longest(process, nodes, depth)
        return self.known[key]

    def longest(self, process: Process, nodes: Mapping[str, Node], depth: int) -> Ways:
        """The longest ways without going round: each node once."""
        after = _after(process, nodes)
        best: dict[str, Ways] = {}
        for key in reversed(_order(nodes, after)):
            cut, taken = self.interrupted(nodes, key), self.takes(process, nodes[key], depth)
            if cut and taken.through is not None and not taken.through.days:
                taken = taken.then([Ways(_until(cut.values()))])  # it may last until it is broken off
            best[key] = taken.then([best[n] for n in after[key] if n in best and n not in cut])
            for event, step in cut.items():
                if event in best:
                    best[key] = best[key].or_(Ways(Way(step.days, (step,))).then([best[event]]))
        starts = [best[key] for key, node in nodes.items() if node.type == "startEvent"]
        return Ways(_longest(w.through for w in starts), _longest(w.stopped for w in starts))

    def interrupted(self, nodes: Mapping[str, Node], host: str) -> dict[str, Step]:
        """The timers that break an activity off, each with the time that is gone when it does."""
        found = {}
        for node in nodes.values():
            if node.attached_to == host and node.interrupting:
                waits = [
                    wait for e in node.events if e.kind == "timer" and (wait := self.waited(e.expression))
                ]
                if waits:
                    days, words, start = max(waits)
                    name = node.name or nodes[host].name or host
                    found[node.id] = Step(f"{name}（{words}到期）", days, start=start)
        return found

    def waited(self, expression: str | None) -> tuple[float, str, str] | None:
        """The longest time a timer may wait, in words, and the event from which it counts."""
        literal = _literal(expression) * 5 / 7
        if literal:
            return literal, f"{_words(literal)}个工作日", ""
        asked = [
            (_days(term), term.words, start.strip())
            for key, start in TIMER.findall(expression or "")
            for term in _terms(self.subject.terms, self.sources, f"={key}", self.track, self.given)
        ]
        return max(asked, default=None)

    def takes(self, process: Process, node: Node, depth: int) -> Ways:
        """What one node takes of the outer term: nothing when it pauses it, no more at all when it stops it."""
        if self.key in _listed(node.properties.get("stops")):
            return Ways(None, Way())
        if self.pauses.intersection(_listed(node.properties.get("pauses"))):
            return Ways()
        step = Step(words=node.name or node.id, gives=tuple(node.outputs))
        own, start = self.own(node)
        inner = self.inside(process, node, depth) if node.type in STAGES else Ways()
        if own is None and inner.through is not None and inner.through.days:
            inner = _repeated(node, inner)
        if own is not None:
            # A stage with a term of its own may take that: whether its steps fit in is said of that stage.
            taken = replace(
                step, words=f"{step.words}（{own.words}）", days=_days(own), key=own.key, start=start
            )
            return Ways(Way(taken.days, (taken,)) if inner.through is not None else None, inner.stopped)
        literal = [_literal(e.expression) for e in node.events if e.kind == "timer"]
        if node.type == "intermediateCatchEvent" and any(literal):
            days = max(literal) * 5 / 7
            taken = replace(step, words=f"{step.words}（{_words(days)}个工作日）", days=days)
            return Ways(Way(days, (taken,)))
        if step.gives:
            return inner.then([Ways(Way(0.0, (replace(step, words=""),)))])
        return inner

    def own(self, node: Node) -> tuple[Term | None, str]:
        """The longest term a node can have – its own, or what its timer waits for – and from what it counts."""
        found = [
            (t, node.properties.get("clockStart", "").removeprefix("="))
            for t in _terms(
                self.subject.terms, self.sources, node.properties.get("term"), self.track, self.given
            )
        ]
        for event in node.events if not node.attached_to else ():
            for key in CALL.findall(event.expression or ""):
                found += [
                    (t, "")
                    for t in _terms(self.subject.terms, self.sources, f"={key}", self.track, self.given)
                ]
        return max(found, key=lambda pair: _days(pair[0]), default=(None, ""))


def _until(cut: Iterable[Step]) -> Way:
    """The time an activity has that a timer breaks off: it ends by itself before the first of them."""
    first = min(cut, key=lambda step: step.days)
    return Way(first.days, (first,))


def _repeated(node: Node, inner: Ways) -> Ways:
    """What is done several times one after the other takes as often its time; how often is known where a number is written.

    A term of the activity's own is that of all its instances together, so it is not asked here.
    """
    assert inner.through is not None
    if node.loop is None or not node.loop.sequential:
        return inner
    number = str(node.loop.maximum or (node.loop.cardinality or "").lstrip("= ").strip())
    if not number.isdigit():
        return inner.then([Ways(Way(0.0, (Step(often=node.name or node.id),)))])
    through = inner.through
    for _ in range(min(int(number), MOST) - 1):
        through = through.then(inner.through)
    return Ways(through if int(number) else Way(), inner.stopped)


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
