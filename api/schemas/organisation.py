"""What travels about the organisation: units and their changes, posts, substitutes, vacancies, people, kin, duty, hand-overs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from api.schemas import Model

Path = Field(min_length=1, max_length=200)
Why = Field(min_length=2, max_length=500)


# ---------------------------------------------------------------------------------------------- the tree
class UnitRow(Model):
    path: str
    name: str
    kind: str
    kind_text: str
    tier: str
    parent: str | None
    valid_from: date
    valid_to: date | None
    successor: str | None
    liaison: str | None
    people: int
    vacancies: list[str]


class OrganisationTree(Model):
    day: date
    units: list[UnitRow]
    kinds: dict[str, str]
    may_change: bool


class NewUnit(Model):
    name: str = Field(min_length=1, max_length=60)
    kind: Literal["town", "township", "subdistrict", "dev_zone", "village", "community", "grid"]
    code: str | None = Field(default=None, max_length=20, pattern=r"^[0-9A-Za-z]+$")


class Part(NewUnit):
    households: list[str] = Field(default_factory=list)


class AreaChangeWrite(Model):
    """A change of the tree. `on` today or earlier: at once; later: planned. What a kind needs: see docs/organisation.md."""

    kind: Literal["found", "rename", "merge", "split", "move"]
    on: date
    document: str = Field(min_length=2, max_length=200)
    area: str | None = None  # rename, split, move
    parent: str | None = None  # found, move
    name: str | None = Field(default=None, max_length=60)  # found, rename
    unit_kind: str | None = None  # found, rename
    code: str | None = Field(default=None, max_length=20, pattern=r"^[0-9A-Za-z]+$")
    sources: list[str] = Field(default=[], max_length=20)  # merge
    into: str | None = None  # merge: an existing unit …
    new: NewUnit | None = None  # … or a new one
    liaison: str | None = None
    parts: list[Part] = Field(default=[], max_length=20)  # split
    keep: bool = False


class AreaChange(Model):
    id: str
    kind: str
    text: str
    on: date
    state: Literal["planned", "applied", "cancelled", "failed"]
    document: str
    by: str
    at: datetime
    result: list[dict[str, str]]


class AreaChanges(Model):
    items: list[AreaChange]
    total: int


class Foreseen(Model):
    """What a change would do, if it were carried out now; nothing is written."""

    text: str
    result: list[dict[str, str]]


class CountRow(Model):
    area: str
    name: str
    households: int
    open_cases: int
    closed_cases: int
    unplaced: int


class Counts(Model):
    day: date
    rows: list[CountRow]
    total: CountRow


class PhoneWrite(Model):
    area: str = Path
    phone: str = Field(default="", max_length=60)


# ---------------------------------------------------------------------------------------------- posts
class SubstitutionRow(Model):
    id: str
    substitute: str
    substitute_name: str
    begins: date
    until: date  # the last day
    reason: str


class AppointmentRow(Model):
    id: str
    person: str
    name: str
    phone: str
    post: str
    label: str
    area: str
    begins: date
    until: date | None  # the last day
    state: Literal["future", "active", "ended"]
    substitutions: list[SubstitutionRow] = Field(default_factory=list)


class UnitDetail(Model):
    unit: UnitRow
    place: str
    phone: str | None
    phone_inherited: str | None
    posts: list[AppointmentRow]
    offered: list[dict[str, str]]  # posts that exist at this tier
    vacancies: list[VacancyRow]
    may_keep: bool


class VacancyRow(Model):
    area: str
    name: str
    tier: str
    key: str
    label: str
    since: date
    days: int
    never: bool


class Vacancies(Model):
    items: list[VacancyRow]
    by_kind: dict[str, int]
    total: int


class AppointmentWrite(Model):
    person: str
    post: str
    area: str = Path
    begins: date | None = None  # default: today
    until: date | None = None  # the last day


class PostEnd(Model):
    on: date | None = None  # the first day without the post; default: today
    reason: str = Why


class LiaisonChange(Model):
    area: str = Path
    person: str
    on: date | None = None
    items: str = Field(min_length=2, max_length=1000)
    witness: str = Field(default="", max_length=60)


class SubstitutionWrite(Model):
    person: str
    begins: date
    until: date  # the last day
    reason: str = Why


# ---------------------------------------------------------------------------------------------- people
class TrainingRow(Model):
    topic: str
    held_on: date
    valid_to: date | None
    expired: bool


class MemberRow(Model):
    id: str
    name: str
    phone: str
    username: str
    disabled: bool
    usable: bool
    posts: list[AppointmentRow]
    trainings: list[TrainingRow]
    held: int  # open tasks in the person's hands


class PersonWrite(Model):
    name: str = Field(min_length=1, max_length=60)
    phone: str | None = Field(default=None, max_length=30)
    post: str
    area: str = Path
    begins: date | None = None


class Disable(Model):
    reason: str = Why


class PhoneNumber(Model):
    phone: str = Field(default="", max_length=30)


class TrainingWrite(Model):
    topic: str = Field(min_length=1, max_length=200)
    held_on: date
    valid_to: date | None = None


class Password(Model):
    username: str
    password: str


class RosterLine(Model):
    number: int
    name: str
    phone: str | None
    post: str | None
    place: str | None
    begins: date | None
    state: Literal["new", "known", "same", "error"]
    notes: list[str]


class RosterPreview(Model):
    """Every line with what it would do; `rows` go back unchanged to take them in."""

    lines: list[RosterLine]
    counts: dict[str, int]
    rows: list[dict[str, Any]]


class RosterImport(Model):
    rows: list[dict[str, Any]] = Field(max_length=5_000)


class LogRow(Model):
    id: int
    at: datetime
    by: str
    kind: str
    kind_text: str
    place: str
    person: str | None
    text: str
    details: list[dict[str, str]]


# ---------------------------------------------------------------------------------------------- kin
class KinRow(Model):
    person: str
    name: str
    household: str
    head: str
    place: str
    relation: str
    declared_on: date | None
    declared_by: str | None
    ended_on: date | None
    may_end: bool


class KinList(Model):
    items: list[KinRow]
    relations: list[str]
    basis: str | None


class KinWrite(Model):
    person: str | None = None  # default: oneself
    household: str
    relation: str = Field(min_length=1, max_length=30)


class KinEnd(Model):
    person: str
    household: str
    reason: str = Why


class KinLine(Model):
    number: int
    name: str
    head: str
    place: str
    relation: str
    state: Literal["new", "same", "error"]
    notes: list[str]


class KinPreview(Model):
    lines: list[KinLine]
    counts: dict[str, int]
    rows: list[dict[str, Any]]


class KinImport(Model):
    rows: list[dict[str, Any]] = Field(max_length=5_000)


# ---------------------------------------------------------------------------------------------- duty
class TurnRow(Model):
    id: str
    person: str
    name: str
    phone: str
    begins: datetime
    ends: datetime
    may_remove: bool


class Gap(Model):
    begins: datetime
    ends: datetime


class OnDuty(Model):
    name: str
    phone: str
    planned: bool  # false: nobody is planned, the service office stands in


class RosterMonth(Model):
    town: str
    name: str
    month: str  # 2026-09
    turns: list[TurnRow]
    gaps: list[Gap]
    on_duty: list[OnDuty]
    may_plan: bool
    people: list[dict[str, str]]  # whom one would plan: the service office and the officers


class TurnWrite(Model):
    town: str = Path
    person: str
    begins: datetime
    ends: datetime


class RotationWrite(Model):
    town: str = Path
    people: list[str] = Field(min_length=1, max_length=30)
    first: date
    last: date


# ---------------------------------------------------------------------------------------------- hand-over of a case
class CaseTransfer(Model):
    revision: int
    to_area: str = Path
    reason: str = Why


class TransferAnswer(Model):
    revision: int
    area: str | None = None  # on acceptance: the village within the town named
    reason: str = Field(default="", max_length=500)


class TransferRow(Model):
    id: str
    revision: int
    case_id: str
    case_number: str
    title: str
    process_name: str
    from_area: str
    from_name: str
    to_area: str
    to_name: str
    to_tier: str
    reason: str
    state: Literal["asked", "accepted", "refused", "withdrawn"]
    asked_by: str
    asked_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    can: list[Literal["accept", "refuse", "withdraw"]]


class Transfers(Model):
    items: list[TransferRow]
    waiting: int  # how many wait for the reader's town


UnitDetail.model_rebuild()
