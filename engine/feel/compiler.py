"""Syntax tree to closures: `compile_node` turns each node into a function of a frame. Calls and loops live beside.

Every closure returns a FEEL value, or null after recording a warning; only `BudgetExceeded` leaves it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, Final

from . import ast
from .compare import both, either, equal, member, negate, ranked
from .properties import properties
from .runtime import MISSING, Code, Frame, Scope
from .types import Types, is_instance
from .values import AS_IS, Range, Value, entry, to_feel, word

Rule = Callable[["Compiler", Any, Scope], Code]


class Compiler:
    """Compiles trees; `types` resolves the type names in them."""

    def __init__(self, rules: dict[type[ast.Node], Rule], types: Types) -> None:
        self.rules = rules
        self.types = types

    def code(self, node: ast.Node, scope: Scope) -> Code:
        """The closure of a node."""
        return self.rules[type(node)](self, node, scope)


def literal(_: Compiler, node: ast.Literal, __: Scope) -> Code:
    """A constant."""
    value = node.value
    return lambda _frame: value


def faulty(_: Compiler, node: ast.Faulty, __: Scope) -> Code:
    """A literal without meaning."""
    return lambda frame: frame.run.warn(node.code, node.message, node.start, node.end)


def foreign(frame: Frame, node: ast.Node, value: object) -> Value:
    """A value of the caller's read for the first time."""
    read = to_feel(value)
    if read is None and value is not None:
        frame.run.warn("foreign", f"不能读取 {type(value).__name__} 类型的值", node.start, node.end)
    return read


def between(compiler: Compiler, node: ast.Between, scope: Scope) -> Code:
    """`x between a and b`."""
    operand, low, high = (compiler.code(n, scope) for n in (node.operand, node.low, node.high))

    def run(frame: Frame) -> Value:
        value, least, most = operand(frame), low(frame), high(frame)
        above, below = ranked(value, least), ranked(value, most)
        result = both(
            None if above is None else above[0] >= above[1], None if below is None else below[0] <= below[1]
        )
        if result is None:
            frame.run.warn("type", f"{word(value)}不能与界限比较", node.start, node.end)
        return result

    return run


def conditional(compiler: Compiler, node: ast.If, scope: Scope) -> Code:
    """`if`: anything but true takes the other way."""
    condition, then, otherwise = (
        compiler.code(n, scope) for n in (node.condition, node.then, node.otherwise)
    )

    def run(frame: Frame) -> Value:
        value = condition(frame)
        if value is True:
            return then(frame)
        if value is not False and value is not None:
            frame.run.warn(
                "type", f"条件是{word(value)}，不是是否值", node.condition.start, node.condition.end
            )
        return otherwise(frame)

    return run


def range_of(compiler: Compiler, node: ast.RangeOf, scope: Scope) -> Code:
    """A range; bounds that have no order, or are null, make it null."""
    low = compiler.code(node.low, scope) if node.low else None
    high = compiler.code(node.high, scope) if node.high else None
    one_point = node.low is node.high
    fixed = _number_range(node)
    if fixed is not None:
        return lambda _frame: fixed

    def run(frame: Frame) -> Value:
        least = low(frame) if low else None
        most = least if one_point else high(frame) if high else None
        if not one_point:
            wrong = (low and least is None) or (high and most is None)
            pair = ranked(least, most) if low and high else (0, 0)
            if wrong or pair is None:
                return frame.run.warn(
                    "type", f"{word(least)}与{word(most)}不能作区间的界限", node.start, node.end
                )
            if pair[0] > pair[1]:
                return frame.run.warn("type", "区间的起点大于终点", node.start, node.end)
        return Range(least, most, node.low_included, node.high_included, node.sign)

    return run


def _number_range(node: ast.RangeOf) -> Range | None:
    """A range between two numbers that stand in the text: made once."""
    low, high = (n.value if isinstance(n, ast.Literal) else None for n in (node.low, node.high))
    if node.low is node.high or not isinstance(low, Decimal) or not isinstance(high, Decimal) or low > high:
        return None
    return Range(low, high, node.low_included, node.high_included, node.sign)


def list_of(compiler: Compiler, node: ast.ListOf, scope: Scope) -> Code:
    """A list."""
    items = [compiler.code(item, scope) for item in node.items]
    return lambda frame: [item(frame) for item in items]


def context_of(compiler: Compiler, node: ast.ContextOf, scope: Scope) -> Code:
    """A context: each entry sees the ones before it."""
    codes: list[tuple[str, Code]] = []
    seen: list[str] = []
    for name, value in node.entries:
        # a function may call itself: when it is called, its own entry is there
        visible = [*seen, name] if isinstance(value, ast.FunctionOf) else seen
        codes.append((name, compiler.code(value, Scope(scope, frozenset(visible)))))
        seen.append(name)

    def run(frame: Frame) -> Value:
        values: dict[str, Value] = {}
        inner = Frame(values, frame, frame.run)
        for name, code in codes:
            values[name] = code(inner)
        # functions of the context keep `values` as their frame; what is handed out is the same dict, never written to
        return values

    return run


