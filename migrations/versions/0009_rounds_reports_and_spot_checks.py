"""What the rounds bring in: visits, monthly reports as frozen, spot checks with their frame and draw."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    for table in ("decisions", "recognitions"):
        op.add_column(table, sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "visits",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("household", sa.String(length=64), nullable=True),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("met", sa.String(length=20), nullable=False),
        sa.Column("needs", _json(), nullable=False),
        sa.Column("change", sa.Text(), nullable=True),
        sa.Column("policy_explained", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("lead_no", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_visits_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_area", "visits", ["area", "period"])
    op.create_table(
        "reports",
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("figures", _json(), nullable=False),
        sa.Column("adjustments", _json(), nullable=False),
        sa.Column("cutoff", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("prepared_by", sa.String(length=64), nullable=True),
        sa.Column("reviewed_by", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("job", sa.String(length=64), nullable=True),
        sa.CheckConstraint("state in ('submitted', 'received', 'returned')", name=op.f("ck_reports_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reports_case_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reports")),
        sa.UniqueConstraint("area", "month", "version", name=op.f("uq_reports_area")),
    )
    op.create_table(
        "spot_checks",
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("quarter", sa.String(length=10), nullable=False),
        sa.Column("frame", _json(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("seeded_by", _json(), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_spot_checks_case_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_spot_checks")),
    )
    op.create_table(
        "spot_items",
        sa.Column("check_no", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.Column("town", sa.String(length=200), nullable=False),
        sa.Column("stratum", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=True),
        sa.Column("wrong", sa.Boolean(), nullable=True),
        sa.Column("in_hardship", sa.Boolean(), nullable=True),
        sa.Column("replaced", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("lead_no", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["check_no"], ["spot_checks.number"], name=op.f("fk_spot_items_check_no")),
        sa.PrimaryKeyConstraint("check_no", "id", name=op.f("pk_spot_items")),
    )


def downgrade() -> None:
    for table in ("spot_items", "spot_checks", "reports", "visits"):
        op.drop_table(table)
    for table in ("decisions", "recognitions"):
        op.drop_column(table, "entered_at")
