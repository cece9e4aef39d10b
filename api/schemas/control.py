"""Bodies and answers about the urging ladder, papers, and what is started by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.limits import Receipt

RungKind = Literal["reminder", "urge", "notice", "order", "circular"]


class Rung(BaseModel):
    """A step of the urging ladder with a state of its own. `due_on`: the last day an answer is in time."""

    kind: RungKind
    name: str
    at: datetime
    state: str
    open: bool
    late: bool
    number: str | None
    text: str | None
    by: str | None
    answer: str | None
    due_on: date | None
    receipt: Receipt | None  # where no case of its own keeps the date
    case_id: str | None
    paper: str | None
    count: int
    act: str | None  # what it was sent for had been done in time, and was entered afterwards


class LadderRow(BaseModel):
    """A case with everything on its ladder; `top` is the highest rung that is still open."""

    case_id: str
    number: str
    title: str
    place: str
    process_name: str
    status: str
    top: RungKind | None
    rungs: list[Rung]


class LadderPage(BaseModel):
    items: list[LadderRow]
    total: int
    page: int
    size: int
    counts: dict[str, int]


class OrderWrite(BaseModel):
    """督办 by a leader. `revision`: of the case as it was seen."""

    revision: int
    matter: str = Field(min_length=4, max_length=500)


class UrgeReply(BaseModel):
    revision: int
    text: str = Field(max_length=500)


class StartOffer(BaseModel):
    """A process the reader may start by hand."""

    process: str
    event: str
    name: str
    process_name: str
    hint: str | None


class StartForm(BaseModel):
    label: str
    form: dict[str, Any]
    values: dict[str, Any]


class StartWrite(BaseModel):
    """`case_id`: the case it is about, where the start needs one."""

    case_id: str | None = None
    values: dict[str, Any]


class PaperRow(BaseModel):
    """A numbered paper; `corrections` stand beside what was issued, never over it."""

    id: str
    number: str
    kind: str
    title: str
    place: str
    made_at: datetime
    case_id: str
    digest: str
    intact: bool
    corrections: list[dict[str, Any]]


class PaperPage(BaseModel):
    items: list[PaperRow]
    total: int
    page: int
    size: int
