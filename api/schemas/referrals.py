"""转介收发: letters to departments, as the department reads them and as the bureau follows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from api.schemas import Model, TimelineItem
from api.schemas.limits import Due, Receipt

State = Literal["waiting", "working", "bounced", "done", "withdrawn"]


class Named(Model):
    value: str
    label: str


class ReferralRow(Model):
    reference: str
    name: str  # who it is about, masked
    programme: str
    department: str
    department_text: str
    channel_text: str
    sent_at: datetime
    state: State
    state_text: str
    said: str | None  # why it came back, who deals with it, what came of it
    due: Due
    place: str | None  # None: not for the department
    case_id: str | None


class ReferralPage(Model):
    items: list[ReferralRow]
    total: int
    page: int
    size: int
    counts: dict[str, int]  # state → referrals
    states: dict[str, str]
    departments: list[Named]  # those there are referrals to
    follows: bool  # the reader is of the town or bureau and sees more than one department's


class Awaited(Model):
    """What is awaited now, with the form it is answered by. `subscription` is given back: answered meanwhile, the answer is refused."""

    subscription: str
    label: str
    form: dict[str, Any] | None
    values: dict[str, Any]
    by_proxy: bool  # the reader writes down what the department said on paper


class ReferralDetail(Model):
    referral: ReferralRow
    letter: list[Named]  # line by line as it was sent
    timeline: list[TimelineItem]
    receipts: list[Receipt]
    awaited: Awaited | None


class ReferralAnswer(Model):
    subscription: str
    values: dict[str, Any]
