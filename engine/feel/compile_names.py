"""Variables and filters: which frame a name is read from is settled when compiling, as far as it can be."""

from __future__ import annotations

from decimal import Decimal

from . import ast
from .builtins import BUILTINS
from .compile_operators import entry_test
from .compiler import Compiler, foreign
from .errors import BudgetExceeded
from .runtime import MISSING, Code, Frame, Run, Scope, steps
from .values import AS_IS, Function, Value, to_feel, word

_NO_NAMES: dict[str, Value] = {}


def name(compiler: Compiler, node: ast.Name, scope: Scope) -> Code:
    """A variable: a local one, an entry of the item being filtered, or one of the caller's context."""
    variable = _variable(node, scope)
    return _dotted(compiler, node, scope, variable) if "." in node.name else variable


def _dotted(compiler: Compiler, node: ast.Name, scope: Scope, variable: Code) -> Code:
    """A name with dots in it, such as a parameter `人.年龄`: where no variable is called so it is a path."""
    wanted = node.name
    first, *rest = wanted.split(".")
    tree: ast.Node = ast.Name(node.start, node.end, first.strip())
    for step in rest:
        tree = ast.Path(node.start, node.end, tree, step.strip())
    path = compiler.code(tree, scope)

    def run(frame: Frame) -> Value:
        at: Frame | None = frame
        while at is not None:
            if wanted in at.names:
                return variable(frame)
            at = at.outer
        return path(frame)

    return run


def _variable(node: ast.Name, scope: Scope) -> Code:
    hops, declared = steps(node.name, scope)
    if any(dynamic for dynamic in hops):
        return _search(node, hops, declared)
    if not hops:
        return _here(node, declared)
    return _outer(node, len(hops), declared)


def _here(node: ast.Name, declared: bool) -> Code:
    wanted = node.name

    def run(frame: Frame) -> Value:
        value = frame.names.get(wanted, MISSING)
        return value if type(value) in AS_IS else _read(frame, node, value, declared)

    return run


def _outer(node: ast.Name, hops: int, declared: bool) -> Code:
    wanted = node.name

    def run(frame: Frame) -> Value:
        at = frame
        for _ in range(hops):
            at = at.outer  # type: ignore[assignment]  # as many outer frames as scopes
        value = at.names.get(wanted, MISSING)
        return value if type(value) in AS_IS else _read(frame, node, value, declared)

    return run


def _search(node: ast.Name, hops: list[bool], declared: bool) -> Code:
    wanted = node.name

    def near(frame: Frame) -> Value:
        """In a filter at the outermost level."""
        value = frame.names.get(wanted, MISSING)
        if value is not MISSING:
            return value if type(value) in AS_IS else _read(frame, node, value, True)
        if wanted == "item":
            return frame.item
        value = frame.outer.names.get(wanted, MISSING)  # type: ignore[union-attr]
        return value if type(value) in AS_IS else _read(frame, node, value, declared)

    if hops == [True]:
        return near

    def run(frame: Frame) -> Value:
        at = frame
        for dynamic in hops:
            if dynamic:
                if wanted in at.names:
                    value = at.names[wanted]
                    return value if type(value) in AS_IS else _read(frame, node, value, True)
                if wanted == "item":
                    return at.item
            at = at.outer  # type: ignore[assignment]
        value = at.names.get(wanted, MISSING)
        return value if type(value) in AS_IS else _read(frame, node, value, declared)

    return run


def _read(frame: Frame, node: ast.Name, value: object, declared: bool) -> Value:
    """A value that needs a second look: a list, a host's number, or nothing at all."""
    if type(value) is list:
        return to_feel(value)
    if isinstance(value, Function):
        return value
    if value is not MISSING:
        return foreign(frame, node, value)
    if not declared:
        function = as_function(node.name, frame.run)
        if function is not None:
            return function
    return frame.run.warn("unknown_name", f"没有名为“{node.name}”的变量", node.start, node.end)


def as_function(wanted: str, run: Run) -> Function | None:
    """A host's or built-in function as a value."""
    host = run.functions.get(wanted)
    if host is not None:
        return Function(("value",), lambda *values: to_feel(host(*values)), name=wanted)
    builtin = BUILTINS.get(wanted)
    if builtin is None:
        return None
    return Function(builtin.parameters, lambda *values: builtin.invoke(run, list(values)), name=wanted)


def filtered(compiler: Compiler, node: ast.Filter, scope: Scope) -> Code:
    """`base[index]` or `base[condition]`: what the brackets mean shows in the first value they give."""
    base = compiler.code(node.base, scope)
    if isinstance(node.condition, ast.Literal) and isinstance(node.condition.value, Decimal):
        index = node.condition.value
        return lambda frame: _indexed(frame, node, _as_list(base(frame)), index)
    condition = compiler.code(node.condition, Scope(scope, None))
    quick = entry_test(node.condition, None)

    def run(frame: Frame) -> Value:
        values = _as_list(base(frame))
        spent = frame.run
        kept: list[Value] = []
        for position, value in enumerate(values or (None,)):
            spent.steps -= 1
            if spent.steps < 0:
                raise BudgetExceeded
            if quick is not None and type(value) is dict:
                found = value.get(quick.entry)
                if type(found) is Decimal:
                    if quick.compare(found, quick.number):
                        kept.append(value)
                    continue
            inner = Frame(value if type(value) is dict else _NO_NAMES, frame, spent, value)
            result = condition(inner)
            if result is True:
                if values:
                    kept.append(value)
            elif result is False:
                continue
            elif position == 0 and isinstance(result, Decimal):
                return _indexed(frame, node, values, result)
            elif result is not None and not isinstance(result, bool):
                return spent.warn(
                    "type", f"筛选条件是{word(result)}", node.condition.start, node.condition.end
                )
        return kept

    return run


def _as_list(value: Value) -> list[Value]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _indexed(frame: Frame, node: ast.Filter, values: list[Value], index: Decimal) -> Value:
    """The element at a position counted from 1, or from the end if negative."""
    if index == index.to_integral_value() and index != 0:
        position = int(index)
        if -len(values) <= position <= len(values):
            return values[position - 1 if position > 0 else position]
    return frame.run.warn("index", f"列表没有第 {index} 项", node.start, node.end)
