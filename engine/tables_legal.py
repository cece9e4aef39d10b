"""The district's own choices within the law, and the holiday notices: proposed, confirmed, never overwritten."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.db import Id, Instant, Json, metadata

legal_changes = Table(
    "legal_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("key", String(200), nullable=False),  # of term or parameter; year and area of a notice
    Column("value", Json),  # {"is": …}; null in it: back to the legal basis
    Column("before", Json),  # the same of what was in force when it was proposed
    Column("valid_from", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("serial", Integer),  # order of coming into force; every process looks at the greatest
    Column("proposed_by", Id),  # null: the command line, or files that came with an installation
    Column("proposed_at", Instant, nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Instant),
    Column("answer", Text),
    Column("revision", Integer, nullable=False),
    CheckConstraint("kind in ('term', 'parameter', 'calendar', 'files')", name="kind"),
    CheckConstraint("state in ('proposed', 'confirmed', 'refused', 'withdrawn')", name="state"),
    CheckConstraint(
        "state <> 'confirmed' or kind in ('calendar', 'files') or decided_by <> proposed_by",
        name="second_person",
    ),
    CheckConstraint("(state = 'confirmed') = (serial is not null)", name="serial"),
    UniqueConstraint("serial"),
    Index(
        "uq_legal_changes_open",
        "kind",
        "key",
        unique=True,
        sqlite_where=text("state = 'proposed'"),
        postgresql_where=text("state = 'proposed'"),
    ),
)
