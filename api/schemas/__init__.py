"""What travels over HTTP. Instants are ISO 8601 with offset (+08:00); `revision` is what a write must give back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.schemas.limits import Due, Receipt


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


T = TypeVar("T")


class Page(Model, Generic[T]):
    items: list[T]
    total: int
    page: int = 1
    size: int = 20


class ErrorField(Model):
    path: str
    message: str


class Error(Model):
    code: str
    message: str
    message_en: str
    fields: list[ErrorField] = []
    household: str | None = None  # of the register, that stands in the way


# ---------------------------------------------------------------------------------------------- people
class Login(Model):
    username: str
    password: str


class PasswordWrite(Model):
    """A change of one's own password."""

    old: str = Field(max_length=200)
    new: str = Field(max_length=200)


class PostHeld(Model):
    post: str
    label: str
    tier: Literal["grid", "village", "town", "district"]
    area: str  # path
    area_name: str
    instead_of: str | None = None  # the absent person's name, where one stands in (代)


class Me(Model):
    id: str
    username: str
    name: str
    posts: list[PostHeld]
    rights: list[str]  # report, work, refer, watch, supervise, design, publish, admin
    stranger: bool  # of an outside body: gets what is addressed to it and nothing else
    home: str  # the page to land on: "/tasks", "/state", "/designer"


class Person(Model):
    id: str
    name: str
    posts: list[PostHeld] = []
    phone: str | None = None


class Area(Model):
    path: str
    code: str
    name: str
    tier: str
    kind: str
    parent: str | None
    children: int = 0


# ---------------------------------------------------------------------------------------------- tasks
class TaskRow(Model):
    id: str
    revision: int
    case_id: str
    case_number: str
    title: str  # who it is about, masked for lists: 李**（3 人）
    place: str  # 村 / 组 as words
    process: str
    process_name: str
    element: str
    name: str  # 实地核查
    verb: str  # the button: 去核查
    stage: str | None
    came_from: str | None  # 谁 · 何时
    created_at: datetime
    due: Due
    urgent: bool
    flags: list[str]  # 退回 加急 督办 …
    holder: str | None  # name of who holds it
    mine: bool
    claimable: bool
    together: int = 1
    acted: int = 0


class TaskList(Page[TaskRow]):
    counters: dict[str, dict[str, int]]  # tab → {"all": n, "red": n}


class Option(Model):
    value: Any
    label: str
    straight: bool = False  # send_back: the work can come straight back from there


class Action(Model):
    """A verb on a task or case. A verb that cannot be used stays visible with its reason."""

    key: str  # complete claim release send_back transfer ask presign take_back urge jump copy withdraw void cancel
    label: str
    primary: bool = False
    enabled: bool = True
    reason: str | None = None
    targets: list[Option] = []  # send_back, jump: where to; urge: which task


class RequestRow(Model):
    """Something asked, as a line of a list. `state_text` is what a person reads."""

    id: str
    revision: int
    kind: Literal["opinion", "presign", "copy", "urge", "jump"]
    kind_text: str
    state: Literal["open", "answered", "read", "withdrawn", "refused", "lapsed"]
    state_text: str
    case_id: str
    case_number: str
    title: str
    place: str
    task_id: str | None
    task_name: str | None
    target_name: str | None
    asked_by: str
    asked_of: str | None
    text: str
    asked_at: datetime
    opinion: Literal["agree", "disagree"] | None
    answer: str | None
    answered_at: datetime | None
    can: list[Literal["answer", "withdraw", "read", "decide", "reply"]]


class TaskDetail(Model):
    task: TaskRow
    instructions: str | None  # documentation of the node, for people
    form: dict[str, Any] | None  # form-js JSON, option lists resolved to `values`
    values: dict[str, Any]  # draft or prefill
    about: list[
        DocumentSection
    ] = []  # what the step is about, as it stands while its form is opened: shown above the form
    masked: list[str] = []  # fields whose sensitive answers are left out
    next_hint: str | None  # 提交后将到：…
    receipts: list[Receipt]
    actions: list[Action]
    cosigners: list[Person] = []  # who has acted already (together)
    requests: list[RequestRow] = []  # what was asked about the task


class TaskWrite(Model):
    revision: int
    values: dict[str, Any] = {}


class SendBackWrite(Model):
    revision: int
    target: str
    reason: str = Field(min_length=2)
    straight: bool = False  # 直送: once it is done again the work comes straight back


class TransferWrite(Model):
    revision: int
    to: str
    reason: str = Field(min_length=2)


class Done(Model):
    """Answer to every write on a task or case: what happened and where to go next."""

    message: str
    case_id: str | None = None
    task: TaskRow | None = None
    next_task_id: str | None = None  # a task of the same case that the actor may do now


# ---------------------------------------------------------------------------------------------- cases
class StageState(Model):
    key: str
    name: str
    state: Literal["done", "current", "todo", "skipped"]
    at: datetime | None = None


class TimelineItem(Model):
    id: str
    at: datetime
    kind: Literal["person", "system", "deadline", "material", "incident"]
    title: str
    who: str | None = None
    tier: str | None = None
    text: str | None = None
    details: list[dict[str, Any]] = []  # [{"label", "value"}]
    entered_at: datetime | None = None  # when it differs from `at`


