"""Which terms and which lawful events an expression of a drawing can mean: names followed through mappings, callers and decision tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property

from engine import dmn
from engine.dmn import values
from engine.errors import ModelRefused, XunzhenError
from engine.lint.finding import Subject
from engine.model import Node, Process

QUOTED = re.compile(r'"([^"]*)"')
NAME = re.compile(r"[A-Za-z_]\w*")
IS = re.compile(r'^\s*(\w+)\s*=\s*"([^"]+)"\s*$')
ONE_OF = re.compile(r"^\s*list contains\(\s*\[([^\]]*)\]\s*,\s*(\w+)\s*\)\s*$")
DEEPEST = 12

Known = Mapping[str, frozenset[str]]
"""What a name can be, where the callers of a process say so."""


class Sources:
    """Where names of a bundle and its neighbours get their values."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    @cached_property
    def processes(self) -> list[Process]:
        return list({**self.subject.around, **self.subject.bundle.processes}.values())

    @cached_property
    def mapped(self) -> dict[str, list[str]]:
        """Expressions that mappings give to a name."""
        found: dict[str, list[str]] = {}
        for process in self.processes:
            for node in process.nodes.values():
                for source, target in (*node.inputs, *node.outputs):
                    found.setdefault(target, []).append(source)
        return found

    @cached_property
    def columns(self) -> dict[str, list[tuple[values.Table, int]]]:
        """Result columns of decision tables by their name."""
        own = {name: data for name, data in self.subject.bundle.files.items() if name.endswith(".dmn")}
        found: dict[str, list[tuple[values.Table, int]]] = {}
        for data in {*own.values(), *self.subject.tables.values()}:
            with suppress(ModelRefused, XunzhenError):
                for decision in dmn.load(data).definitions.decisions.values():
                    if isinstance(decision.logic, values.Table):
                        for n, output in enumerate(decision.logic.outputs):
                            found.setdefault(output.name or "", []).append((decision.logic, n))
        return found

    def given(self, process: Process) -> Known:
        """What the callers of a process give it: constants, or a name their own gateway has asked."""
        calls = [(p, n) for p in self.processes for n in p.nodes.values() if n.called_element == process.id]
        names = {target for _, n in calls for _, target in n.inputs}
        found = {}
        for name in names:
            each = [self._constants(p, n, name) for p, n in calls]
            if all(each):
                found[name] = frozenset().union(*each)
        return found

    def handed(self, process: Process, call: Node) -> Known:
        """What one call gives: constants, or a name its gateway has asked."""
        each = {target: self._constants(process, call, target) for _, target in call.inputs}
        return {name: could for name, could in each.items() if could}

    def _constants(self, process: Process, call: Node, name: str) -> frozenset[str]:
        source = next((s for s, target in call.inputs if target == name), "").removeprefix("=").strip()
        if source.startswith('"'):
            return frozenset(QUOTED.findall(source))
        asked: set[str] = set()
        for flow in (f for f in process.flows.values() if f.target == call.id):
            condition = (flow.condition or "").removeprefix("=")
            if (one := IS.match(condition)) and one[1] == source:
                asked.add(one[2])
            elif (many := ONE_OF.match(condition)) and many[2] == source:
                asked.update(QUOTED.findall(many[1]))
            else:
                return frozenset()
        return frozenset(asked)

    def meant(self, expression: str, known: Known) -> Iterator[str]:
        """Every text an expression can give: what stands in it, and what its names can be."""
        yield from self._meant(expression, known, frozenset(), 0)

    def _meant(self, expression: str, known: Known, seen: frozenset[str], depth: int) -> Iterator[str]:
        yield from QUOTED.findall(expression)
        for name in names_in(expression):
            if name in seen or depth > DEEPEST:
                continue
            if name in known:
                yield from known[name]
                continue
            for source in self.sources(name, known):
                yield from self._meant(source, known, seen | {name}, depth + 1)

    def sources(self, name: str, known: Known) -> list[str]:
        """The expressions that give a name its value: mappings, and the cells of tables whose rows may apply."""
        return list(dict.fromkeys([*self.cells(name, known), *self.mapped.get(name, ())]))

    def cells(self, name: str, known: Known) -> list[str]:
        """What the tables that give a name may write into it."""
        return [
            rule.results[n].text for table, n in self.columns.get(name, ()) for rule in _rows(table, known)
        ]


WORDS = frozenset({"if", "then", "else", "null", "true", "false", "and", "or", "now", "date", "parameter"})


def names_in(expression: str) -> list[str]:
    """Names in the order they are written; of `a.b` the last."""
    text = re.sub(r"\w+\.(?=\w)", "", QUOTED.sub("", expression))
    return [name for name in dict.fromkeys(NAME.findall(text)) if name not in WORDS]


def _rows(table: values.Table, known: Known) -> Iterator[values.Rule]:
    """The rows that may apply to what the callers give; under FIRST none after one that surely does for every value."""
    left = {name: set(could) for name, could in known.items()}
    for rule in table.rules:
        fits, sure = True, True
        met: dict[str, set[str]] = {}
        for column, test in zip(table.inputs, rule.tests, strict=False):
            text, wanted = test.text.strip(), set(QUOTED.findall(test.text))
            asked = [name for name in names_in(column.expression.text) if name in left]
            plain = wanted and not text.startswith("not(")
            if asked and plain:
                fits = fits and any(left[name] & wanted for name in asked)
                met.update(dict.fromkeys(asked, wanted))
                sure = sure and column.expression.text.strip() in asked
            else:
                sure = sure and text in ("-", "")
        if fits:
            yield rule
        if fits and sure and table.policy is values.HitPolicy.FIRST:
            if not met:
                return
            for name, wanted in met.items():
                left[name] -= wanted
            if any(not rest for rest in left.values()):
                return
