"""Ledgers, exports, monthly reports, spot checks, the reserve fund, and what can be printed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from api.schemas import Model
from api.schemas.limits import Receipt


class Column(Model):
    key: str
    label: str


class LedgerName(Model):
    key: str
    name: str
    hint: str
    dated: str | None


class Ledger(Model):
    key: str
    name: str
    hint: str
    dated: str | None
    columns: list[Column]
    items: list[dict[str, Any]]  # cells as text, and `case_id`
    total: int
    page: int
    size: int


class ExportWrite(Model):
    since: date | None = Field(default=None, alias="from")
    to: date | None = None
    area: str | None = None
    unmasked: bool = False
    purpose: str = Field(default="", max_length=500)


class ExportAnswer(Model):
    revision: int
    agreed: bool


class ExportRow(Model):
    id: str
    book: str
    name: str
    unmasked: bool
    purpose: str
    state: Literal["asked", "ready", "refused", "expired"]
    asked_by: str
    asked_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    rows: int | None
    digest: str | None
    expires_at: datetime | None
    revision: int
    mine: bool  # the reader asked for it: may fetch it while it is ready
    to_answer: bool  # the reader may agree or refuse


class ReportTown(Model):
    """A town in a month. `state`: missing (nothing submitted yet), submitted, returned, received."""

    area: str
    name: str
    state: Literal["missing", "submitted", "returned", "received"]
    number: str | None = None
    version: int | None = None
    cutoff: datetime | None = None
    nil: bool = False
    case_id: str | None = None
    receipt: Receipt | None = None  # until when it must be submitted
    figures: dict[str, Any] = Field(default_factory=dict)


class Reports(Model):
    month: date
    columns: list[Column]
    towns: list[ReportTown]
    total: dict[str, Any]
    missing: int


class ReportVersion(Model):
    number: str
    version: int
    state: str
    cutoff: datetime
    digest: str
    changed: list[dict[str, Any]]  # against the version before


class ReportCheck(Model):
    name: str
    ok: bool
    detail: str


class HeadColumn(Column):
    kept: bool  # from the snapshot


class Report(Model):
    """One report; `number` None: the draft, counted now."""

    number: str | None
    area: str
    name: str
    month: date
    version: int
    state: Literal["draft", "prepared", "submitted", "returned", "received"]
    nil: bool
    cutoff: datetime  # when the preparer submitted it
    submitted_at: datetime | None = None  # when it was reviewed and frozen
    digest: str | None
    prepared_by: str | None
    reviewed_by: str | None
    note: str | None
    case_id: str | None
    columns: list[Column]
    point_columns: list[str]  # those whose list is of service points, not of cases
    visit_columns: list[str]  # those whose list is of visits
    persons: list[str]
    yuan: list[str]
    villages: list[Column]
    figures: dict[str, Any]
    snapshot: dict[str, Any]
    header: list[HeadColumn]  # the official order of figures and snapshot
    adjustments: list[dict[str, Any]]
    checks: list[ReportCheck]
    words: dict[str, dict[str, str]]
    versions: list[ReportVersion]
    receipts: list[Receipt]


class PointLooked(Model):
    """A check, test call or repair of a service point behind a figure."""

    point: str
    place: str
    kind_name: str
    name: str
    ok: bool
    finding: str | None
    person: str
    at: datetime
    case_id: str | None


class SpotRow(Model):
    number: str
    quarter: str
    digest: str
    frozen_at: datetime
    drawn: bool
    case_id: str


class SpotItem(Model):
    id: str  # as it was drawn: tickets are reckoned from it
    ref: str  # what people know it by: number of the lead, place in the register
    ticket: str
    town: str
    town_name: str
    stratum: str
    name: str
    place: str
    result: str
    replaced: str | None
    in_hardship: bool | None
    note: str | None
    lead_no: str | None
    lead_case: str | None


class SpotStratum(Model):
    town_name: str
    stratum: str
    rule: str
    population: int
    drawn: int


class SpotTown(Model):
    """A town's part: its case once it may be seen, and the clock of its rectification."""

    area: str
    name: str
    case_id: str | None
    status: str
    receipts: list[Receipt]


class SpotRate(Model):
    town_name: str
    kind: Literal["missed", "wrong"]
    looked_at: int
    errors: int
    low: float
    high: float


class SpotCheck(Model):
    number: str
    quarter: str
    case_id: str | None  # for the district, whose case it is
    frame_size: int
    digest: str
    frozen_at: datetime
    seeded: bool  # the seed is entered, whether the reader may see it or not
    seed: str | None
    salt: str | None
    seed_source: str | None
    seeded_by: list[str]
    sealed: bool  # something of the reader's own areas is kept from him until it has been visited
    opened: bool  # every town has been visited: seed and frame are for everybody
    strata: list[SpotStratum]
    items: list[SpotItem]
    towns: list[SpotTown]
    rates: list[SpotRate]


class Fund(Model):
    town: str
    name: str
    balance: Decimal
    quota: Decimal | None
    threshold: Decimal
    state: Literal["ok", "low", "overdrawn"]


class Funds(Model):
    items: list[Fund]
    may_top_up: bool


class TopUp(Model):
    amount: Decimal = Field(max_digits=12, decimal_places=2)
    reason: str = Field(min_length=2, max_length=200)
    document_no: str = Field(default="", max_length=80)
    on: date | None = None  # default: today


class FundDone(Model):
    balance: Decimal
    message: str


class Paper(Model):
    """`reason`: why the reader cannot print it now; None: it can be printed."""

    key: str
    name: str
    detail: str
    url: str
    reason: str | None