class SectionField(Model):
    key: str
    label: str
    value: Any
    text: str
    masked: bool = False
    columns: list[str] = []  # a table: `rows` hold words, one per column
    rows: list[list[str]] = []


class DocumentSection(Model):
    key: str
    title: str
    path: str
    at: datetime | None = None
    by: str | None = None
    fields: list[SectionField]
    figures: bool = False  # what the step is about: shown beside its form
    link: str | None = None  # the page behind it, an address of the web application
    link_text: str | None = None


class Token(Model):
    """Where a case stands on a diagram."""

    process: str
    element: str
    state: Literal["active", "done", "incident"]
    name: str | None = None
    count: int = 1
    overdue: bool = False
    since: datetime | None = None
    holder: str | None = None


class CaseRow(Model):
    id: str
    number: str
    title: str
    place: str
    process: str
    process_name: str
    status: Literal["active", "completed", "cancelled", "incident"]
    stage: str | None
    current: list[str]  # names of open steps
    urgent: bool
    due: Due
    opened_at: datetime
    closed_at: datetime | None = None


class Looked(Model):
    """Somebody read sensitive answers: having given a reason (`until`), or for a step of the case."""

    at: datetime
    until: datetime | None
    who: str
    reason: str


class CaseDetail(Model):
    case: CaseRow
    revision: int
    conclusion: str | None
    limited: str | None = None  # why the document is not shown
    stages: list[StageState]
    sections: list[DocumentSection]
    timeline: list[TimelineItem]
    upcoming: list[TimelineItem] = []
    receipts: list[Receipt]
    tasks: list[TaskRow]
    tokens: list[Token]
    processes: list[dict[str, str]]  # diagrams concerned: [{"process", "name", "deployment"}]
    related: list[CaseRow]
    incidents: list[dict[str, Any]] = []
    actions: list[Action] = []
    requests: list[RequestRow] = []  # opinions, copies, urgings, moves
    masked: bool = False  # sensitive answers are left out
    may_reveal: bool = False
    revealed_until: datetime | None = None
    looked: list[Looked] = []  # for who supervises


# ---------------------------------------------------------------------------------------------- leads
class LeadForm(Model):
    form: dict[str, Any]
    values: dict[str, Any]


class LeadWrite(Model):
    """`at`: when it was entered, on a device that had no network then."""

    values: dict[str, Any]
    at: AwareDatetime | None = None


class Duplicate(Model):
    case_id: str
    number: str
    title: str
    place: str
    reported_at: datetime | None
    state: str
    why: str


class LeadMade(Model):
    case_id: str
    number: str
    message: str
    next_task_id: str | None = None
    duplicates: list[Duplicate] = []


# ---------------------------------------------------------------------------------------------- processes
class ProcessRow(Model):
    process: str
    name: str
    bundle: str
    version: int
    deployment: str
    deployed_at: datetime
    open_cases: int
    overdue: int
    incidents: int


class ElementState(Model):
    process: str
    element: str
    name: str | None
    tier: str | None
    count: int
    overdue: int
    incidents: int
    oldest_since: datetime | None
    cases: list[CaseRow]  # at most 20


class ProcessState(Model):
    process: str
    name: str
    version: int
    elements: list[ElementState]


class Diagram(Model):
    process: str
    name: str
    version: int
    deployment: str
    xml: str


class Finding(Model):
    file: str
    element: str | None
    name: str | None
    line: int | None
    rule: str
    severity: Literal["error", "warning", "info"]
    message: str
    remedy: str
    message_en: str = ""
    remedy_en: str = ""


class BundleRow(Model):
    key: str
    name: str
    version: int | None
    deployed_at: datetime | None
    draft_id: str | None
    draft_state: Literal["editing", "submitted"] | None
    draft_by: str | None


class DraftFile(Model):
    name: str
    text: str


class Draft(Model):
    id: str
    bundle: str
    bundle_name: str
    revision: int
    state: Literal["editing", "submitted", "published", "discarded"]
    author: str
    author_id: str
    based_on: int | None
    note: str
    files: list[DraftFile]
    findings: list[Finding]
    updated_at: datetime
    publisher: str | None = None
    version: int | None = None
    may_publish: bool = False
    why_not: str | None = None


class DraftWrite(Model):
    """Files as on a screen, over those of the draft; `removed`: names of files it no longer has."""

    revision: int
    files: list[DraftFile] = []
    removed: list[str] = []
    note: str = ""


class Publish(Model):
    revision: int
    seal: str
    valid_from: datetime | None = None


# ---------------------------------------------------------------------------------------------- supervision
class Cell(Model):
    area: str
    name: str
    tier: str
    open: int
    overdue: int
    soon: int
    done_30d: int
    leads_30d: int
    last_report: datetime | None
    silent_days: int | None


class Overview(Model):
    at: datetime
    totals: dict[str, int]
    rows: list[Cell]
    overdue: list[TaskRow]


class Notification(Model):
    id: str
    at: datetime
    title: str
    text: str
    case_id: str | None
    task_id: str | None
    read: bool
    kind: str


class Incident(Model):
    id: str
    case_id: str
    case_number: str
    title: str
    element: str
    name: str | None
    at: datetime
    code: str
    message: str
    attempts: int
    state: Literal["open", "resolved"]
    revision: int


class ClockState(Model):
    now: datetime
    simulated: bool


class ClockAdvance(Model):
    to: datetime | None = None
    by: str | None = None  # ISO 8601 duration
