"""The standard's functions, by name."""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel.cursor import KnownNames

from . import contexts, conversion, lists, numbers, ranges, statistics, strings, temporal
from .registry import Builtin

BUILTINS: Mapping[str, Builtin] = {
    **conversion.FUNCTIONS,
    **strings.FUNCTIONS,
    **numbers.FUNCTIONS,
    **lists.FUNCTIONS,
    **statistics.FUNCTIONS,
    **temporal.FUNCTIONS,
    **ranges.FUNCTIONS,
    **contexts.FUNCTIONS,
}
"""All functions an expression can call without a host. None asks a clock: `now` and `today` are the host's."""

PURE = frozenset({"date", "time", "date and time", "duration", "years and months duration", "number"})
"""Functions worth computing once when their arguments are literals."""

CALLABLE_NAMES = KnownNames(name for name in BUILTINS if " " in name)
"""Names of several words, for the parser."""

__all__ = ["BUILTINS", "CALLABLE_NAMES", "PURE", "Builtin"]
