"""Budgets: an expression is text somebody typed, so nothing in it may cost more than this.

A budget that is exceeded while compiling is a syntax error; while evaluating it gives null and the warning `budget`.
"""

from __future__ import annotations

from typing import Final

MAX_TEXT: Final = 20_000
"""Characters in one expression."""
MAX_DEPTH: Final = 60
"""Nesting of brackets, operators and keywords in one expression."""
MAX_CHAIN: Final = 250
"""Operators in a row (`1 + 2 + 3 …`): the tree of a chain is as deep as the chain is long."""
MAX_STEPS: Final = 1_000_000
"""Loop iterations, filter tests, function calls and list elements touched in one evaluation."""
MAX_LIST: Final = 100_000
"""Elements in a list or in an iterated range."""
MAX_STRING: Final = 1_000_000
"""Characters in a string an evaluation makes."""
MAX_CALLS: Final = 60
"""Nested calls of functions written in FEEL."""
MAX_NESTING: Final = 50
"""Nesting of lists and contexts in a value that is converted or compared."""
MAX_WARNINGS: Final = 50
"""Warnings kept per evaluation; the rest would say the same."""
MAX_PATTERN: Final = 500
"""Characters in a regular expression."""
MAX_MATCHING: Final = 100_000_000
"""Character steps a regular expression may need in the worst case."""
MAX_PROGRAM: Final = 5_000
"""Steps of a regular expression written out as an automaton."""
MAX_WAYS: Final = 500_000
"""Steps an automaton may take over one text."""
