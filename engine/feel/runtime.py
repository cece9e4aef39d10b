"""What an evaluation carries: the run (functions, warnings, budget) and frames of variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .errors import BudgetExceeded, Fault, FeelWarning
from .limits import MAX_CALLS, MAX_STEPS, MAX_WARNINGS
from .values import Value

NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = {}
MISSING: Any = object()


class Run:
    """One evaluation of one expression (and of the functions it calls)."""

    __slots__ = ("calls", "functions", "steps", "warnings")

    def __init__(self, functions: Mapping[str, Callable[..., Any]] | None = None) -> None:
        self.functions = NO_FUNCTIONS if functions is None else functions
        self.warnings: list[FeelWarning] = []
        self.steps = MAX_STEPS
        self.calls = 0

    def spend(self, steps: int) -> None:
        """Use up budget; raises `BudgetExceeded` when it is gone."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetExceeded

    def enter(self) -> None:
        """One FEEL function call deeper."""
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise BudgetExceeded

    def warn(self, code: str, message: str, start: int, end: int) -> None:
        """Record why something gave null."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(FeelWarning(code, message, start, end))

    def fault(self, fault: Fault, start: int, end: int) -> None:
        """Record a fault as a warning; returns None, the value it has."""
        self.warn(fault.code, fault.message, start, end)


class Frame:
    """Variables of one scope. The outermost frame's `names` are the caller's context itself, never a copy."""

    __slots__ = ("item", "names", "outer", "run")

    def __init__(self, names: Mapping[str, Any], outer: Frame | None, run: Run, item: Value = None) -> None:
        self.names = names
        self.outer = outer
        self.run = run
        self.item = item


Code = Callable[[Frame], Value]
"""A compiled expression."""


class Scope:
    """What is known of a frame when compiling. `names` None: a filter's frame, whose names depend on the item."""

    __slots__ = ("names", "outer")

    def __init__(self, outer: Scope | None, names: frozenset[str] | None) -> None:
        self.outer = outer
        self.names = names


ROOT = Scope(None, frozenset())


def steps(wanted: str, scope: Scope) -> tuple[list[bool], bool]:
    """The frames to leave before the name's own, each with whether it is a filter's; and whether it is declared."""
    hops: list[bool] = []
    at: Scope | None = scope
    while at is not None:
        if at.names is None:
            hops.append(True)
        elif wanted in at.names:
            return hops, True
        elif at.outer is not None:
            hops.append(False)
        at = at.outer
    return hops, False
