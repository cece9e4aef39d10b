"""What travels about households, visits and coverage."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from api.schemas import Model
from api.schemas.limits import Receipt


class Coded(Model):
    value: str
    label: str


class HomeRow(Model):
    """A household in a list. Name, telephone and address in clear only for those who work there."""

    id: str
    number: str | None
    head: str
    place: str
    area: str
    address: str | None
    phone: str
    size: int
    focus: list[Coded]
    programmes: list[Coded]
    last_visit_at: datetime | None
    next_due: date | None
    overdue: bool
    ended_on: date | None


class DueHome(HomeRow):
    """A household due for a visit, with who lives there: what the form of a visit needs, and all a device may keep of it."""

    members: list[str]


class HomeMember(Model):
    id: str
    name: str
    relation: str | None
    id_no: str
    sex: str | None
    age: int | None
    minor: bool
    health: str | None
    disability: str | None
    illness: str | None
    labour: str | None
    work: str | None
    note: str | None
    left_on: date | None
    left_why: str | None
    masked: bool  # is the name?
    birth_date: date | None  # where the name is in clear
    codes: MemberCodes


class MemberCodes(Model):
    """What a form of the member is filled in with."""

    relation: str | None
    sex: str | None
    labour: str | None


HomeMember.model_rebuild()


class ListEntry(Model):
    category: str
    label: str
    source: str
    since: date
    ended_on: date | None


class VisitRow(Model):
    id: str
    kind: str
    kind_label: str
    at: datetime
    minutes: int | None
    household: str | None
    head: str
    place: str
    met: str
    method: str | None
    visitors: list[str]
    members_met: list[str]
    needs: list[str]
    policy_explained: bool
    note: str | None
    change: str | None
    reason: str | None
    next_due: date | None
    lead_no: str | None
    case_id: str | None


class PastLead(Model):
    """An earlier lead of the same household, with its fate and the reason."""

    number: str
    case_id: str
    discovered_at: datetime
    closed_at: datetime | None
    cause: str
    conclusion: str | None
    refused: bool
    reason: str | None


class HomeCase(Model):
    id: str
    number: str
    name: str
    status: str
    opened_at: datetime


class RevealRow(Model):
    at: datetime
    until: datetime | None  # of a reveal; None: read for a step of the case
    who: str
    reason: str
    household: str | None = None
    case_id: str | None = None
    number: str | None = None  # of the case
    head: str
    place: str


class HomeDetail(HomeRow):
    hukou_area: str | None
    housing: str | None
    account: str
    note: str | None
    ended_why: str | None
    members: list[HomeMember]
    lists: list[ListEntry]
    visits: list[VisitRow]
    leads: list[PastLead]
    cases: list[HomeCase]
    receipt: Receipt | None
    revealed_until: datetime | None
    may_keep: bool
    reveals: list[RevealRow]
    revision: int
    masked: bool  # are names, telephone, address and note?
    changes: list[HomeChange]
    held: list[HomeHeld]


class HomeHeld(Model):
    """What the household receives by the processes. `by_name`: nothing but village and name says that it is this household."""

    application_no: str
    programme_name: str
    amount: float | None  # yuan a month; none: a status without payment
    by_name: bool


class HomeChange(Model):
    """A line of 变更记录: `what` names fields or a reason, never what they hold; `visit`: whose report was entered."""

    at: datetime
    who: str
    kind: str
    member: str | None
    what: str
    visit: str | None


HomeDetail.model_rebuild()


class MemberFacts(Model):
    """What is given of a member: what is not named stays, null or empty clears – of the unread ones (id_no, health, disability,
    illness) it leaves."""

    relation: str | None = Field(default=None, max_length=20)
    id_no: str | None = Field(default=None, max_length=30)
    sex: Literal["1", "2"] | None = None
    birth_date: date | None = None
    health: str | None = Field(default=None, max_length=200)
    disability: str | None = Field(default=None, max_length=200)
    illness: str | None = Field(default=None, max_length=500)
    labour: Literal["full", "partial", "none"] | None = None
    work: str | None = Field(default=None, max_length=200)
    note: str | None = Field(default=None, max_length=500)


class MemberNew(MemberFacts):
    name: str = Field(min_length=1, max_length=80)


class HomeFacts(Model):
    """What is given of a household: what is not named stays, null or empty clears – except the account, which is not read."""

    number: str | None = Field(default=None, max_length=40)
    phone: str | None = Field(default=None, max_length=30)
    address: str | None = Field(default=None, max_length=200)
    hukou_area: str | None = Field(default=None, max_length=200)
    housing: str | None = Field(default=None, max_length=200)
    account: str | None = Field(default=None, max_length=60)
    note: str | None = Field(default=None, max_length=500)


class HomeNew(HomeFacts):
    """`confirmed`: the family of the same head's name is another one."""

    area: str
    head: str = Field(min_length=1, max_length=80)
    members: list[MemberNew] = Field(default=[], max_length=30)
    confirmed: bool = False


class Seen(Model):
    """`revision`: of the household as it was seen; `visit`: whose reported change this enters."""

    revision: int
    visit: str | None = None


class HomePatch(HomeFacts, Seen):
    head: str | None = Field(default=None, max_length=80)


