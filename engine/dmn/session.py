"""One evaluation of a model: its run, what went wrong and which rules held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel.runtime import Run
from engine.feel.values import Value

Names = Mapping[str, Any]
"""Variables a boxed expression sees."""


class Session:
    """Collects errors by element and matched rules while boxes are evaluated."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]] | None = None) -> None:
        self.run = Run(functions)
        self.errors: list[dict[str, str]] = []
        self.matched: list[dict[str, str]] = []
        self.explained: list[dict[str, Any]] = []
        self.values: dict[str, Value] = {}

    def error(self, element: str, message: str) -> None:
        """Record an error at an element (once)."""
        found = {"element": element, "message": message}
        if found not in self.errors and len(self.errors) < 100:
            self.errors.append(found)

    def blame(self, element: str, before: int) -> None:
        """Make the warnings recorded since `before` errors of an element."""
        warnings = self.run.warnings
        for warning in warnings[before:]:
            self.error(element, warning.message)
        del warnings[before:]


Code = Callable[[Session, Names], Value]
"""A compiled boxed expression."""
