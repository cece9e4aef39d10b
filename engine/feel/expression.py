"""Compiled expressions and unary tests: what the rest of the product uses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from . import ast
from .analysis import Mentions, mentions
from .builtins import BUILTINS, CALLABLE_NAMES
from .compile_calls import call, function_of
from .compile_loops import for_, quantified
from .compile_names import filtered, name
from .compile_operators import binary, negation
from .compiler import RULES, Check, Compiler, Rule, tests
from .errors import BudgetExceeded, FeelSyntaxError, FeelWarning
from .parser import parse_expression, parse_tests
from .runtime import ROOT, Code, Frame, Run
from .types import NO_TYPES, Types
from .values import Value, settle, to_feel

Context = Mapping[str, Any]
Functions = Mapping[str, Callable[..., Any]]

_RULES: Final[dict[type[ast.Node], Rule]] = {
    **RULES,
    ast.Negation: negation,
    ast.Binary: binary,
    ast.Name: name,
    ast.Filter: filtered,
    ast.For: for_,
    ast.Quantified: quantified,
    ast.Call: call,
    ast.FunctionOf: function_of,
}
_EMPTY: Final[Context] = {}


@dataclass(slots=True)
class Evaluation:
    """A value and the reasons for every null in it that nobody asked for. Nobody changes one (frozen would cost what it takes to make it)."""

    value: Value
    warnings: tuple[FeelWarning, ...] = ()


_TRUE, _FALSE = Evaluation(True), Evaluation(False)


class _Compiled:
    """What expressions and unary tests have in common: the text and what it mentions."""

    def __init__(self, text: str, tree: ast.Node) -> None:
        self.text = text
        self.tree = tree
        self._mentions: Mentions | None = None

    @property
    def mentions(self) -> Mentions:
        """Names, paths and calls, found when first asked for."""
        if self._mentions is None:
            self._mentions = mentions(self.tree)
        return self._mentions

    @property
    def names(self) -> frozenset[str]:
        """Free names: the variables the context must give. Names inside a filter are in `filter_names`."""
        return frozenset(self.mentions.names)

    @property
    def filter_names(self) -> frozenset[str]:
        """Names inside filters, which are an item's entries or, failing that, variables of the context."""
        return frozenset(self.mentions.in_filters)

    @property
    def paths(self) -> frozenset[str]:
        """Dotted paths that begin at a free name: `lead.reported_at` (and their beginnings)."""
        return frozenset(self.mentions.paths)

    @property
    def calls(self) -> frozenset[str]:
        """Names of the functions called, built-in ones included."""
        return frozenset(self.mentions.calls)

    def unknown_functions(self, host: Collection[str] = ()) -> list[str]:
        """Called functions that are neither built in nor the host's (nor, perhaps, in the context), sorted."""
        return sorted(self.calls - BUILTINS.keys() - set(host))


class Expression(_Compiled):
    """A compiled expression. It holds no state: one may be evaluated by many threads."""

    def __init__(self, text: str, tree: ast.Node, code: Code) -> None:
        super().__init__(text, tree)
        self._code = code

    def evaluate(self, context: Context | None = None, functions: Functions | None = None) -> Evaluation:
        """The value in a context. Never raises for what the expression does; see `Evaluation.warnings`.

        Host functions get FEEL values (numbers as `Decimal`) and may return any Python value; a `XunzhenError` they
        raise gives null and a warning with its code.
        """
        run = Run(functions)
        try:
            value = self._code(Frame(_EMPTY if context is None else context, None, run))
            kind = type(value)
            if kind is list or kind is dict:
                value = settle(value, run.spend)
        except (BudgetExceeded, RecursionError):
            run.warnings.append(_over_budget(self.text))
            value = kind = None
        if run.warnings:
            return Evaluation(value, tuple(run.warnings))
        return Evaluation(value) if kind is not bool else _TRUE if value else _FALSE

    def within(self, run: Run, context: Context) -> Value:
        """The value inside a larger evaluation, which takes the warnings and bears the cost.

        Raises `BudgetExceeded`.
        """
        return self._code(Frame(context, None, run))


