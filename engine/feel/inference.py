"""The type of a function's result as far as its text tells it, for `instance of function<…> -> …`. Unsaid is not wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from . import ast
from .certain import certain
from .types import ANY, UNKNOWN, ContextType, FunctionType, ListType, Simple, Type, Types

Names = Mapping[str, Type | None]
_PLAIN: Final = frozenset(
    {
        "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
        "years and months duration", "Null",
    }
)  # fmt: skip


def inferred(node: ast.Node, names: Names, types: Types) -> Type:
    """The type of an expression among typed names; `UNKNOWN` where only running it would tell."""
    rule = _RULES.get(type(node))
    if rule is not None:
        return rule(node, names, types)
    kind = certain(node).kind
    return Simple(kind) if kind in _PLAIN else UNKNOWN


def _name(node: ast.Name, names: Names, _types: Types) -> Type:
    return names.get(node.name) or UNKNOWN


def _context(node: ast.ContextOf, names: Names, types: Types) -> Type:
    return ContextType(tuple((name, inferred(value, names, types)) for name, value in node.entries))


def _list(node: ast.ListOf, names: Names, types: Types) -> Type:
    found = [inferred(item, names, types) for item in node.items]
    if not found:
        return ListType(UNKNOWN)
    return ListType(found[0] if all(of == found[0] for of in found) else ANY)


def _function(node: ast.FunctionOf, names: Names, types: Types) -> Type:
    given = [(name, types.of(of) if of else None) for name, of in node.parameters]
    return FunctionType(
        tuple(of or ANY for _, of in given), inferred(node.body, {**names, **dict(given)}, types)
    )


_RULES: Final[dict[type[ast.Node], Callable[[Any, Names, Types], Type]]] = {
    ast.Name: _name,
    ast.ContextOf: _context,
    ast.ListOf: _list,
    ast.FunctionOf: _function,
}
