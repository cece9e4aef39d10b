"""Households of the register with members, focus lists, reveals and imports; and the dated standards that measure them."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    text,
)

from casework.tables.people import PATH
from engine.db import Id, Instant, Json, metadata

households = Table(
    "households",
    metadata,
    Column("id", Id, primary_key=True),
    Column("area", PATH, ForeignKey("areas.path"), nullable=False),
    Column("head", Text, nullable=False),
    Column("phone", String(30)),
    Column("address", Text),
    Column("size", Integer, nullable=False),
    Column(
        "focus", Json, nullable=False
    ),  # codes of the lists it stands on today; kept by casework.households
    Column("programmes", Json, nullable=False),  # [{"code", "valid_to"}]
    Column("number", String(40)),  # as the village's own book numbers it
    Column("hukou_area", Text),
    Column("housing", Text),
    Column("account", Text),  # sensitive (K3)
    Column("note", Text),
    Column("ended_on", Date),  # moved away, merged, died out
    Column("ended_why", Text),
    Column("last_visit_at", Instant),
    Column("next_asked", Date),  # the day the last visitor asked for
    Column("next_due", Date),  # of the next visit by cadence, or as the last visitor asked
    Column("updated_at", Instant),
    Column("updated_by", Id),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Index("ix_households_area", "area"),
    Index("ix_households_due", "next_due"),
    Index("uq_households_number", "area", "number", unique=True),
)

household_members = Table(
    "household_members",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household", Id, ForeignKey("households.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("relation", String(20)),
    Column("id_no", String(30)),
    Column("id_hash", String(64)),
    Column("sex", String(1)),
    Column("birth_date", Date),
    Column("health", Text),  # sensitive (K3), like the next two
    Column("disability", Text),
    Column("illness", Text),
    Column("labour", String(20)),
    Column("work", Text),
    Column("note", Text),
    Column("left_on", Date),
    Column("left_why", String(20)),
    Column("left_note", Text),
    Index("ix_household_members_household", "household"),
    Index("ix_household_members_id", "id_hash"),
)

household_focus = Table(
    "household_focus",
    metadata,
    Column("household", Id, ForeignKey("households.id"), primary_key=True),
    Column("category", String(40), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("source", Text, nullable=False),
    Column("ended_on", Date),
    Column("entered_at", Instant, nullable=False),
    Column("entered_by", Id),
)

reveals = Table(
    "reveals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("household", Id, ForeignKey("households.id")),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("reason", Text, nullable=False),  # as given, or the step the case was read for
    Column("at", Instant, nullable=False),
    Column("until", Instant),  # of a reveal
    Column("day", Date),  # of a reading for a step
    CheckConstraint("(household is null) <> (case_id is null)", name="about"),
    CheckConstraint("(until is null) <> (day is null)", name="kind"),
    Index("ix_reveals_person", "person", "at"),
    Index("ix_reveals_household", "household", "at"),
    Index("ix_reveals_case", "case_id", "at"),
    Index("uq_reveals_reading", "case_id", "person", "day", "reason", unique=True),
)

household_imports = Table(
    "household_imports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("by", Id, ForeignKey("persons.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("rows", Json, nullable=False),  # emptied when confirmed: the register holds them then
    Column("findings", Json, nullable=False),  # [{"row", "level", "message", …}]
    Column("seen", Json),  # which households were meant, at which revision, when last looked at
    Column("confirmed_at", Instant),
    Column("result", Json),
    Index("ix_household_imports_by", "by", "at"),
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