class HomeMoves(Seen):
    """`area`: the village it belongs to from today."""

    area: str
    why: str = Field(max_length=200)


class MemberAdd(MemberNew, Seen):
    """`confirmed`: the one of the same name who lives here is somebody else."""

    confirmed: bool = False


class MemberPatch(MemberFacts, Seen):
    name: str | None = Field(default=None, max_length=80)


class MemberLeaves(Seen):
    """`said`: the reason in words, needed for `other`. Of the head: `new_head`, a member, or the household `ends`."""

    on: date
    why: Literal["moved", "died", "married", "split", "other"]
    said: str = Field(default="", max_length=200)
    new_head: str | None = None
    ends: bool = False


class HomeDone(Model):
    """`warnings`: what to look at again; the change stands."""

    message: str
    household: str
    warnings: list[str]


class HomeChoices(Model):
    """What the forms of a household let one choose."""

    relations: list[Coded]
    sexes: list[Coded]
    labour: list[Coded]
    whys: list[Coded]


class RevealWrite(Model):
    reason: str = Field(max_length=500)


class RevealDone(Model):
    message: str
    until: datetime


class ListWrite(Model):
    category: str
    source: str = Field(min_length=1, max_length=200)
    since: date


class StrikeWrite(Model):
    category: str
    on: date


class EndWrite(Model):
    on: date
    why: str = Field(max_length=500)


class ImportFinding(Model):
    row: int
    level: Literal["error", "warning", "choice"]
    column: str
    message: str
    key: str | None = None  # of a choice: what it is told by
    choices: list[Coded] | None = None
    chosen: str | None = None


class ImportPreview(Model):
    """A workbook as read, before anything is entered. `undecided`: choices nobody has made."""

    id: str
    name: str
    rows: int
    households: int
    new: int
    known: int
    restored: int
    skipped: int
    errors: int
    warnings: int
    undecided: int
    findings: list[ImportFinding]


class ImportChoices(Model):
    """By the keys of findings what was chosen; empty: only look again."""

    choices: dict[str, str] = Field(default={}, max_length=5_000)


class ImportDone(Model):
    message: str
    new: int
    changed: int
    same: int
    restored: int = 0
    skipped: int = 0


class VisitWrite(Model):
    kind: str = "focus"
    household: str | None = None
    area: str | None = None
    met: str
    method: Literal["on_site", "phone", "video", "neighbour"] = "on_site"
    started_at: AwareDatetime
    ended_at: AwareDatetime
    visitors: list[str] = Field(default=[], max_length=20)
    members_met: list[str] = Field(default=[], max_length=30)
    policy_explained: bool = False
    note: str | None = Field(default=None, max_length=2000)
    needs: list[str] = Field(default=[], max_length=20)
    cause: str | None = None
    urgent_signs: list[str] = Field(default=[], max_length=20)
    subject: str | None = Field(default=None, max_length=80)
    change: str | None = Field(default=None, max_length=1000)
    next_due: date | None = None
    reason: str | None = Field(default=None, max_length=500)


class VisitDone(Model):
    message: str
    visit: str
    lead_no: str | None
    case_id: str | None


class VisitChoices(Model):
    """What the visit form lets one choose."""

    kinds: list[Coded]
    methods: list[Coded]
    met: list[Coded]
    needs: list[Coded]
    causes: list[Coded]
    urgent_signs: list[Coded]
    categories: list[Coded]


class Rounds(Model):
    """今日走访 of the reader's areas: what is overdue, what comes next, and whether the village has said its word today."""

    today: date
    overdue: int
    items: list[DueHome]
    total: int
    villages: list[VillageToday]


class VillageToday(Model):
    area: str
    name: str
    state: str
    said: bool
    neighbours: int
    items: list[Coded]


Rounds.model_rebuild()


class DayWrite(Model):
    area: str
    day: date | None = None
    done: list[str] = Field(default=[], max_length=20)
    reason: str | None = Field(default=None, max_length=500)
    note: str | None = Field(default=None, max_length=500)


class Beat(Model):
    device: str = Field(min_length=8, max_length=64)
    waiting: int = Field(default=0, ge=0, le=10_000)


class CoverCell(Model):
    """One village or town in one month or week."""

    first: date
    last: date
    state: str
    label: str
    silent: int
    unsynced: int
    visits: int
    leads: int
    expected: int
    visited: int


class CoverRow(Model):
    """`state`: on the last day a word was owed – what must be acted on now; the cells tell what whole times were."""

    area: str
    name: str
    tier: str
    state: str
    label: str
    last_sync: datetime | None
    overdue: int
    cells: list[CoverCell]


class Coverage(Model):
    area: str
    unit: Literal["week", "month", "quarter"]
    today: date
    rows: list[CoverRow]
    totals: dict[str, int]


class CoverDay(Model):
    day: date
    state: str
    label: str
    said_by: str | None
    done: list[str]
    reason: str | None
    note: str | None
    said_at: datetime | None
    answer: str | None


class AlarmRow(Model):
    area: str
    place: str
    day: date
    state: str
    label: str
    last_sync: datetime | None
    at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


class AlarmAnswer(Model):
    area: str
    day: date
    text: str = Field(max_length=500)
