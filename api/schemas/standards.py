"""救助标准."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from api.schemas import Model


class StandardRow(Model):
    key: str
    label: str
    unit: str
    area: str
    place: str
    amount: str
    valid_from: date
    source: str
    in_force: bool


class StandardKind(Model):
    key: str
    label: str
    unit: str
    used: str
    areas: list[tuple[str, str]]  # path, name: where the reader may set it


class Standards(Model):
    items: list[StandardRow]
    kinds: list[StandardKind]
    missing: list[str]  # what nothing can be reckoned without


class StandardWrite(Model):
    key: str
    area: str
    amount: Decimal = Field(max_digits=12, decimal_places=2)
    valid_from: date
    source: str = Field(max_length=200)
