"""What an expression mentions, without running it: free names and called functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from . import ast
from .builtins import BUILTINS


@dataclass(slots=True)
class Mentions:
    """`names` are variables the caller must give; `in_filters` may be theirs or a filtered item's entries."""

    names: set[str] = field(default_factory=set)
    in_filters: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)


def mentions(node: ast.Node) -> Mentions:
    """Everything the tree mentions."""
    found = Mentions()
    _visit(node, frozenset({"?"}), False, found)
    return found


def _visit(node: ast.Node, bound: frozenset[str], filtered: bool, found: Mentions) -> None:
    if isinstance(node, ast.Name):
        if node.name not in bound and (node.name not in BUILTINS or filtered):
            (found.in_filters if filtered else found.names).add(node.name)
    elif isinstance(node, ast.Path):
        path = _dotted(node)
        if path is not None and path.split(".", 1)[0] not in bound and not filtered:
            found.paths.add(path)
        _visit(node.base, bound, filtered, found)
    elif isinstance(node, ast.Call):
        if not isinstance(node.function, ast.Name):
            _visit(node.function, bound, filtered, found)
        elif node.function.name not in bound:
            found.calls.add(node.function.name)
        for argument in node.arguments:
            _visit(argument, bound, filtered, found)
    elif isinstance(node, ast.Filter):
        _visit(node.base, bound, filtered, found)
        _visit(node.condition, bound | {"item"}, True, found)
    elif not _visit_scope(node, bound, filtered, found):
        for child in _children(node):
            _visit(child, bound, filtered, found)


def _visit_scope(node: ast.Node, bound: frozenset[str], filtered: bool, found: Mentions) -> bool:
    """Visit a node that declares names; false if it declares none."""
    if isinstance(node, (ast.For, ast.Quantified)):
        for iteration in node.iterations:
            _visit(iteration.domain, bound, filtered, found)
            if iteration.until is not None:
                _visit(iteration.until, bound, filtered, found)
            bound |= {iteration.name}
        _visit(node.body, bound | {"partial"}, filtered, found)
    elif isinstance(node, ast.ContextOf):
        for name, value in node.entries:
            _visit(value, bound | {name} if isinstance(value, ast.FunctionOf) else bound, filtered, found)
            bound |= {name}
    elif isinstance(node, ast.FunctionOf):
        _visit(node.body, bound | {name for name, _ in node.parameters}, filtered, found)
    else:
        return False
    return True


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


def _dotted(node: ast.Node) -> str | None:
    """`lead.reported_at` for a path that begins at a variable."""
    if isinstance(node, ast.Name):
        return node.name
    if isinstance(node, ast.Path):
        base = _dotted(node.base)
        return None if base is None else f"{base}.{node.name}"
    return None
