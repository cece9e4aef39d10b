"""What monthly reports are counted from again, the draw's own parameters, and ledgers taken out as files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


COLUMNS = (
    ("payouts", "confirmed_at", sa.DateTime(timezone=True)),
    ("decisions", "persons", sa.Integer()),
    ("visits", "entered_at", sa.DateTime(timezone=True)),
    ("reports", "snapshot", _json()),
    ("spot_checks", "seed_source", sa.Text()),
    ("spot_checks", "sizes", _json()),
)


def upgrade() -> None:
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    moved = sa.text("kind = 'case.moved'")
    op.create_index(
        "ix_history_moved", "history", ["entered_at"], sqlite_where=moved, postgresql_where=moved
    )
    op.create_table(
        "exports",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("book", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=True),
        sa.Column("filters", _json(), nullable=False),
        sa.Column("unmasked", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('asked', 'ready', 'refused', 'expired')", name=op.f("ck_exports_state")
        ),
        sa.CheckConstraint(
            "answered_by is null or answered_by <> asked_by", name=op.f("ck_exports_second_person")
        ),
        sa.CheckConstraint(
            "not unmasked or state <> 'ready' or answered_by is not null", name=op.f("ck_exports_two_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_asked", "exports", ["asked_at"])


def downgrade() -> None:
    op.drop_table("exports")
    op.drop_index("ix_history_moved", "history")
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
