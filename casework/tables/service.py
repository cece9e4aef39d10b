"""What the public meets: service points with their checks, policy texts, publicity."""

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
)

from casework.tables.people import PATH
from engine.db import Id, Instant, Json, metadata

policy_texts = Table(
    "policy_texts",
    metadata,
    Column("version", String(40), primary_key=True),  # 2026-09
    Column("title", Text, nullable=False),
    Column("published_on", Date, nullable=False),
    Column("summary", Text, nullable=False),
    Column("person", Id, nullable=False),
    Column("at", Instant, nullable=False),
)

service_points = Table(
    "service_points",
    metadata,
    Column("id", Id, primary_key=True),
    Column("area", PATH, nullable=False),
    Column("tier", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("hours", Text),
    Column("staff", Text),
    Column("phone", String(40)),
    Column("photo", Json, nullable=False),
    Column("policy_version", String(40)),  # boards: the text they show
    Column("checked_on", Date),
    Column("state", String(20), nullable=False),
    Column("note", Text),
    Column("revision", Integer, nullable=False),
    Column("entered_at", Instant, nullable=False),
    CheckConstraint("kind in ('window', 'policy_board', 'hotline')", name="kind"),
    CheckConstraint("state in ('good', 'faulty', 'closed')", name="state"),
    Index("ix_service_points_area", "area", "kind"),
)

point_checks = Table(
    "point_checks",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("point", Id, ForeignKey("service_points.id"), nullable=False),
    Column("area", PATH, nullable=False),  # where the point stood then
    Column("kind", String(20), nullable=False),  # check, call, fix
    Column("ok", Boolean, nullable=False),
    Column("finding", Text),
    Column("person", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("case_id", Id, ForeignKey("cases.id")),
    Index("ix_point_checks_point", "point", "at"),
    Index("ix_point_checks_area", "area", "at"),
)

publicity = Table(
    "publicity",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("area", PATH, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("place", Text, nullable=False),
    Column("form", String(20), nullable=False),
    Column("people", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("photos", Json, nullable=False),
    Column("campaign", String(80)),  # number of the campaign it belongs to
    Column("person", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("case_id", Id, ForeignKey("cases.id")),
    Index("ix_publicity_area", "area", "held_on"),
    CheckConstraint("people >= 0", name="people"),
)
