"""What no case may hold, whatever database keeps it."""

from __future__ import annotations

import re

from engine.db import dumps
from engine.errors import StepFailed
from engine.runner.values import Outcome

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def must(outcome: Outcome, told: bytes) -> None:
    """U+0000 is text for FEEL and SQLite, but not for PostgreSQL. `told`: the command with its edits. Raises StepFailed."""
    thrown = (dumps(message.variables).encode() for message in outcome.thrown)
    if any(b"\\u0000" in text and _NUL.search(text) for text in (outcome.state, told, *thrown)):
        at = outcome.trace[-1].element if outcome.trace else ""
        raise StepFailed(at, "数据中含有空字符（U+0000），不能保存。", "U+0000 cannot be stored.")
