"""Recognitions: who is paid monthly or holds a status, until when, and when it is reviewed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recognitions",
        sa.Column("application_no", sa.String(length=80), nullable=False),
        sa.Column("programme", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("from_month", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.CheckConstraint("state in ('active', 'ended')", name=op.f("ck_recognitions_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_recognitions_case_id")),
        sa.PrimaryKeyConstraint("application_no", name=op.f("pk_recognitions")),
    )
    op.create_index("ix_recognitions_area", "recognitions", ["area", "state", "review_on"])


def downgrade() -> None:
    op.drop_table("recognitions")
