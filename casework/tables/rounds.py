"""What comes round again: visits, monthly reports, spot checks."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from casework.tables.people import PATH
from engine.db import Id, Instant, Json, metadata

visits = Table(
    "visits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),  # codes of `visit_kind`
    Column("period", String(20), nullable=False),  # 2026Q4
    Column("area", PATH, nullable=False),
    Column("household", Id),
    Column("head", Text, nullable=False),
    Column("met", String(20), nullable=False),
    Column("needs", Json, nullable=False),
    Column("change", Text),
    Column("policy_explained", Boolean, nullable=False),
    Column("reason", Text),  # why nobody was met
    Column("person", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("lead_no", String(64)),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("method", String(20)),
    Column("visitors", Json),  # who went; None for rows older than the column
    Column("members_met", Json),  # names
    Column("note", Text),  # what was seen and heard
    Column("next_due", Date),  # as the visitor asked, earlier than the cadence wants
    Column("source", String(80)),  # the user task or job it comes from; None when entered by itself
    Column("entered_at", Instant),  # when it reached the register, whatever day it was made
    Index("ix_visits_area", "area", "period"),
    Index("ix_visits_household", "household", "at"),
    Index("ix_visits_at", "at"),
)

reports = Table(
    "reports",
    metadata,
    Column("number", String(80), primary_key=True),  # 120115101-202609-1
    Column("area", PATH, nullable=False),
    Column("month", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("figures", Json, nullable=False),
    Column("adjustments", Json, nullable=False),
    Column(
        "snapshot", Json
    ),  # what has no history to be counted from: register, vacancies, the preparer's note
    Column("cutoff", Instant, nullable=False),  # when the preparer submitted it
    Column("digest", String(64), nullable=False),
    Column("prepared_by", Id),
    Column("reviewed_by", Id),
    Column("submitted_at", Instant),  # when it was frozen; none: not reviewed yet
    Column("state", String(20), nullable=False),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("job", Id),
    CheckConstraint("state in ('prepared', 'submitted', 'received', 'returned')", name="state"),
    UniqueConstraint("area", "month", "version"),
)

spot_checks = Table(
    "spot_checks",
    metadata,
    Column("number", String(80), primary_key=True),
    Column("quarter", String(10), nullable=False),
    Column("frame", Json, nullable=False),  # [{"id", "town", "stratum", "name", "area", "ref"}] sorted by id
    Column(
        "salt", String(64)
    ),  # drawn at the freezing, part of the digest, shut up until every town was visited
    Column("digest", String(64), nullable=False),  # of the frame, before the seed was known
    Column("frozen_at", Instant, nullable=False),
    Column("seed", Text),
    Column("seeded_by", Json, nullable=False),
    Column("seed_source", Text),  # how the two officials came by it
    Column("sizes", Json),  # the parameters in force at the draw
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
)

spot_items = Table(
    "spot_items",
    metadata,
    Column("check_no", String(80), ForeignKey("spot_checks.number"), primary_key=True),
    Column("id", String(120), primary_key=True),
    Column("ticket", String(64), nullable=False),
    Column("town", PATH, nullable=False),
    Column("stratum", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("area", PATH, nullable=False),
    Column("missed", Boolean),
    Column("wrong", Boolean),
    Column("in_hardship", Boolean),
    Column("replaced", Text),  # why the next ticket took its place
    Column("note", Text),
    Column("lead_no", String(64)),
)
