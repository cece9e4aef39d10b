"""Allen's relations between points and ranges, as the standard lists them (DMN 1.5, table 78)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import total_ordering
from typing import Any

from engine.feel import ast
from engine.feel.compare import ranked
from engine.feel.cursor import KnownNames
from engine.feel.errors import Fault, FeelSyntaxError
from engine.feel.parser import parse_expression
from engine.feel.runtime import Run
from engine.feel.values import Range, Value

from . import conversion
from .registry import Declaration, declare, functions


@total_ordering
class _Edge:
    """One end of a range on the line: its value, then just before (-1), at (0) or just after (+1) it.

    A missing bound lies beyond everything on its side.
    """

    __slots__ = ("beyond", "side", "value")

    def __init__(self, value: Value, side: int, beyond: int = 0) -> None:
        self.value = value
        self.side = side
        self.beyond = beyond

    def _order(self, other: _Edge) -> int:
        if self.beyond or other.beyond:
            return (self.beyond > other.beyond) - (self.beyond < other.beyond)
        pair = ranked(self.value, other.value)
        if pair is None:
            raise Fault("type", "区间的界限不能互相比较")
        if pair[0] != pair[1]:
            return 1 if pair[0] > pair[1] else -1
        return (self.side > other.side) - (self.side < other.side)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Edge) and self._order(other) == 0

    def __lt__(self, other: _Edge) -> bool:
        return self._order(other) < 0

    __hash__ = None  # type: ignore[assignment]


def _low(value: Range) -> _Edge:
    if value.low is None:
        return _Edge(None, 0, -1)
    return _Edge(value.low, 0 if value.low_included else 1)


def _high(value: Range) -> _Edge:
    if value.high is None:
        return _Edge(None, 0, 1)
    return _Edge(value.high, 0 if value.high_included else -1)


def _as_range(value: Value) -> Range:
    result = value if isinstance(value, Range) else Range(value, value)
    if result.excluded:
        raise Fault("type", "这种区间没有先后")
    return result


Relation = Callable[[Range, Range], bool]


def _before(a: Range, b: Range) -> bool:
    return _high(a) < _low(b)


def _touch(a: Range, b: Range) -> bool:
    """`a` ends exactly where `b` begins, both including the point."""
    if not (a.high_included and b.low_included) or a.high is None or b.low is None:
        return False
    return _high(a) == _low(b)


def _overlaps(a: Range, b: Range) -> bool:
    return not _before(a, b) and not _before(b, a)


def _overlaps_before(a: Range, b: Range) -> bool:
    return _low(a) < _low(b) <= _high(a) <= _high(b)


def _includes(a: Range, b: Range) -> bool:
    return _low(a) <= _low(b) and _high(b) <= _high(a)


def _starts(a: Range, b: Range) -> bool:
    return _low(a) == _low(b) and _high(a) <= _high(b)


def _finishes(a: Range, b: Range) -> bool:
    return _high(a) == _high(b) and _low(b) <= _low(a)


def _coincides(a: Range, b: Range) -> bool:
    return _low(a) == _low(b) and _high(a) == _high(b)


def _swapped(relation: Relation) -> Relation:
    return lambda a, b: relation(b, a)


def _body(relation: Relation) -> Callable[[Value, Value], bool]:
    def run(a: Value, b: Value) -> bool:
        return relation(_as_range(a), _as_range(b))

    return run


_CONSTRUCTORS = ("date", "time", "date and time", "duration")
_SEVERAL_WORDS = KnownNames(["date and time"])


_OPEN_END = re.compile(r"\s*([\[(\]])(.+)\.\.\s*[)\[]\s*", re.DOTALL)
_OPEN_START = re.compile(r"\s*[(\]]\s*\.\.(.+)([)\]\[])\s*", re.DOTALL)


def _read(run: Run, text: str) -> Range:
    """`range("[1..5]")`: the bounds are literals or calls of the temporal constructors with literals.

    One bound may be missing on an open side: `[1..)`, `(..5]`.
    """
    wrong = Fault("conversion", f"“{text[:60]}”不是区间")
    if match := _OPEN_END.fullmatch(text):
        return Range(_constant(run, _parsed(match[2], wrong), wrong), None, match[1] == "[", False)
    if match := _OPEN_START.fullmatch(text):
        return Range(None, _constant(run, _parsed(match[1], wrong), wrong), False, match[2] == "]")
    node = _parsed(text, wrong)
    if not isinstance(node, ast.RangeOf) or node.low is None or node.high is None or node.low is node.high:
        raise wrong
    low, high = (_constant(run, bound, wrong) for bound in (node.low, node.high))
    pair = ranked(low, high)
    if pair is None or pair[0] > pair[1]:
        raise wrong
    return Range(low, high, node.low_included, node.high_included)


def _parsed(text: str, wrong: Fault) -> ast.Node:
    try:
        return parse_expression(text, 0, (), _SEVERAL_WORDS)
    except FeelSyntaxError:
        raise wrong from None


def _constant(run: Run, node: ast.Node, wrong: Fault) -> Value:
    if isinstance(node, ast.Literal):
        return node.value
    if (
        isinstance(node, ast.Call)
        and isinstance(node.function, ast.Name)
        and node.function.name in _CONSTRUCTORS
    ):
        values = [_constant(run, argument, wrong) for argument in node.arguments]
        return conversion.FUNCTIONS[node.function.name].invoke(run, values, node.named)
    raise wrong


_FORMS: dict[str, dict[str, str]] = {
    "point, point": {"a": "point1: point", "b": "point2: point"},
    "point, range": {"a": "point: point", "b": "range: range"},
    "range, point": {"a": "range: range", "b": "point: point"},
    "range, range": {"a": "range1: range", "b": "range2: range"},
}


def _related(relation: Relation, *forms: str) -> list[Declaration]:
    return [declare(f"{_FORMS[f]['a']}, {_FORMS[f]['b']}", _body(relation)) for f in forms]


_ALL = tuple(_FORMS)
FUNCTIONS: dict[str, Any] = functions(
    range=[declare("from: string", _read, takes_run=True)],
    before=_related(_before, *_ALL),
    after=_related(_swapped(_before), *_ALL),
    meets=_related(_touch, "range, range"),
    met_by=_related(_swapped(_touch), "range, range"),
    overlaps=_related(_overlaps, "range, range"),
    overlaps_before=_related(_overlaps_before, "range, range"),
    overlaps_after=_related(_swapped(_overlaps_before), "range, range"),
    finishes=_related(_finishes, "point, range", "range, range"),
    finished_by=_related(_swapped(_finishes), "range, point", "range, range"),
    includes=_related(_includes, "range, point", "range, range"),
    during=_related(_swapped(_includes), "point, range", "range, range"),
    starts=_related(_starts, "point, range", "range, range"),
    started_by=_related(_swapped(_starts), "range, point", "range, range"),
    coincides=_related(_coincides, "point, point", "range, range"),
)
