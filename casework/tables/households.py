"""Households of the register and the dated standards that measure them."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Numeric, String, Table, Text

from casework.tables.people import PATH
from engine.db import Id, Json, metadata

households = Table(
    "households",
    metadata,
    Column("id", Id, primary_key=True),
    Column("area", PATH, ForeignKey("areas.path"), nullable=False),
    Column("head", Text, nullable=False),
    Column("phone", String(30)),
    Column("address", Text),
    Column("size", Integer, nullable=False),
    Column("focus", Json, nullable=False),
    Column("programmes", Json, nullable=False),  # [{"code", "valid_to"}]
    Index("ix_households_area", "area"),
)

standards = Table(
    "standards",
    metadata,
    Column("area", PATH, ForeignKey("areas.path"), primary_key=True),
    Column("key", String(60), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("amount", Numeric(12, 2), nullable=False),
    Column("source", Text, nullable=False),
)
