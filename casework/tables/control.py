"""Control and consequences: numbered papers, urgings being watched, assessments, rewards and penalties."""

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
    UniqueConstraint,
)

from casework.tables.people import PATH
from engine.db import Id, Instant, Json, metadata

issued_papers = Table(
    "issued_papers",
    metadata,
    Column("id", Id, primary_key=True),  # the job that issued it: a repeated job finds it again
    Column("number", String(120), nullable=False, unique=True),  # 某镇催字〔2026〕1号
    Column("kind", String(30), nullable=False),
    Column("area", PATH, nullable=False),  # whom it concerns
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("about", Id, ForeignKey("cases.id")),
    Column("title", Text, nullable=False),
    Column("content", Json, nullable=False),  # as issued, never changed
    Column(
        "corrections", Json, nullable=False
    ),  # [{"at", "by", "area", "upheld", "reason"}], only ever longer
    Column("digest", String(64), nullable=False),  # of the content
    Column("file", Id, ForeignKey("files.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    CheckConstraint("kind in ('urging_notice', 'circular', 'timeline', 'assessment')", name="kind"),
    Index("ix_issued_papers_kind", "kind", "area", "made_at"),
    Index("ix_issued_papers_case", "case_id"),
)

watched_urgings = Table(
    "watched_urgings",
    metadata,
    Column("request", Id, ForeignKey("requests.id"), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("task_id", Id, nullable=False),
    Column("since", Instant, nullable=False),  # from when the answer is awaited: urged, or put off
    Column("reply_by", Instant),  # null: answered, done, or taken further
    Column("calendar", Integer, nullable=False),  # serial of the calendar `reply_by` was computed with
    Column("order_case", Id, ForeignKey("cases.id")),  # the supervision order it led to
    Index("ix_watched_urgings_due", "reply_by"),
)

assessments = Table(
    "assessments",
    metadata,
    Column("number", String(80), primary_key=True),
    Column("period", String(10), nullable=False),  # 2026
    Column("unit", String(20), nullable=False),
    Column("area", PATH, nullable=False),
    Column("person", Id, ForeignKey("persons.id")),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("begins", Date, nullable=False),
    Column("ends", Date, nullable=False),  # exclusive
    Column("sheet", Json, nullable=False),  # figures, lists and points as computed; never changed
    Column("digest", String(64), nullable=False),
    Column("score", Numeric(6, 2), nullable=False),  # as computed
    Column("final_score", Numeric(6, 2)),
    Column("appeals", Json, nullable=False),  # [{"at", "by", "was", "now", "reason"}], only ever longer
    Column("grade", String(20)),
    Column("state", String(20), nullable=False),
    Column("computed_at", Instant, nullable=False),
    CheckConstraint("unit in ('town', 'village', 'cadre')", name="unit"),
    CheckConstraint("state in ('computed', 'told', 'final')", name="state"),
    UniqueConstraint("case_id"),
    Index("ix_assessments_period", "period", "unit", "area"),
)

merits = Table(
    "merits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("area", PATH, nullable=False),
    Column("person", Id, ForeignKey("persons.id")),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("evidence", Json, nullable=False),  # [{"case": id} | {"assessment": number} | {"paper": id}]
    Column("decided_by", Id),
    Column("at", Instant, nullable=False),
    CheckConstraint("kind in ('reward', 'penalty')", name="kind"),
    Index("ix_merits_area", "area", "at"),
)
