"""Conditions whose answer is settled before anything is known: always true, never true, true only when another is.

Only what is certain is said: closed parts are evaluated, comparisons of one name with closed values become spans, everything
else is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from . import ast
from .analysis import mentions
from .builtins import BUILTINS
from .compare import equal, ordered
from .expression import compile as compiled
from .expression import evaluate
from .values import Value

MOMENTARY: Final = {"now", "today"}
MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
_OPEN: Final = object()


@dataclass(frozen=True, slots=True)
class Span:
    """What a name may be: bounds with whether they belong to it; `low` and `high` alike and included: one value."""

    low: Value = _OPEN
    low_in: bool = True
    high: Value = _OPEN
    high_in: bool = True
    void: bool = False

    def within(self, other: Span) -> bool:
        """Is every value of this one in the other? False when it is not certain."""
        return _bound(self.low, self.low_in, other.low, other.low_in, ">") and _bound(
            self.high, self.high_in, other.high, other.high_in, "<"
        )

    def and_(self, other: Span) -> Span:
        """The values of both."""
        both = (self.low, self.high, other.low, other.high)
        if (
            all(bound is not _OPEN for bound in both)
            and self.point()
            and other.point()
            and equal(self.low, other.low) is False
        ):
            return Span(void=True)
        low = self if _bound(self.low, self.low_in, other.low, other.low_in, ">") else other
        high = self if _bound(self.high, self.high_in, other.high, other.high_in, "<") else other
        return Span(low.low, low.low_in, high.high, high.high_in)

    def point(self) -> bool:
        """One value alone?"""
        return self.low_in and self.high_in and equal(self.low, self.high) is True

    def empty(self) -> bool:
        if self.void or self.low is _OPEN or self.high is _OPEN:
            return self.void
        if equal(self.low, self.high) is True:
            return not self.point()
        return ordered(">", self.low, self.high) is True


def _bound(mine: Value, mine_in: bool, other: Value, other_in: bool, way: str) -> bool:
    """Is my bound as tight as the other's?"""
    if other is _OPEN:
        return True
    if mine is _OPEN:
        return False
    return ordered(way, mine, other) is True or (equal(mine, other) is True and (other_in or not mine_in))


@dataclass(slots=True)
class _Facts:
    """A condition as a conjunction: spans by name. `whole`: it says nothing else."""

    spans: dict[str, Span] = field(default_factory=dict)
    whole: bool = True

    def add(self, name: str, span: Span) -> None:
        known = self.spans.get(name)
        self.spans[name] = span if known is None else known.and_(span)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition to ask about."""

    text: str
    tree: ast.Node

    def always(self) -> bool:
        """True whatever the variables hold."""
        return _settled(self, self.tree) is True

    def never(self) -> bool:
        """Never true: false, or two parts that cannot hold together."""
        return _settled(self, self.tree) is False

    def only_if(self, other: Condition) -> bool:
        """Is the other certainly true when this one is?"""
        if " ".join(self.text.split()) == " ".join(other.text.split()):
            return True
        mine, theirs = _facts(self, self.tree), _facts(other, other.tree)
        return (
            theirs.whole
            and bool(theirs.spans)
            and all(name in mine.spans and mine.spans[name].within(s) for name, s in theirs.spans.items())
        )


def condition(text: str) -> Condition:
    """A condition of its text. Raises `FeelSyntaxError`."""
    made = compiled(text)
    return Condition(made.text, made.tree)


def _settled(asked: Condition, node: ast.Node) -> bool | None:
    """True or false when it is certain; None when it is open."""
    value = _closed(asked, node)
    if value is not _OPEN:
        return value if isinstance(value, bool) else None
    if isinstance(node, ast.Binary) and node.operator in ("and", "or"):
        sides = {_settled(asked, node.left), _settled(asked, node.right)}
        decides = node.operator == "or"
        if decides in sides:
            return decides
        if sides == {not decides}:
            return not decides
    if any(span.empty() for span in _facts(asked, node).spans.values()):
        return False
    return None


def _closed(asked: Condition, node: ast.Node) -> Any:
    """The value of a part that mentions nothing from outside."""
    said = mentions(node)
    if said.names or said.in_filters or not said.calls <= BUILTINS.keys() - MOMENTARY:
        return _OPEN
    result = evaluate(asked.text[node.start : node.end], {})
    return _OPEN if result.value is None else result.value


def _facts(asked: Condition, node: ast.Node) -> _Facts:
    found = _Facts()
    for part in _parts(node):
        fact = _fact(asked, part)
        if fact is None:
            found.whole = False
        else:
            found.add(*fact)
    return found


def _parts(node: ast.Node) -> Iterator[ast.Node]:
    if isinstance(node, ast.Binary) and node.operator == "and":
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield node


def _fact(asked: Condition, node: ast.Node) -> tuple[str, Span] | None:
    """A name and what it may be, of one comparison."""
    if isinstance(node, ast.Between):
        name, low, high = _path(node.operand), _closed(asked, node.low), _closed(asked, node.high)
        known = name is not None and low is not _OPEN and high is not _OPEN
        return (name, Span(low, True, high, True)) if known and name else None
    name = _path(node)
    if name is not None:
        return name, Span(True, True, True, True)
    if not isinstance(node, ast.Binary) or node.operator not in MIRRORED:
        return None
    operator, name, value = node.operator, _path(node.left), _closed(asked, node.right)
    if name is None:
        operator, name, value = MIRRORED[operator], _path(node.right), _closed(asked, node.left)
    return None if name is None or value is _OPEN else (name, SPANS[operator](value))


SPANS: Final[Mapping[str, Any]] = {
    "=": lambda v: Span(v, True, v, True),
    "<": lambda v: Span(high=v, high_in=False),
    "<=": lambda v: Span(high=v),
    ">": lambda v: Span(low=v, low_in=False),
    ">=": lambda v: Span(low=v),
}


def _path(node: ast.Node) -> str | None:
    """A variable or a path that begins at one."""
    if isinstance(node, ast.Name):
        return None if node.name in BUILTINS else node.name
    if isinstance(node, ast.Path):
        base = _path(node.base)
        return None if base is None else f"{base}.{node.name}"
    return None
