"""Appraisal meetings."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas import Model
from api.schemas.limits import Due

State = Literal["draft", "convened", "closed", "cancelled"]
Convener = Literal["village", "town"]
Line = Field(default="", max_length=200)
Long = Field(default="", max_length=4000)
Votes = Field(default=None, ge=0, le=500)


class MeetingRow(Model):
    number: str
    area: str
    place_name: str
    held_at: datetime
    place: str
    state: State
    state_text: str
    chair: str
    present: int
    invited: int
    cases: int
    done: int
    postponed: int
    open: int  # not yet through; of a closed meeting: cases that did not take the result
    void: int


class MeetingPage(Model):
    items: list[MeetingRow]
    total: int
    page: int
    size: int
    waiting: int  # open appraisal steps within sight that stand on no agenda
    may_begin: bool


class Waiting(Model):
    """An open appraisal step that stands on no agenda."""

    task: str
    case_id: str
    case_number: str
    title: str
    place: str
    area: str
    planned: bool  # planned alone already: only its result is missing
    due: Due


class RollEntry(Model):
    key: str = Field(min_length=1, max_length=40)
    name: str = Field(max_length=50)
    role: str = Field(max_length=20)
    person: str | None = Field(default=None, max_length=64)
    present: bool = False


class RecusalByHand(Model):
    key: str = Field(min_length=1, max_length=40)
    why: str = Field(min_length=2, max_length=200)


class RecusalRow(Model):
    key: str
    name: str
    why: str
    automatic: bool


class Verdict(Model):
    """What the process's own table says of the totals."""

    valid: bool
    passed: bool
    text: str


class ItemRow(Model):
    n: int
    case_id: str
    case_number: str
    title: str
    place: str
    application_no: str
    programme: str
    task: str | None  # the open step, for who would rather do it alone
    recused: list[RecusalRow]
    voting: int  # 应投: present minus withdrawn
    residents: int
    agree: int | None
    against: int | None
    abstain: int | None
    opinion: str
    dissent: str
    postpone: str
    verdict: Verdict | None
    state: Literal["open", "done", "postponed", "void"]
    failure: str | None
    done_at: datetime | None
    due: Due | None


class Rule(Model):
    """A number the meeting is measured by, and where it is written."""

    key: str
    name: str
    value: float
    source: str


class LogEntry(Model):
    at: datetime
    name: str
    what: str
    what_text: str
    text: str
    item: int | None


class MeetingDetail(Model):
    number: str
    revision: int
    area: str
    place_name: str
    held_at: datetime
    place: str
    convener: Convener
    chair: str
    chair_name: str
    deputy: str | None
    deputy_name: str | None
    recorder: str
    roll: list[RollEntry]
    roles: dict[str, str]
    course: str
    photos: list[str]
    state: State
    state_text: str
    digest: str | None
    closed_at: datetime | None
    items: list[ItemRow]
    whole: bool  # false: other villages' cases on the agenda are not shown
    rules: list[Rule]
    log: list[LogEntry]
    may_edit: bool
    may_hold: bool


class MeetingBegin(Model):
    area: str
    held_at: datetime
    place: str = Field(max_length=200)
    convener: Convener = "village"
    chair: str = Field(max_length=64)
    recorder: str = Field(max_length=100)
    tasks: list[str] = Field(default=[], max_length=200)


class ItemWrite(Model):
    n: int
    recused: list[RecusalByHand] = Field(default=[], max_length=100)
    agree: int | None = Votes
    against: int | None = Votes
    abstain: int | None = Votes
    opinion: str = Long
    dissent: str = Long
    postpone: str = Line


class MeetingWrite(Model):
    """The whole draft as the page has it."""

    revision: int
    held_at: datetime
    place: str = Field(max_length=200)
    convener: Convener
    chair: str = Field(max_length=64)
    deputy: str | None = Field(default=None, max_length=64)
    recorder: str = Field(max_length=100)
    roll: list[RollEntry] = Field(default=[], max_length=300)
    course: str = Long
    photos: list[str] = Field(default=[], max_length=9)
    items: list[ItemWrite] = Field(default=[], max_length=200)


class AgendaWrite(Model):
    """Steps to put on the agenda, or the number of an item to take off."""

    revision: int
    add: list[str] = Field(default=[], max_length=200)
    remove: int | None = None


class MeetingStep(Model):
    revision: int


class MeetingEnd(Model):
    revision: int
    reason: str = Field(max_length=500)


class CorrectionWrite(Model):
    text: str = Field(max_length=1000)
    item: int | None = None


class Refusal(Model):
    n: int
    title: str
    message: str


class MeetingDone(Model):
    """What a step did: how many cases took it, and each that did not with its reason."""

    number: str
    revision: int  # of the meeting now
    message: str
    done: int = 0
    refused: list[Refusal] = Field(default=[])
