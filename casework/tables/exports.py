"""Ledgers taken out of the house as files: who, what, why, and who agreed."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text

from casework.tables.people import PATH
from engine.db import Id, Instant, Json, metadata

exports = Table(
    "exports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("book", String(40), nullable=False),
    Column("name", Text, nullable=False),  # of the file: book_area_person_time
    Column("area", PATH),
    Column("filters", Json, nullable=False),
    Column("unmasked", Boolean, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answered_by", Id),
    Column("answered_at", Instant),
    Column("rows", Integer),
    Column("digest", String(64)),  # of the file
    Column("content", LargeBinary),  # kept until `expires_at`, then emptied; the row stays
    Column("expires_at", Instant),
    Column("revision", Integer, nullable=False),
    CheckConstraint("state in ('asked', 'ready', 'refused', 'expired')", name="state"),
    CheckConstraint("answered_by is null or answered_by <> asked_by", name="second_person"),
    CheckConstraint("not unmasked or state <> 'ready' or answered_by is not null", name="two_persons"),
    Index("ix_exports_asked", "asked_at"),
)
