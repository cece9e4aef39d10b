"""Appraisal meetings: one meeting for many cases, each case an item of its agenda."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, text

from casework.tables.people import PATH
from engine.db import Id, Instant, Json, metadata

meetings = Table(
    "meetings",
    metadata,
    Column("number", String(60), primary_key=True),
    Column("area", PATH, nullable=False),
    Column("held_at", Instant, nullable=False),
    Column("place", Text, nullable=False),
    Column("convener", String(20), nullable=False),
    Column("chair", Id, nullable=False),
    Column("deputy", Id),  # presides where the chair must withdraw
    Column("recorder", Text, nullable=False),
    Column("roll", Json, nullable=False),  # [{"key", "name", "role", "person", "present"}]
    Column("course", Text, nullable=False),  # what went on, for all cases
    Column("photos", Json, nullable=False),  # of the signed roll
    Column("state", String(20), nullable=False),
    Column("log", Json, nullable=False),  # [{"at", "by", "name", "what", "text", "item"}], only ever longer
    Column("digest", String(64)),  # of what was closed
    Column("made_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("revision", Integer, nullable=False),
    CheckConstraint("state in ('draft', 'convened', 'closed', 'cancelled')", name="state"),
    CheckConstraint("convener in ('village', 'town')", name="convener"),
    CheckConstraint("(state = 'closed') = (closed_at is not null)", name="closed"),
    Index("ix_meetings_area", "area", "held_at"),
)

_OPEN = text("state = 'open'")
meeting_items = Table(
    "meeting_items",
    metadata,
    Column("meeting", String(60), ForeignKey("meetings.number"), primary_key=True),
    Column("n", Integer, primary_key=True),  # 1, 2, … in the order of the agenda; a number is given once
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("path", Text, nullable=False),  # which branch of the case is appraised
    Column("area", PATH, nullable=False),
    Column("application_no", String(80), nullable=False),
    Column("programme", String(40), nullable=False),
    Column("recused", Json, nullable=False),  # by hand: [{"key", "why"}]; when closed: everybody who withdrew
    Column("agree", Integer),
    Column("against", Integer),
    Column("abstain", Integer),
    Column("opinion", Text, nullable=False),
    Column("dissent", Text, nullable=False),
    Column("postpone", Text, nullable=False),  # why it is left to another meeting
    Column("state", String(20), nullable=False),
    Column("chair", Id),  # who presided over it, once closed
    Column("failure", Text),  # why the case did not take the result yet
    Column("done_at", Instant),
    CheckConstraint("state in ('open', 'done', 'postponed', 'void')", name="state"),
    # A branch of a case stands on one agenda at a time.
    Index(
        "uq_meeting_items_open", "case_id", "path", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    ),
    Index("ix_meeting_items_case", "case_id"),
)
