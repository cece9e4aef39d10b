"""Aid as decided: recognitions, notices with objections, decisions, payouts."""

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

recognitions = Table(
    "recognitions",
    metadata,
    Column("application_no", String(80), primary_key=True),
    Column("programme", String(40), nullable=False),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("area", PATH, nullable=False),
    Column("household", Id),  # of the register, where it is known
    Column("title", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("amount", Numeric(12, 2)),
    Column("persons", Integer, nullable=False),
    Column("from_month", Date),
    Column("valid_to", Date),
    Column("review_on", Date),
    Column("entered_at", Instant),
    Column("state", String(20), nullable=False),
    Column("support_form", String(20)),  # tekun: home, institution
    Column("account", Text),  # where no household of the register holds it; sensitive (K3)
    Column("payee", Text),  # whose account it is, if not the person's own
    Column("ended_on", Date),  # first day without
    Column("end_reason", String(40)),
    CheckConstraint("state in ('active', 'ended')", name="state"),
    Index("ix_recognitions_area", "area", "state", "review_on"),
    Index("ix_recognitions_household", "household"),
)

recognition_changes = Table(
    "recognition_changes",
    metadata,
    Column("application_no", String(80), ForeignKey("recognitions.application_no"), primary_key=True),
    Column("number", Integer, primary_key=True),  # 1, 2, … for each recognition
    Column("result", String(20), nullable=False),  # keep, increase, reduce, stop, natural, expired
    Column("decided_on", Date, nullable=False),
    Column("from_month", Date, nullable=False),  # first month paid (or no longer paid) by it
    Column("amount_before", Numeric(12, 2)),
    Column("amount", Numeric(12, 2)),
    Column("persons_before", Integer, nullable=False),
    Column("persons", Integer, nullable=False),
    Column("change", String(20)),
    Column("hearing_ref", String(120)),
    Column("decision_no", String(80)),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("job", Id),  # the job that entered it: a repeated job changes nothing
    CheckConstraint("result not in ('reduce', 'stop') or hearing_ref is not null", name="heard"),
    Index("uq_recognition_changes_job", "job", unique=True),
)

change_reports = Table(
    "change_reports",
    metadata,
    Column("number", String(80), primary_key=True),
    Column("application_no", String(80), ForeignKey("recognitions.application_no"), nullable=False),
    Column("area", PATH, nullable=False),
    Column("source", String(20), nullable=False),
    Column("change", String(20)),  # unknown where a visit left but a hint
    Column("happened_on", Date),
    Column("content", Text, nullable=False),
    Column("person", Id),
    Column("at", Instant, nullable=False),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),  # the review it opened or was joined to
    Index("ix_change_reports_application", "application_no", "at"),
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
    Column("path", Text, nullable=False, server_default=""),  # the branch of the case it belongs to
    Column("token", String(40)),  # of the code on the paper; nobody guesses it
    Column("term", String(80)),  # how long it hangs; papers of before migration 0040 do not know
    Column("terms_on", Date),  # the day whose rules apply
    Index("ix_notices_application", "application_no"),
    Index("ix_notices_case", "case_id"),
    Index("uq_notices_job", "job", unique=True),
    Index("uq_notices_token", "token", unique=True),
)

notice_scans = Table(
    "notice_scans",
    metadata,
    Column("id", Id, primary_key=True),  # the key of what was sent: sent again it changes nothing
    Column("notice_no", String(80), ForeignKey("notices.number"), nullable=False),
    Column("address", String(64), nullable=False),  # a digest, forgotten after a day
    Column("objection_no", String(80), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_notice_scans_notice", "notice_no", "at"),
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
    Column("month", Date),  # first day of the month it pays; null: paid once
    Column("state", String(20), nullable=False),
    Column("reason", Text),  # why it did not arrive
    Column("file", Id, ForeignKey("files.id")),
    Column("made_at", Instant, nullable=False),
    Column("paid_at", Instant),
    Column("confirmed_at", Instant),  # when it was recorded that the money arrived, whatever day it arrived
    Column("returned_at", Instant),  # when it was found that it had not arrived after all
    CheckConstraint("state in ('sent', 'paid', 'failed')", name="state"),
    Index("ix_payouts_case", "case_id"),
    Index("ix_payouts_batch", "batch"),
    Index(
        "uq_payouts_month",
        "application_no",
        "month",
        unique=True,
        sqlite_where=text("month is not null and state <> 'failed'"),
        postgresql_where=text("month is not null and state <> 'failed'"),
    ),
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
    Column("persons", Integer),  # who benefits
    Index("ix_decisions_application", "application_no"),
    Index("uq_decisions_job", "job", unique=True),
)
