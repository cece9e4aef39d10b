"""Tables of the district's records, on the engine's one MetaData."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
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
    UniqueConstraint,
    text,
)

from engine.db import Id, Instant, Json, metadata

PATH = String(200)

areas = Table(
    "areas",
    metadata,
    Column("path", PATH, primary_key=True),
    Column("code", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("parent", PATH, ForeignKey("areas.path")),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    CheckConstraint("tier in ('district', 'town', 'village', 'grid')", name="tier"),
    Index("ix_areas_parent", "parent"),
)
persons = Table(
    "persons",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", String(30)),
    Column("username", String(60), nullable=False, unique=True),
    Column("password", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Instant),
)
appointments = Table(
    "appointments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("post", String(60), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("area", PATH, ForeignKey("areas.path"), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Index("ix_appointments_person", "person"),
    Index("ix_appointments_area", "area", "post"),
    Index(
        "uq_appointments_liaison",
        "area",
        unique=True,
        sqlite_where=text("post = 'village_liaison' and valid_to is null"),
        postgresql_where=text("post = 'village_liaison' and valid_to is null"),
    ),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of the cookie
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
households = Table(
    "households",
    metadata,
    Column("id", Id, primary_key=True),
    Column("area", PATH, ForeignKey("areas.path"), nullable=False),
    Column("head", Text, nullable=False),
    Column("phone", String(30)),
    Column("address", Text),
    Column("size", Integer, nullable=False),
    Column("focus", Json, nullable=False),
    Column("programmes", Json, nullable=False),  # [{"code", "valid_to"}]
    Index("ix_households_area", "area"),
)
kinship = Table(
    "kinship",
    metadata,
    Column("person", Id, ForeignKey("persons.id"), primary_key=True),
    Column("household", Id, ForeignKey("households.id"), primary_key=True),
    Column("relation", Text, nullable=False),
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
    Index("ix_leads_area", "area", "discovered_at"),
    Index("ix_leads_phone", "phone_hash"),
)
recognitions = Table(
    "recognitions",
    metadata,
    Column("application_no", String(80), primary_key=True),
    Column("programme", String(40), nullable=False),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("area", PATH, nullable=False),
    Column("title", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("amount", Numeric(12, 2)),
    Column("persons", Integer, nullable=False),
    Column("from_month", Date),
    Column("valid_to", Date),
    Column("review_on", Date),
    Column("entered_at", Instant),
    Column("state", String(20), nullable=False),
    CheckConstraint("state in ('active', 'ended')", name="state"),
    Index("ix_recognitions_area", "area", "state", "review_on"),
)
visits = Table(
    "visits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),  # quarterly, focus, patrol, spot_check …
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
    Index("ix_visits_area", "area", "period"),
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
    Column("cutoff", Instant, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("prepared_by", Id),
    Column("reviewed_by", Id),
    Column("state", String(20), nullable=False),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("job", Id),
    CheckConstraint("state in ('submitted', 'received', 'returned')", name="state"),
    UniqueConstraint("area", "month", "version"),
)
spot_checks = Table(
    "spot_checks",
    metadata,
    Column("number", String(80), primary_key=True),
    Column("quarter", String(10), nullable=False),
    Column("frame", Json, nullable=False),  # [{"id", "town", "stratum", "name", "area", "ref"}] sorted by id
    Column("digest", String(64), nullable=False),  # of the frame, before the seed was known
    Column("frozen_at", Instant, nullable=False),
    Column("seed", Text),
    Column("seeded_by", Json, nullable=False),
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
notifications = Table(
    "notifications",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("case_id", Id),
    Column("task_id", Id),
    Column("read_at", Instant),
    Index("ix_notifications_person", "person", "read_at", "at"),
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
notices = Table(
    "notices",
    metadata,
    Column("number", String(80), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("application_no", String(80), nullable=False),
    Column("area", PATH, nullable=False),
    Column("content", Json, nullable=False),  # allow-list only
    Column("investigators", Json, nullable=False),  # who may not judge an objection
    Column("file", Id, ForeignKey("files.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("job", Id),  # the job that made it: a repeated job finds it again
    Index("ix_notices_application", "application_no"),
    Index("uq_notices_job", "job", unique=True),
)
objections = Table(
    "objections",
    metadata,
    Column("number", String(80), primary_key=True),
    Column("notice_no", String(80), ForeignKey("notices.number"), nullable=False),
    Column("application_no", String(80), nullable=False),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("received_at", Instant, nullable=False),
    Index("ix_objections_application", "application_no"),
)
payouts = Table(
    "payouts",
    metadata,
    Column("number", String(80), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("application_no", String(80), nullable=False),
    Column("area", PATH, nullable=False),
    Column("amount", Numeric(12, 2), nullable=False),
    Column("method", String(20), nullable=False),
    Column("fund", String(20), nullable=False),
    Column("payee", Text, nullable=False),
    Column("batch", String(40)),
    Column("state", String(20), nullable=False),
    Column("file", Id, ForeignKey("files.id")),
    Column("made_at", Instant, nullable=False),
    Column("paid_at", Instant),
    CheckConstraint("state in ('sent', 'paid', 'failed')", name="state"),
    Index("ix_payouts_case", "case_id"),
)
decisions = Table(
    "decisions",
    metadata,
    Column("number", String(80), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("application_no", String(80), nullable=False),
    Column("area", PATH, nullable=False),
    Column("programme", String(40), nullable=False),
    Column("level", String(20), nullable=False),
    Column("result", String(20), nullable=False),
    Column("amount", Numeric(12, 2)),
    Column("decided_on", Date, nullable=False),
    Column("path", Text, nullable=False),  # where its papers lie in the case document
    Column("filed_at", Instant),  # a town's decision, when the bureau had it on file
    Column("job", Id),  # the job that filed it: a repeated job finds it again
    Column("entered_at", Instant),  # when it was put on file, whatever day it bears
    Index("ix_decisions_application", "application_no"),
    Index("uq_decisions_job", "job", unique=True),
)
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
rosters = Table(
    "rosters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("area", PATH, ForeignKey("areas.path"), nullable=False),
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("begins", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Index("ix_rosters_area", "area", "begins"),
)
