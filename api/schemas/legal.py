"""日历与时限: terms, parameters, the district's choices, holiday notices, lateness."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from api.schemas import Model

Kind = Literal["term", "parameter"]


class LegalChange(Model):
    """A line of the journal, in words."""

    id: str
    kind: Literal["term", "parameter", "calendar", "basis"]  # basis: terms.toml was deployed
    key: str
    name: str
    before: str | None
    value: str
    valid_from: date
    reason: str
    state: Literal["proposed", "confirmed", "refused", "withdrawn"]
    proposed_by: str | None
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None
    revision: int
    can: list[Literal["confirm", "withdraw"]] = Field(default=[])


class Choice(Model):
    """A value a parameter may have, in words."""

    value: str
    label: str


class LegalItem(Model):
    """A term or parameter as it stands on the day asked for."""

    kind: Kind
    key: str
    group: str  # the part of the key before the first dot
    name: str
    value: Any
    words: str  # 30个工作日
    lawful: str  # the same of the legal basis
    chosen_from: date | None = None
    choice: bool  # has the district chosen?
    direction: str | None = None  # 至迟（只能缩短） …
    least: Any = None
    most: Any = None
    choices: list[Choice] = Field(default=[])
    start_event: str | None = None
    counting: str | None = None  # 次日起算，末日顺延
    pauses: list[str] = Field(default=[])
    extension: str | None = None
    expiry: list[str] = Field(default=[])
    citation: str | None = None
    confidence: str | None = None
    confidence_words: str | None = None
    pending: LegalChange | None = None
    coming: LegalChange | None = None  # confirmed, not yet in force


class LegalTable(Model):
    on: date
    items: list[LegalItem]
    can_propose: bool


class LegalWrite(Model):
    """Propose a number or value from a coming day on; `value` null: back to the legal basis."""

    kind: Kind
    key: str = Field(max_length=200)
    value: Any = None
    valid_from: date
    reason: str = Field(max_length=2000)


class LegalDecision(Model):
    revision: int
    approve: bool
    answer: str = Field(default="", max_length=2000)


class LegalRevision(Model):
    revision: int


class CalendarYear(Model):
    """A year as the calendar knows it."""

    year: int
    area: str
    area_name: str | None
    notice: str
    source: str
    rest: list[dict[str, str]]  # [{"name", "from", "to"}]
    work: list[date]
    working_days: int


class Calendars(Model):
    years: list[CalendarYear]
    missing: list[int]  # years that dates of open cases reach without a notice
    provisional: int  # clocks on provisional dates
    can_load: bool


class NoticeWrite(Model):
    """A notice in its published words, or as `calendars/<year>.toml`."""

    text: str = Field(min_length=10, max_length=50_000)
    reason: str = Field(default="", max_length=2000)


class NoticeCheck(Model):
    """Only tried: nothing is written."""

    text: str = Field(min_length=10, max_length=50_000)


class ClockMove(Model):
    case_id: str
    number: str
    title: str
    place: str
    name: str
    old: str
    new: str
    was_provisional: bool
    provisional: bool


class NoticePlan(Model):
    """The dry run: what was read, and which open clocks would move."""

    year: CalendarYear
    replaces: str | None
    moves: list[ClockMove]
    total: int


class LatenessView(Model):
    since: datetime
    fired: int
    median: float
    most: float
    worst: float
    waiting: int
    oldest: datetime | None
    text: str
