"""Leads and what every record is numbered, filed, booked and sent by."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Numeric, String, Table, Text, UniqueConstraint

from casework.tables.people import PATH
from engine.db import Id, Instant, Json, metadata

numbers = Table(
    "numbers",
    metadata,
    Column("series", String(60), primary_key=True),
    Column("last", Integer, nullable=False),
)

leads = Table(
    "leads",
    metadata,
    Column("number", String(64), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("area", PATH, nullable=False),
    Column("subject", Text),
    Column("phone_hash", String(64)),
    Column("cause", String(10), nullable=False),
    Column("sources", Json, nullable=False),  # [{"source", "person", "at"}]
    Column("discovered_at", Instant, nullable=False),
    Column("reported_at", Instant),
    Column("conclusion", String(40)),
    Column("closed_at", Instant),
    Column("merged_into", String(64)),
    Column("household", Id),
    Column("visit", Id),  # the visit it was found on
    Column("review", Text),  # why a supervisor must look: found again and again, never taken up
    Column("told_at", Instant),  # when the household was told what became of it
    Column("told_how", Text),
    Column("told_by", Id),
    Index("ix_leads_subject", "area", "subject"),
    Index("ix_leads_household", "household"),
    Index("ix_leads_area", "area", "discovered_at"),
    Index("ix_leads_phone", "phone_hash"),
)

public_leads = Table(
    "public_leads",
    metadata,
    Column("id", String(64), primary_key=True),  # the key of what was sent: sent again it changes nothing
    Column("lead_no", String(64), ForeignKey("leads.number"), nullable=False),
    Column("token", String(40), nullable=False),
    Column("address", String(64)),  # a digest, forgotten after a day
    Column("at", Instant, nullable=False),
    Index("uq_public_leads_token", "token", unique=True),
    Index("ix_public_leads_address", "address"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Id, primary_key=True),
    Column("book", String(40), nullable=False),  # reserve_fund, payout, escalation, referral, notice …
    Column("area", PATH, nullable=False),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("amount", Numeric(12, 2)),
    Column("details", Json, nullable=False),
    UniqueConstraint("book", "id"),
    Index("ix_ledger_book", "book", "area", "at"),
)

files = Table(
    "files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", String(80), nullable=False),
    Column("size", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("by", Id),
    Column("at", Instant, nullable=False),
)

file_links = Table(
    "file_links",
    metadata,
    Column("file", Id, ForeignKey("files.id"), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("seq", Integer),  # the row of the case's history it came with
    Index("ix_file_links_case", "case_id"),
)
"""Which cases a file belongs to: those in whose document it is named."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("recipient", String(60), nullable=False),
    Column("reference", String(80), nullable=False),
    Column("payload", Json, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Index("ix_outbox_unsent", "sent_at", "made_at"),
)
