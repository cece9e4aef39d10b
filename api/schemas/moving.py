"""What travels when open cases are moved to another version of a bundle."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas import Model


class MovingChoice(Model):
    value: str  # process/element
    label: str


class MovingQuestion(Model):
    """`renamed`: which new step is the old one; `skipped`: may open cases pass the new step?"""

    place: str  # process/element
    name: str
    what: Literal["renamed", "skipped"]
    choices: list[MovingChoice]


class MovingCase(Model):
    """What would become of one open case."""

    case_id: str
    number: str
    title: str
    place: str
    state: Literal["moves", "mapping", "blocked"]
    reason: str | None
    notes: list[str]
    questions: list[MovingQuestion]


class MovingPlan(Model):
    """A page of the dry run over the open cases that run another version."""

    bundle: str
    version: int
    items: list[MovingCase]
    total: int
    page: int = 1
    size: int = 20


class MovingWrite(Model):
    """Move one case. `renamed`: `process/old=process/new`; `skipped`: `process/element`."""

    bundle: str
    version: int
    case_id: str
    renamed: list[str] = Field(default=[], max_length=200)
    skipped: list[str] = Field(default=[], max_length=200)


class MovingUndo(Model):
    case_id: str
