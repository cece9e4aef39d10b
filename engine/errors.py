"""Every error the product raises on purpose: one tree, a stable code, a sentence in Chinese and in English.

Domain errors know no HTTP; `api/errors.py` maps them to a status by class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """One wrong place in an input. `path` is dotted: `visitors`, `members[0].name`."""

    path: str
    message: str


class XunzhenError(Exception):
    """Something went wrong."""

    code = "error"

    def __init__(
        self,
        message: str,
        message_en: str = "",
        *,
        code: str | None = None,
        fields: Sequence[Field] = (),
        **data: Any,
    ) -> None:
        super().__init__(message_en or message)
        self.message = message
        self.message_en = message_en or message
        self.fields = tuple(fields)
        self.data = data
        if code is not None:
            self.code = code


class NotFound(XunzhenError):
    """There is no such thing, or the actor may not know of it."""

    code = "not_found"


class Forbidden(XunzhenError):
    """The actor may not do this (another area, tier or post; recused; acted already)."""

    code = "forbidden"


class Conflict(XunzhenError):
    """Somebody else was first, or the state has moved on."""

    code = "conflict"


class StaleRevision(Conflict):
    """The revision the user saw is not the current one."""

    code = "stale_revision"


class Invalid(XunzhenError):
    """The input does not pass; `fields` says where."""

    code = "invalid"


class CalendarMissing(XunzhenError):
    """A working-day term reaches a year without a State Council notice."""

    code = "calendar_missing"

    def __init__(self, year: int) -> None:
        super().__init__(
            f"{year} 年的放假安排尚未公布，不能计算工作日；如需暂定日期请明确要求（provisional）。",
            f"There is no holiday notice for {year} yet; ask for provisional dates if you want them.",
            year=year,
        )
        self.year = year


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a model cannot run right: where, why, and what to draw instead."""

    element: str
    message: str
    remedy: str
    name: str | None = None
    line: int | None = None
    file: str | None = None
    rule: str = "refused"
    message_en: str = ""


class ModelRefused(XunzhenError):
    """The bundle holds something that cannot be run right."""

    code = "model_refused"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        first = refusals[0]
        where = f"{first.name or ''}（{first.element}）" if first.name else first.element
        super().__init__(
            f"模型不能部署：{where}：{first.message}"
            + (f" 等 {len(refusals)} 处" if len(refusals) > 1 else ""),
            f"The model is refused: {first.element}: {first.message_en or first.message}",
            fields=[Field(r.element, f"{r.message}（{r.remedy}）") for r in refusals],
        )
        self.refusals = tuple(refusals)
        self.partly: tuple[Any, ...] = ()
        """The processes (`engine.model.Process`) as far as they could be read."""


class StepFailed(XunzhenError):
    """A step cannot go on: no flow holds, an expression gave null, an error nobody catches.

    The transaction is rolled back and an incident opened at `element`. `trace`: how far the step came
    (`engine.runner.values.TraceEvent`); none of it stands.
    """

    code = "step_failed"

    def __init__(self, element: str, message: str, message_en: str = "") -> None:
        super().__init__(message, message_en, element=element)
        self.element = element
        self.trace: tuple[Any, ...] = ()


def printable(text: str) -> str:
    """An error's words as they can be stored: no U+0000, not endless."""
    return text.replace("\0", "\u2400")[:4000]


def named(error: Exception) -> tuple[str, str]:
    """The code and the words under which an error is kept for people."""
    if isinstance(error, XunzhenError):
        return error.code, error.message
    return "unexpected", f"{type(error).__name__}: {error}"
