"""Operators. Each tries two numbers first, by far the most frequent case; whatever else it meets goes the general way.

A variable that can only be in the frame at hand is read in place (`here`): that spares a closure, and a closure is what costs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any

from . import ast
from .arithmetic import NUMERIC, calculate, negative, number_fault
from .compare import ORDER, equal, ranked
from .compiler import Compiler
from .errors import Fault
from .runtime import Code, Frame, Scope, steps
from .values import Value, word


def here(node: ast.Node | None, scope: Scope) -> str | None:
    """The name of a variable that can only be in the frame at hand, None for anything else."""
    return node.name if isinstance(node, ast.Name) and not steps(node.name, scope)[0] else None


def negation(compiler: Compiler, node: ast.Negation, scope: Scope) -> Code:
    """`-x`."""
    operand = compiler.code(node.operand, scope)

    def run(frame: Frame) -> Value:
        try:
            return negative(operand(frame))
        except Fault as fault:
            return frame.run.fault(fault, node.start, node.end)

    return run


def binary(compiler: Compiler, node: ast.Binary, scope: Scope) -> Code:
    """Arithmetic, comparison and logic."""
    left = compiler.code(node.left, scope)
    right = compiler.code(node.right, scope)
    operator = node.operator
    if operator == "and":
        return _and(left, right)
    if operator == "or":
        return _or(left, right)
    if operator in ORDER:
        return _compared(node, left, right, scope)
    if operator in ("=", "!="):
        return _equality(node, left, right)
    general = _arithmetic(node, left, right)
    names = here(node.left, scope), here(node.right, scope)
    return general if None in names else _arithmetic_here(node, *names, general)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class EntryTest:
    """`entry > 3`: an entry of the item a loop is at, compared with a number that stands in the text."""

    entry: str
    compare: Callable[[Any, Any], bool]
    number: Decimal


def entry_test(node: ast.Node, item: str | None) -> EntryTest | None:
    """The test a condition is, None if it is another: of a filter's item (`item` None), or of `item.entry` of a loop's variable."""
    if not isinstance(node, ast.Binary) or node.operator not in ORDER:
        return None
    left, right = node.left, node.right
    if item is not None and not (
        isinstance(left, ast.Path) and isinstance(left.base, ast.Name) and left.base.name == item
    ):
        return None
    if not isinstance(left, (ast.Name, ast.Path)) or (item is None and not isinstance(left, ast.Name)):
        return None
    if not isinstance(right, ast.Literal) or type(right.value) is not Decimal:
        return None
    return EntryTest(left.name, ORDER[node.operator], right.value)


def _and(left: Code, right: Code) -> Code:
    def run(frame: Frame) -> Value:
        a = left(frame)
        if a is False:
            return False
        b = right(frame)
        return False if b is False else (True if a is True and b is True else None)

    return run


def _or(left: Code, right: Code) -> Code:
    def run(frame: Frame) -> Value:
        a = left(frame)
        if a is True:
            return True
        b = right(frame)
        return True if b is True else (False if a is False and b is False else None)

    return run


def _compared(node: ast.Binary, left: Code, right: Code, scope: Scope) -> Code:
    general = _order(node, left, right)
    constant = node.right.value if isinstance(node.right, ast.Literal) else None
    if type(constant) is Decimal:
        found = here(node.left, scope)
        if found is not None:
            return _order_here_number(node, found, constant, general)
        return _order_number(node, left, constant)
    name = here(node.right, scope)
    return general if name is None else _order_here(node, left, name, right)


def _order(node: ast.Binary, left: Code, right: Code) -> Code:
    def run(frame: Frame) -> Value:
        return ordered(frame, node, left(frame), right(frame))

    return run


def ordered(frame: Frame, node: ast.Binary, a: Value, b: Value) -> bool | None:
    """`a < b` and its kin, with a warning where there is no order."""
    pair = ranked(a, b)
    if pair is None:
        frame.run.warn("type", f"{word(a)}与{word(b)}不能比较大小", node.start, node.end)
        return None
    return ORDER[node.operator](*pair)


def _order_number(node: ast.Binary, left: Code, number: Decimal) -> Code:
    """A comparison with a number that stands in the text."""
    compare = ORDER[node.operator]

    def run(frame: Frame) -> Value:
        a = left(frame)
        return compare(a, number) if type(a) is Decimal else ordered(frame, node, a, number)

    return run


def _order_here_number(node: ast.Binary, name: str, number: Decimal, general: Code) -> Code:
    """A comparison of a variable of the frame at hand with a number that stands in the text."""
    compare = ORDER[node.operator]

    def run(frame: Frame) -> Value:
        a = frame.names.get(name)
        return compare(a, number) if type(a) is Decimal else general(frame)

    return run


def _order_here(node: ast.Binary, left: Code, name: str, right: Code) -> Code:
    """A comparison with a variable of the frame at hand."""
    compare = ORDER[node.operator]

    def run(frame: Frame) -> Value:
        a = left(frame)
        b = frame.names.get(name)
        if type(a) is Decimal and type(b) is Decimal:
            return compare(a, b)
        return ordered(frame, node, a, right(frame))

    return run


def _equality(node: ast.Binary, left: Code, right: Code) -> Code:
    positive = node.operator == "="

    def run(frame: Frame) -> Value:
        a = left(frame)
        b = right(frame)
        kind = type(a)
        if kind is type(b) and (kind is str or kind is Decimal or kind is bool):
            return (a == b) is positive
        result = equal(a, b)
        if result is None:
            return frame.run.warn("type", f"{word(a)}与{word(b)}不能比较", node.start, node.end)
        return result is positive

    return run


def _arithmetic(node: ast.Binary, left: Code, right: Code) -> Code:
    operator = node.operator
    numeric = NUMERIC[operator]

    def run(frame: Frame) -> Value:
        a = left(frame)
        b = right(frame)
        try:
            if type(a) is Decimal and type(b) is Decimal:
                return numeric(a, b)
            return calculate(operator, a, b)
        except Fault as fault:
            return frame.run.fault(fault, node.start, node.end)
        except DecimalException:
            return frame.run.fault(number_fault(operator, b), node.start, node.end)

    return run


def _arithmetic_here(node: ast.Binary, left: str, right: str, general: Code) -> Code:
    """Arithmetic with two variables of the frame at hand."""
    numeric = NUMERIC[node.operator]

    def run(frame: Frame) -> Value:
        names = frame.names
        a = names.get(left)
        b = names.get(right)
        if type(a) is Decimal and type(b) is Decimal:
            try:
                return numeric(a, b)
            except DecimalException:
                return frame.run.fault(number_fault(node.operator, b), node.start, node.end)
        return general(frame)

    return run
