"""Deadlines as they travel: lights with words, receipts that explain a date, what may be done about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


Light = Literal["normal", "soon", "today", "overdue", "paused", "extended", "provisional", "none"]


class CountedDay(Model):
    date: date
    counted: bool
    why: str | None = None  # in words
    hours: list[str] = []  # for a term in hours: what of the day was counted, `08:30–12:00`


class ExtensionRule(Model):
    """What the term says of its extension. `refusal`: why the reader cannot extend it now."""

    n: int  # at most so many more
    unit: str  # 个工作日
    who: str  # the posts, in words
    reasons: list[str]
    may: bool
    refusal: str | None = None
    lapsed: bool = False  # it has run out: the reader may enter a decision that was taken before


class Correction(Model):
    """A lawful date put right. `end`: that of the act, not the one from which the limit runs."""

    old: str = Field(alias="from")
    new: str = Field(alias="to")
    reason: str
    by_name: str
    at: datetime
    end: bool = False


class Receipt(Model):
    """Why a date is what it is. `text` is the sentence a person reads."""

    id: str  # the clock, for acting on it
    term: str
    name: str
    text: str
    light: Light = "none"
    words: str  # what stands beside the light
    state: Literal["running", "paused", "stopped", "cancelled"] = "running"
    stopped_at: datetime | None = None  # when the step was done that ended it
    ended_at: datetime | None = None  # the act the limit asks for
    ended_day: bool = False  # of which the day alone is known
    end_entered_at: datetime | None = None  # when the act was entered, where that was later
    start: datetime
    start_event: str
    entered_at: datetime | None = None  # when the event was entered, where that was later
    due: date
    due_at: datetime
    provisional: bool
    binding: bool  # the earliest of several limits
    kind: Literal["max", "min"]
    opens: date | None = None  # min: the first day on which what had to wait may be done
    rule: str = ""  # 按 2026年9月7日 有效的规定：30 个工作日
    days: list[CountedDay]
    pauses: list[dict[str, Any]] = []
    extension: dict[str, Any] | None = None
    asked: dict[str, Any] | None = None  # an extension somebody asked for
    corrections: list[Correction] = []
    extend: ExtensionRule | None = None
    may_correct: bool = False
    may_correct_end: bool = False  # the act has a date of its own
    citation: str | None = None
    confidence: str | None = None


class Due(Model):
    """A deadline as shown in a row: light, words, date. `text` e.g. 「剩 6 个工作日 · 10月15日前」."""

    light: Light
    text: str
    due_at: datetime | None
    due: date | None
    term: str | None = None
    term_name: str | None = None
    provisional: bool = False


class ExtendWrite(Model):
    """延长: `n` more units (default: all the term allows), for one of the term's reasons. `decided_on`: the day of a decision that
    is entered later; it must lie before the limit's end."""

    revision: int
    clock: str = Field(max_length=300)
    reason: str = Field(max_length=200)
    n: int | None = Field(default=None, ge=1)
    text: str = Field(default="", max_length=2000)
    decided_on: date | None = None


class ExtensionRefusal(Model):
    revision: int
    clock: str = Field(max_length=300)
    reason: str = Field(min_length=2, max_length=2000)


class CorrectWrite(Model):
    """更正: `date` is a day (2026-09-07) or, for terms in hours, an instant with offset."""

    revision: int
    clock: str = Field(max_length=300)
    date: str = Field(max_length=40)
    reason: str = Field(min_length=2, max_length=2000)


class MovedLimit(Model):
    """A limit that would move: its last lawful day before and after, in words."""

    name: str
    old: str
    new: str
    provisional: bool


class MovedLimits(Model):
    items: list[MovedLimit]
