"""The legal basis as it was deployed, the district's own choices within it, and the holiday notices: never overwritten."""

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
    CheckConstraint("kind in ('term', 'parameter', 'calendar', 'files', 'basis')", name="kind"),
    CheckConstraint("state in ('proposed', 'confirmed', 'refused', 'withdrawn')", name="state"),
    CheckConstraint(
        "state <> 'confirmed' or kind in ('calendar', 'files', 'basis') or decided_by <> proposed_by",
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

legal_basis = Table(
    "legal_basis",
    metadata,
    Column("kind", String(20), primary_key=True),  # term, parameter
    Column("key", String(200), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("content", Json, nullable=False),  # the entry of terms.toml without key and days
    Column("adopted_at", Instant, nullable=False),
    Column("retired_on", Date),  # the file no longer has the key: what began under it still reads it
    CheckConstraint("kind in ('term', 'parameter')", name="kind"),
    CheckConstraint("valid_to is null or valid_to > valid_from", name="days"),
)
