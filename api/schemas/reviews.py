"""What families receive now, and the reviews of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from api.schemas import Model
from api.schemas.limits import Receipt


class RecognitionRow(Model):
    application_no: str
    household: str | None  # of the register; none: known by village and name only
    programme: str
    programme_name: str
    title: str
    place: str
    amount: float | None  # yuan a month; none: a status without payment
    persons: int
    from_month: date | None
    valid_to: date | None
    review_on: date | None
    review_due: bool
    state: Literal["active", "ended"]
    ended_on: date | None
    end_reason: str | None  # in words
    open_review: str | None  # case id
    may_link: bool  # may the reader say which household of the register it is?


class RecognitionChange(Model):
    number: int
    result: str
    result_name: str
    decided_on: date
    from_month: date
    amount_before: float | None
    amount: float | None
    persons_before: int
    persons: int
    hearing_ref: str | None
    decision_no: str | None


class ChangeReported(Model):
    number: str
    source: str
    change: str | None
    happened_on: date | None
    content: str
    at: datetime


class RecognitionDetail(RecognitionRow):
    decided_on: date
    decided_on_was: date | None  # as it was entered, where it was put right since
    case_id: str
    receipts: list[Receipt]  # of the end of validity and the next review, where a term gives them
    changes: list[RecognitionChange]
    reports: list[ChangeReported]


class ChangeWrite(Model):
    values: dict[str, Any]


class ReviewMade(Model):
    number: str
    case_id: str
    joined: bool
    message: str


class HomeOffered(Model):
    """A household a recognition may be linked to. `fits`: somebody of that name lives there. Names as in the register."""

    id: str
    head: str
    number: str | None
    place: str
    address: str | None
    members: list[str]
    fits: bool


class HomeLink(Model):
    """`was`: the household it was linked to on the screen."""

    household: str
    reason: str = Field(max_length=500)
    was: str | None = None


class Linked(Model):
    message: str