class UnaryTests(_Compiled):
    """A compiled cell of a decision table."""

    def __init__(self, text: str, tree: ast.Tests, check: Check) -> None:
        super().__init__(text, tree)
        self._check = check
        self.always = not tree.tests

    def evaluate(
        self, value: object, context: Context | None = None, functions: Functions | None = None
    ) -> bool | None:
        """Does the value pass? None if the tests cannot be compared with it."""
        return self.judge(value, context, functions).value  # type: ignore[no-any-return]

    def judge(
        self, value: object, context: Context | None = None, functions: Functions | None = None
    ) -> Evaluation:
        """The same with warnings."""
        run = Run(functions)
        try:
            result = self.within(run, value, _EMPTY if context is None else context)
        except (BudgetExceeded, RecursionError):
            run.warnings.append(_over_budget(self.text))
            result = None
        return Evaluation(result, tuple(run.warnings))

    def within(self, run: Run, value: object, context: Context) -> bool | None:
        """The judgement inside a larger evaluation. Raises `BudgetExceeded`."""
        if self.always:
            return True
        return self._check(Frame(context, None, run), to_feel(value))


def _over_budget(text: str) -> FeelWarning:
    return FeelWarning("budget", "计算量超出限制，已停止", 0, len(text))


def _offset(text: str) -> int:
    """Where the expression begins behind a leading `=`."""
    blanks = len(text) - len(text.lstrip())
    return blanks + 1 if text.startswith("=", blanks) else 0


def compile(text: str, names: Iterable[str] = (), types: Types | None = None) -> Expression:  # noqa: A001
    """An expression, compiled once (cached). A leading `=` is accepted. Raises `FeelSyntaxError`.

    `names` are variables whose names hold keywords or operators (`terms and conditions`, `a-b`); names of plain
    words, with blanks or without, need not be said. `types` are a model's own types.
    """
    if types is not None:
        return _compile(text, frozenset(names), types)
    return _cached(text, frozenset(names))


@lru_cache(8192)
def _cached(text: str, names: frozenset[str]) -> Expression:
    return _compile(text, names, NO_TYPES)


def _compile(text: str, names: frozenset[str], types: Types) -> Expression:
    tree = _guarded(parse_expression, text, _offset(text), names)
    return Expression(text, tree, Compiler(_RULES, types).code(tree, ROOT))


def compile_unary(text: str, names: Iterable[str] = (), types: Types | None = None) -> UnaryTests:
    """A decision table's cell, compiled once (cached). An empty cell is `-`. Raises `FeelSyntaxError`."""
    if types is not None:
        return _compile_unary(text, frozenset(names), types)
    return _cached_unary(text, frozenset(names))


@lru_cache(8192)
def _cached_unary(text: str, names: frozenset[str]) -> UnaryTests:
    return _compile_unary(text, names, NO_TYPES)


def _compile_unary(text: str, names: frozenset[str], types: Types) -> UnaryTests:
    tree = _guarded(parse_tests, text, 0, names)
    assert isinstance(tree, ast.Tests)
    return UnaryTests(text, tree, tests(Compiler(_RULES, types), tree, ROOT))


def _guarded(parse: Callable[..., ast.Node], text: str, offset: int, names: frozenset[str]) -> ast.Node:
    try:
        return parse(text, offset, names, CALLABLE_NAMES)
    except RecursionError:
        raise FeelSyntaxError("嵌套过深", "nested too deeply", text, 0, len(text)) from None


def evaluate(text: str, context: Context | None = None, functions: Functions | None = None) -> Evaluation:
    """Compile and evaluate at once, with the context's own names known. Raises `FeelSyntaxError`."""
    return compile(text, special_names(context or _EMPTY)).evaluate(context, functions)


def special_names(context: Context, depth: int = 0) -> set[str]:
    """Names in a context (and in the contexts in it) that cannot be read without knowing them."""
    found: set[str] = set()
    if depth > 5:
        return found
    for key, value in context.items():
        if not key.isidentifier():
            found.add(key)
        inner = value[0] if isinstance(value, (list, tuple)) and value else value
        if isinstance(inner, Mapping):
            found |= special_names(inner, depth + 1)
    return found
