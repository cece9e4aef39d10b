"""How the organisation changes: reorganised areas, substitutes, training, places left behind, hand-overs, who changed what."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from casework.tables.people import PATH
from engine.db import Id, Instant, Json, metadata
from engine.tables import one_of

area_changes = Table(
    "area_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("effective", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("plan", Json, nullable=False),  # what is to be done, as asked for
    Column("document", Text, nullable=False),  # 批准文号
    Column("by", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("applied_at", Instant),
    Column("result", Json),  # what followed, counted; or the error
    CheckConstraint(one_of("kind", "found", "rename", "merge", "split", "move"), name="kind"),
    CheckConstraint(one_of("state", "planned", "applied", "cancelled", "failed"), name="state"),
    Index("ix_area_changes_due", "state", "effective"),
)

places = Table(
    "places",
    metadata,
    Column("kind", String(20), primary_key=True),  # case, household
    Column("subject", Id, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("area", PATH, nullable=False),  # where it was
    Column("next_area", PATH, nullable=False),
    Column("until", Date, nullable=False),
    Column("why", String(20), nullable=False),
    Column("seq", Integer),  # of a case: the last row of its history written there
    Column("entered_at", Instant),  # when the move was entered, whatever day it counts from
    CheckConstraint(one_of("kind", "case", "household"), name="kind"),
    CheckConstraint(one_of("why", "reorganised", "handed_over"), name="why"),
    Index("ix_places_area", "kind", "area"),
)

case_transfers = Table(
    "case_transfers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("from_area", PATH, nullable=False),
    Column("to_area", PATH, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answered_by", Id),
    Column("answered_at", Instant),
    Column("answer", Text),
    Column("revision", Integer, nullable=False),
    CheckConstraint(one_of("state", "asked", "accepted", "refused", "withdrawn"), name="state"),
    Index(
        "uq_case_transfers_asked",
        "case_id",
        unique=True,
        sqlite_where=text("state = 'asked'"),
        postgresql_where=text("state = 'asked'"),
    ),
    Index("ix_case_transfers_to", "to_area", "state"),
    Index("ix_case_transfers_from", "from_area", "state"),
)

substitutions = Table(
    "substitutions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("appointment", Id, ForeignKey("appointments.id"), nullable=False),
    Column("substitute", Id, ForeignKey("persons.id"), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),  # the first day it no longer holds
    Column("reason", Text, nullable=False),
    Column("by", Id, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("valid_from <= valid_to", name="dates"),
    Index("ix_substitutions_substitute", "substitute"),
    Index("ix_substitutions_appointment", "appointment"),
)

trainings = Table(
    "trainings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("valid_to", Date),  # last day
    Index("ix_trainings_person", "person"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),  # in the order of writing
    Column("at", Instant, nullable=False),
    Column("by", Id, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("area", PATH),
    Column("person", Id),  # whom it concerns
    Column("household", Id),  # of the register
    Column("text", Text, nullable=False),
    Column("details", Json, nullable=False),
    Index("ix_changes_at", "at"),
    Index("ix_changes_area", "area", "at"),
    Index("ix_changes_person", "person", "at"),
    Index("ix_changes_household", "household", "at"),
)
