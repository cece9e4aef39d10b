"""What is certain about an expression without running it: the kind of its value, and operations that can only give null.

A kind stands for every value of it: an operation is tried on one sample of each, so that this page and the evaluation cannot
disagree. What depends on a variable is never certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from . import ast
from .arithmetic import calculate, negative
from .builtins import BUILTINS
from .compare import equal, ordered
from .errors import Fault
from .values import Function, Range, Value, YearsMonths, kind_of, word

SAMPLES: Final[tuple[Value, ...]] = (
    Decimal(1), "a", True, date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), time(1), timedelta(1), YearsMonths(1), [Decimal(1)], {},
    Range(Decimal(1), Decimal(2)), Function((), lambda: None),
)  # fmt: skip
BY_KIND: Final = {kind_of(sample): sample for sample in SAMPLES}
TEXTS = (
    "string",
    "string join",
    "upper case",
    "lower case",
    "substring",
    "substring before",
    "substring after",
    "replace",
)
NUMBERS = (
    "count", "string length", "floor", "ceiling", "abs", "modulo", "round up", "round down", "round half up",
    "round half down", "decimal", "sqrt", "exp", "log", "day of year", "week of year", "number",
)  # fmt: skip
TRUTHS = (
    "not", "contains", "starts with", "ends with", "matches", "list contains", "all", "any", "odd", "even", "is", "before",
    "after", "includes", "during", "overlaps", "coincides",
)  # fmt: skip
LISTS = (
    "split",
    "append",
    "concatenate",
    "union",
    "distinct values",
    "flatten",
    "reverse",
    "sort",
    "index of",
)
RESULTS: Final[dict[str, str]] = {
    **dict.fromkeys(TEXTS, "string"),
    **dict.fromkeys(NUMBERS, "number"),
    **dict.fromkeys(TRUTHS, "boolean"),
    **dict.fromkeys(LISTS, "list"),
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "years and months duration": "years and months duration",
}
"""What a function gives when it gives anything (`abs` of a duration aside, which is left open below)."""
VARIES = ("abs",)
COMPARES = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Certainty:
    """`kind`: of the value if there is one (None: not certain). `faults`: (start, end, reason) of what can only be null."""

    kind: str | None
    faults: tuple[tuple[int, int, str], ...]


@dataclass(slots=True)
class _Look:
    faults: list[tuple[int, int, str]] = field(default_factory=list)

    def fault(self, node: ast.Node, reason: str) -> None:
        self.faults.append((node.start, node.end, reason))


_OPEN: Final = object()


def certain(tree: ast.Node) -> Certainty:
    """What is certain about a tree."""
    look = _Look()
    sample = _sample(tree, look)
    return Certainty(None if sample is _OPEN else kind_of(sample), tuple(look.faults))


def _sample(node: ast.Node, look: _Look) -> Value:
    """A value of the node's certain kind, or `_OPEN`."""
    rule = _RULES.get(type(node))
    if rule is not None:
        return rule(node, look)
    for child in _children(node):
        _sample(child, look)
    return _FIXED.get(type(node), _OPEN)


def _literal(node: ast.Literal, _look: _Look) -> Value:
    return BY_KIND.get(kind_of(node.value), _OPEN)


def _negation(node: ast.Negation, look: _Look) -> Value:
    operand = _sample(node.operand, look)
    return operand if operand is _OPEN else _tried(node, look, lambda: negative(operand))


def _binary(node: ast.Binary, look: _Look) -> Value:
    left, right = _sample(node.left, look), _sample(node.right, look)
    known = left is not _OPEN and right is not _OPEN
    if node.operator in ("and", "or"):
        for side, value in ((node.left, left), (node.right, right)):
            if value is not _OPEN and not isinstance(value, bool):
                look.fault(side, f"{word(value)}不是是或否")
        return True
    if node.operator in ("=", "!="):
        if known and kind_of(left) != kind_of(right) and equal(left, right) is None:
            look.fault(node, f"{word(left)}与{word(right)}不能比较")
        return True
    if node.operator in COMPARES:
        if known and ordered(node.operator, left, right) is None:
            look.fault(node, f"{word(left)}与{word(right)}不能比较大小")
        return True
    return _tried(node, look, lambda: calculate(node.operator, left, right)) if known else _OPEN


def _tried(node: ast.Node, look: _Look, operation: Callable[[], Value]) -> Value:
    try:
        return BY_KIND.get(kind_of(operation()), _OPEN)
    except Fault as fault:
        if fault.code == "type":
            look.fault(node, fault.message)
        return _OPEN


def _if(node: ast.If, look: _Look) -> Value:
    condition = _sample(node.condition, look)
    if condition is not _OPEN and not isinstance(condition, bool):
        look.fault(node.condition, f"{word(condition)}不是是或否")
    then, otherwise = _sample(node.then, look), _sample(node.otherwise, look)
    alike = then is not _OPEN and otherwise is not _OPEN and kind_of(then) == kind_of(otherwise)
    return then if alike else _OPEN


def _call(node: ast.Call, look: _Look) -> Value:
    values = [_sample(argument, look) for argument in node.arguments]
    if not isinstance(node.function, ast.Name) or node.function.name not in BUILTINS:
        return _OPEN
    name = node.function.name
    builtin = BUILTINS[name]
    if not node.named and not any(d.least <= len(values) <= d.most for d in builtin.declarations):
        look.fault(node, f"函数“{name}”不接受 {len(values)} 个参数")
    known = {p.name for d in builtin.declarations for p in d.parameters}
    for given in node.named:
        if given not in known:
            look.fault(node, f"函数“{name}”没有名为“{given}”的参数")
    return _OPEN if name in VARIES or name not in RESULTS else BY_KIND[RESULTS[name]]


def _function(_node: ast.FunctionOf, _look: _Look) -> Value:
    return BY_KIND["function"]  # what its parameters will be is not certain; its body is left alone


def _filter(node: ast.Filter, look: _Look) -> Value:
    _sample(node.base, look)
    condition = _sample(node.condition, look)
    if condition is not _OPEN and not isinstance(condition, (bool, Decimal)):
        look.fault(node.condition, f"筛选条件是{word(condition)}")
    return _OPEN


_RULES: Final[dict[type[ast.Node], Callable[[Any, _Look], Value]]] = {
    ast.Literal: _literal,
    ast.Negation: _negation,
    ast.Binary: _binary,
    ast.If: _if,
    ast.Call: _call,
    ast.FunctionOf: _function,
    ast.Filter: _filter,
}
_FIXED: Final[dict[type[ast.Node], Value]] = {
    ast.Between: True,
    ast.In: True,
    ast.Quantified: True,
    ast.InstanceOf: True,
    ast.ListOf: [],
    ast.For: [],
    ast.ContextOf: {},
    ast.RangeOf: BY_KIND[kind_of(Range(Decimal(1), Decimal(2)))],
}


def _children(node: ast.Node) -> Iterator[ast.Node]:
    for part in fields(node):
        yield from _nodes(getattr(node, part.name))


def _nodes(value: Any) -> Iterator[ast.Node]:
    if isinstance(value, ast.TypeName):
        return
    if isinstance(value, ast.Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
