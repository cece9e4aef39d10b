"""Public notices: the board for staff, and the page behind the code on the paper."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.schemas import Model
from api.schemas.limits import Receipt

State = Literal["to_post", "to_remove", "posted", "objected", "expired", "removed"]
Photo = Literal["not_yet", "missing", "there"]


class NoticeTask(Model):
    """The step open for a notice, and whether the reader may do it."""

    id: str
    name: str
    verb: str
    mine: bool
    who: str  # who does it or holds it
    late: bool  # its limit is over


class NoticeRow(Model):
    number: str
    case_id: str
    title: str
    place_name: str
    programme: str
    state: State
    state_text: str
    made_at: datetime
    posted_on: date | None
    ends_on: date | None  # last day of the period
    removed_at: datetime | None  # when it was taken down, and by whom
    removed_by: str | None
    days_left: int | None  # calendar days until the end of that day, while it runs
    receipts: list[Receipt]  # how the running period is counted, or until when it has to be taken down
    start: Photo
    end: Photo
    photos_start: list[str]
    photos_end: list[str]
    continuous: bool | None
    result: str | None
    early: bool  # it is taken down, or was, before its period had come to an end
    objections: int | None  # None: not for this reader
    unanswered: int | None
    task: NoticeTask | None
    address: str | None  # of the page behind the code, while it shows the notice


class NoticePage(Model):
    items: list[NoticeRow]
    total: int
    page: int
    size: int
    counts: dict[str, int]  # state → notices
    states: dict[str, str]
    coded: bool  # the installation has an address for codes


class PostedNotice(Model):
    """What anybody reads by the code. Only a posted notice has content."""

    number: str
    state: Literal["waiting", "posted", "over"]
    content: dict[str, str]
    ends_on: date | None
    office: str
    phone: str


class ScannedWrite(Model):
    """An objection sent by the code. Name and phone may be left out. `key`: made by the page, the same when sent again."""

    key: str = Field(min_length=16, max_length=64, pattern=r"^[A-Za-z0-9-]+$")
    content: str = Field(min_length=2, max_length=2000)
    name: str = Field(default="", max_length=50)
    phone: str = Field(default="", max_length=30, pattern=r"^[0-9+ \-]*$")


class ScannedMade(Model):
    number: str
    message: str
