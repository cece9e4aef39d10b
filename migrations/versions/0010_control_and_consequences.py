"""Numbered papers, watched urgings, assessments, rewards and penalties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "issued_papers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", _json(), nullable=False),
        sa.Column("corrections", _json(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('urging_notice', 'circular', 'timeline', 'assessment')", name=op.f("ck_issued_papers_kind")
        ),
        sa.ForeignKeyConstraint(["about"], ["cases.id"], name=op.f("fk_issued_papers_about")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_issued_papers_case_id")),
        sa.ForeignKeyConstraint(["file"], ["files.id"], name=op.f("fk_issued_papers_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_papers")),
        sa.UniqueConstraint("number", name=op.f("uq_issued_papers_number")),
    )
    op.create_index("ix_issued_papers_case", "issued_papers", ["case_id"])
    op.create_index("ix_issued_papers_kind", "issued_papers", ["kind", "area", "made_at"])
    op.create_table(
        "watched_urgings",
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=False),
        sa.Column("reply_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_case", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_watched_urgings_case_id")),
        sa.ForeignKeyConstraint(["order_case"], ["cases.id"], name=op.f("fk_watched_urgings_order_case")),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name=op.f("fk_watched_urgings_request")),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_watched_urgings")),
    )
    op.create_index("ix_watched_urgings_due", "watched_urgings", ["reply_by"])
    op.create_table(
        "assessments",
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("sheet", _json(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("final_score", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("appeals", _json(), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("unit in ('town', 'village', 'cadre')", name=op.f("ck_assessments_unit")),
        sa.CheckConstraint("state in ('computed', 'told', 'final')", name=op.f("ck_assessments_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_assessments_case_id")),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_assessments_person")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_assessments")),
        sa.UniqueConstraint("case_id", name=op.f("uq_assessments_case_id")),
    )
    op.create_index("ix_assessments_period", "assessments", ["period", "unit", "area"])
    op.create_table(
        "merits",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("evidence", _json(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('reward', 'penalty')", name=op.f("ck_merits_kind")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_merits_case_id")),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_merits_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merits")),
    )
    op.create_index("ix_merits_area", "merits", ["area", "at"])


def downgrade() -> None:
    for table in ("merits", "assessments", "watched_urgings", "issued_papers"):
        op.drop_table(table)