def path(compiler: Compiler, node: ast.Path, scope: Scope) -> Code:
    """`base.name`: a context's entry, a component of a date or range, or each of a list's elements."""
    base = compiler.code(node.base, scope)
    name = node.name

    def step(frame: Frame, value: Value) -> Value:
        if isinstance(value, dict):
            found = value.get(name, MISSING)
            if type(found) in AS_IS:
                return found
            if found is not MISSING:
                return foreign(frame, node, found)
            return frame.run.warn("no_entry", f"没有名为“{name}”的项", node.start, node.end)
        if isinstance(value, list):
            frame.run.spend(len(value))
            return [step(frame, item) for item in value]
        known = properties(value)
        if name in known:
            return known[name](value)
        return frame.run.warn("no_entry", f"{word(value)}没有名为“{name}”的项", node.start, node.end)

    def run(frame: Frame) -> Value:
        value = base(frame)
        if type(value) is dict:
            found = value.get(name, MISSING)
            if type(found) in AS_IS:
                return found
        return step(frame, value)

    return run


def descendants(compiler: Compiler, node: ast.Descendants, scope: Scope) -> Code:
    """`base...name`: the entries of that name at any depth, outer ones first."""
    base = compiler.code(node.base, scope)

    def collect(frame: Frame, value: Value, found: list[Value]) -> None:
        frame.run.spend(1)
        if isinstance(value, list):
            for item in value:
                collect(frame, item, found)
        elif isinstance(value, dict):
            if node.name in value:
                found.append(entry(value, node.name))
            for key in value:
                collect(frame, entry(value, key), found)

    def run(frame: Frame) -> Value:
        found: list[Value] = []
        collect(frame, base(frame), found)
        return found

    return run


def membership(compiler: Compiler, node: ast.In, scope: Scope) -> Code:
    """`x in tests`."""
    operand = compiler.code(node.operand, scope)
    check = tests(compiler, node.tests, scope)

    def run(frame: Frame) -> Value:
        value = operand(frame)
        result = check(frame, value)
        if result is None:
            frame.run.warn("type", f"{word(value)}不能与所列值比较", node.start, node.end)
        return result

    return run


Check = Callable[[Frame, Value], bool | None]


def tests(compiler: Compiler, node: ast.Tests, scope: Scope) -> Check:
    """Unary tests as a function of a frame and the value tested; `?` is that value."""
    inner = Scope(scope, frozenset({"?"}))
    checks = [_test(compiler, test, scope, inner) for test in node.tests]

    def run(frame: Frame, value: Value) -> bool | None:
        result: bool | None = False
        for check in checks:
            result = either(result, check(frame, value))
            if result is True:
                break
        return negate(result) if node.negated else result

    if not checks:
        return lambda _frame, _value: True
    return checks[0] if len(checks) == 1 and not node.negated else run


def _test(compiler: Compiler, node: ast.Test, scope: Scope, inner: Scope) -> Check:
    if node.uses_input:
        code = compiler.code(node.expression, inner)

        def asked(frame: Frame, value: Value) -> bool | None:
            result = code(Frame({"?": value}, frame, frame.run))
            if result is None or (isinstance(result, bool) and not node.operator):
                return result
            return _compared(node.operator, value, result)

        return asked
    code = compiler.code(node.expression, scope)
    if isinstance(node.expression, ast.RangeOf) and not node.operator:
        fixed = _number_range(node.expression)
        return _number_test(fixed) if fixed is not None else _known_test(code, "")
    if isinstance(node.expression, _NULL_MEANT):
        return lambda frame, value: _compared(node.operator, value, code(frame))
    return _known_test(code, node.operator)


_NULL_MEANT: Final = (ast.Literal, ast.Name, ast.Path)
"""What may well be null: it was written, or a value is not there. From anything else null says that it could not be told."""


def _known_test(code: Code, operator: str) -> Check:
    """A value beside what an expression gives; unknown where that could not be told (a bound without value, a failed test)."""

    def run(frame: Frame, value: Value) -> bool | None:
        among = code(frame)
        return None if among is None else _compared(operator, value, among)

    return run


def _number_test(among: Range) -> Check:
    """Is a number between two that stand in the text?"""
    least, most = among.low, among.high
    above = ge if among.low_included else gt
    below = le if among.high_included else lt

    def run(_frame: Frame, value: Value) -> bool | None:
        if type(value) is Decimal:
            return bool(above(value, least) and below(value, most))
        return member(value, among)

    return run


def _compared(operator: str, value: Value, result: Value) -> bool | None:
    if not operator:
        return member(value, result)
    same = equal(value, result)
    return same if operator == "=" else negate(same)


_OPEN: Final = {
    "list": "list<Any>",
    "range": "range<number>",
    "context": "context<a: Any>",
    "function": "function<Any> -> Any",
}
"""Types that are none without the types inside them (the standard's rule 54), and how to write them."""


def instance_of(compiler: Compiler, node: ast.InstanceOf, scope: Scope) -> Code:
    """`x instance of type`."""
    operand = compiler.code(node.operand, scope)
    of = compiler.types.of(node.type)
    written = node.type
    if written.name in _OPEN and not (written.arguments or written.fields or written.result):
        message = f"类型“{written.name}”须写明里面的类型，如 {_OPEN[written.name]}"
        return lambda frame: frame.run.warn("unknown_type", message, node.start, node.end)
    if of is None:
        return lambda frame: frame.run.warn(
            "unknown_type", f"没有类型“{node.type.name}”", node.start, node.end
        )
    return lambda frame: is_instance(operand(frame), of)


RULES: Final[dict[type[ast.Node], Rule]] = {
    ast.Literal: literal, ast.Faulty: faulty, ast.Between: between,
    ast.If: conditional, ast.RangeOf: range_of, ast.ListOf: list_of, ast.ContextOf: context_of, ast.Path: path,
    ast.Descendants: descendants, ast.In: membership, ast.InstanceOf: instance_of,
}  # fmt: skip
