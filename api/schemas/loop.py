"""What travels about the loop to the finder, about people found again, and about the figures of the network."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from api.schemas import Model
from api.schemas.homes import PastLead


class MyLead(Model):
    """A lead I reported: where it stands, what became of it and why, whether the household was told."""

    number: str
    case_id: str
    subject: str
    place: str
    cause: str
    discovered_at: datetime
    state: str
    conclusion: str | None
    reason: str | None
    closed_at: datetime | None
    merged_into: str | None
    told_at: datetime | None
    told_how: str | None
    may_tell: bool


class ToldWrite(Model):
    how: str = Field(max_length=200)


class Past(Model):
    """What is known from before about the person of a lead or of a report being typed."""

    review: str | None = None
    leads: list[PastLead]


class RefusedRow(Model):
    area: str
    place: str
    subject: str
    times: int
    finders: int
    first: datetime
    last: datetime
    numbers: list[str]
    case_ids: list[str]
    reasons: list[str]


class SpreadShown(Model):
    """Hours; `n` of how many."""

    n: int
    median: float
    p90: float


class IndicatorRow(Model):
    area: str
    name: str
    leads: int
    window: int
    by_visit: int
    found: SpreadShown | None
    reported: SpreadShown | None
    helped: SpreadShown | None
    informants: int
    active: int
    homes: int
    visited: int
    channels: int
    tested: int
    due: int
    in_time: int


class Indicators(Model):
    area: str
    first: date
    last: date
    total: IndicatorRow
    rows: list[IndicatorRow]


class InformantRow(Model):
    name: str
    post: str
    place: str
    last: datetime | None
