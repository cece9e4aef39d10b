"""What can go wrong with an expression: a syntax error when compiling, a fault (null and a warning) when evaluating."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Field, XunzhenError


class FeelSyntaxError(XunzhenError):
    """The text is not FEEL. `start` and `end` are character offsets into the text as given."""

    code = "feel_syntax"

    def __init__(self, message: str, message_en: str, text: str, start: int, end: int | None = None) -> None:
        self.start = start
        self.end = start + 1 if end is None else end
        super().__init__(
            f"表达式有误（第 {start + 1} 个字符）：{message}",
            f"Not a FEEL expression (character {start + 1}): {message_en}",
            fields=[Field("expression", message)],
            text=text[:200],
            start=self.start,
            end=self.end,
        )


@dataclass(frozen=True, slots=True)
class FeelWarning:
    """Why a part of an expression gave null. `start` and `end` are character offsets into the text."""

    code: str
    message: str
    start: int
    end: int


class Fault(Exception):
    """A part of an expression has no value. Never leaves `engine.feel`: it becomes null and a warning."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class BudgetExceeded(Exception):
    """The evaluation would cost too much. Never leaves `engine.feel`: the whole expression becomes null."""
