"""Answers about assessments: list, sheet, and the list behind a figure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel


class Assessed(BaseModel):
    """`score` as computed; `final_score` after appeals, once graded."""

    number: str
    period: str
    unit: str
    unit_name: str
    subject: str
    place: str
    begins: date
    last: date
    score: float
    final_score: float | None
    grade: str | None
    state: str
    case_id: str


class AssessmentRow(Assessed):
    """A line of the list. `appeals`: how many were made."""

    appeals: int


class AssessmentPage(BaseModel):
    items: list[AssessmentRow]
    total: int
    page: int
    size: int
    periods: list[str]


class Indicator(BaseModel):
    """One line of a sheet: what was counted, by which formula, and the points it gives."""

    indicator: str
    name: str
    weight: float
    share: float
    points: float
    formula: str
    measured: str
    count: int


class Merit(BaseModel):
    """A reward or penalty with what it rests on."""

    kind: str
    text: str
    basis: str
    evidence: list[dict[str, Any]]
    by: str | None
    at: datetime


class AssessmentSheet(Assessed):
    """`intact`: the sheet still has the digest it was frozen with. `appeals` stand beside the score, never over it."""

    rows: list[Indicator]
    digest: str
    intact: bool
    computed_at: datetime
    appeals: list[dict[str, Any]]
    merits: list[Merit]


class ListItem(BaseModel):
    """One thing behind a figure; `good` says whether it speaks for the unit."""

    kind: str
    label: str
    good: bool
    case_id: str | None


class FigureList(BaseModel):
    items: list[ListItem]
    total: int
    page: int
    size: int
