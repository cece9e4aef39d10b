"""What makes silence visible: what a village says of its day, when its devices were heard of, alarms, and the watch's next turn."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from casework.tables.people import PATH
from engine.db import Id, Instant, Json, metadata

village_days = Table(
    "village_days",
    metadata,
    Column("area", PATH, ForeignKey("areas.path"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("done", Json, nullable=False),  # codes of `daily_item`
    Column("reason", Text),  # why nothing was found while the neighbours report
    Column("note", Text),
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("at", Instant, nullable=False),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("person", Id, ForeignKey("persons.id"), primary_key=True),
    Column("device", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("at", Instant, nullable=False),  # the last of that day
    Column("waiting", Integer, nullable=False),  # entries still on the device
    Index("ix_heartbeats_day", "day"),
)

silence_alarms = Table(
    "silence_alarms",
    metadata,
    Column("area", PATH, ForeignKey("areas.path"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("state", String(20), nullable=False),
    Column("last_sync", Instant),
    Column("at", Instant, nullable=False),
    Column("answer", Text),
    Column("answered_by", Id),
    Column("answered_at", Instant),
    CheckConstraint("state in ('silent', 'unsynced')", name="state"),
)

watches = Table(
    "watches",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("due_at", Instant, nullable=False),
)
