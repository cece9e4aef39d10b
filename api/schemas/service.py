"""Service points, policy texts, publicity, campaigns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.schemas import Model

Kind = Literal["window", "policy_board", "hotline"]
Words = Field(min_length=1, max_length=200)


class PointRow(Model):
    id: str
    area: str
    kind: Kind
    kind_name: str
    name: str
    place: str
    hours: str | None
    staff: str | None
    phone: str | None
    photo: list[str]
    policy_version: str | None
    checked_on: date | None
    state: Literal["good", "faulty", "closed"]
    note: str | None
    revision: int


class PlaceRow(Model):
    """A town or village: what it has, what it lacks, what is wrong."""

    area: str
    name: str
    tier: Literal["town", "village"]
    points: list[PointRow]
    lacks: list[str]  # kinds
    alarms: list[str]  # missing, outdated, faulty, unchecked
    open_case: str | None


class PlacePage(Model):
    items: list[PlaceRow]
    total: int
    page: int
    size: int
    version: str | None  # the policy text in force
    alarmed: int  # places with any alarm, of all within sight


class PointCheck(Model):
    kind: str
    ok: bool
    finding: str | None
    person: str
    at: datetime
    case_id: str | None


class PointDetail(PointRow):
    place_name: str
    checks: list[PointCheck]


class PointWrite(Model):
    area: str
    kind: Kind
    name: str = Words
    place: str = Words
    hours: str | None = Field(default=None, max_length=200)
    staff: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=40)
    policy_version: str | None = Field(default=None, max_length=40)
    photo: list[str] = Field(default=[], max_length=9)


class PointEdit(Model):
    revision: int
    name: str = Words
    place: str = Words
    hours: str | None = Field(default=None, max_length=200)
    staff: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=40)
    policy_version: str | None = Field(default=None, max_length=40)
    photo: list[str] = Field(default=[], max_length=9)
    state: Literal["good", "faulty", "closed"] = "good"


class CallWrite(Model):
    """A test call of a hotline."""

    answered: bool
    note: str | None = Field(default=None, max_length=500)


class PolicyTextRow(Model):
    version: str
    title: str
    published_on: date
    summary: str


class PolicyTextWrite(Model):
    version: str = Field(min_length=1, max_length=40, pattern=r"^[\w.-]+$")
    title: str = Words
    published_on: date
    summary: str = Field(min_length=1, max_length=2000)


class PolicyTextMade(Model):
    version: str
    begun: int
    message: str


class PublicityRow(Model):
    id: str
    area: str
    place_name: str
    held_on: date
    place: str
    form: str
    form_name: str
    people: int
    topic: str
    photos: list[str]
    campaign: str | None
    person: str


class PublicityPage(Model):
    items: list[PublicityRow]
    total: int
    page: int
    size: int
    people: int
    forms: list[dict[str, str]]


class PublicityWrite(Model):
    area: str
    held_on: date
    place: str = Words
    form: str = Field(max_length=20)
    people: int = Field(ge=0, le=100_000)
    topic: str = Words
    photos: list[str] = Field(default=[], max_length=9)


class CampaignRow(Model):
    case_id: str
    number: str
    theme: str
    status: str
    opened_at: datetime
    sessions: int
    people: int
    visited: int
    leads: int
    villages: int
    done: int


class CampaignWrite(Model):
    theme: str = Words


class Said(Model):
    id: str
    message: str
