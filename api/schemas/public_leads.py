"""社会公众反映: what the page without a login offers, takes and tells."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas import Model


class Place(Model):
    path: str
    name: str


class TownPlaces(Place):
    villages: list[Place]


class Choice(Model):
    value: str
    label: str
    group: str = ""


class PublicForm(Model):
    towns: list[TownPlaces]
    causes: list[Choice]
    signs: list[Choice]


class PublicLeadWrite(Model):
    """A hardship somebody tells of. `own`: the sender asks for himself. `key`: made by the page, the same when sent again."""

    key: str = Field(min_length=16, max_length=64, pattern=r"^[A-Za-z0-9-]+$")
    own: bool
    place_area: str = Field(max_length=200)
    place_text: str = Field(max_length=100)
    main_cause: str = Field(max_length=10)
    urgent_signs: list[str] = Field(default_factory=list, max_length=20)
    description: str = Field(default="", max_length=2000)
    subject_name: str = Field(default="", max_length=50)
    subject_phone: str = Field(default="", max_length=20)


class PublicLeadMade(Model):
    """`token`: the code to ask by."""

    number: str
    token: str
    message: str


class PublicFate(Model):
    """How far it is; never anything about a person."""

    number: str
    state: Literal["registered", "looking", "closed"]
    text: str
    sent_at: datetime
    closed_at: datetime | None
