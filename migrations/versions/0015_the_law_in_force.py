"""The district's choices and holiday notices; what clocks and timers were computed with, corrections, extensions asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _where(text: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(text), "postgresql_where": sa.text(text)}


def upgrade() -> None:
    op.create_table(
        "legal_changes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", _json(), nullable=True),
        sa.Column("before", _json(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("proposed_by", sa.String(length=64), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('term', 'parameter', 'calendar', 'files')", name=op.f("ck_legal_changes_kind")),
        sa.CheckConstraint(
            "state in ('proposed', 'confirmed', 'refused', 'withdrawn')", name=op.f("ck_legal_changes_state")
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' or kind in ('calendar', 'files') or decided_by <> proposed_by",
            name=op.f("ck_legal_changes_second_person"),
        ),
        sa.CheckConstraint("(state = 'confirmed') = (serial is not null)", name=op.f("ck_legal_changes_serial")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_changes")),
        sa.UniqueConstraint("serial", name=op.f("uq_legal_changes_serial")),
    )
    op.create_index(
        "uq_legal_changes_open", "legal_changes", ["kind", "key"], unique=True, **_where("state = 'proposed'")
    )
    op.add_column("user_tasks", sa.Column("due_state", sa.String(length=20), nullable=True))
    op.add_column("timers", sa.Column("calendar", sa.Integer(), nullable=True))
    op.add_column("timers", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_timers_ended", "timers", ["ended_at"])
    op.create_index("ix_timers_calendar", "timers", ["calendar"], **_where("state = 'pending'"))
    op.add_column("clocks", sa.Column("asked", _json(), nullable=True))
    op.add_column("clocks", sa.Column("corrections", _json(), nullable=False, server_default="[]"))
    op.add_column("clocks", sa.Column("area", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("clocks", sa.Column("calendar", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_clocks_calendar", "clocks", ["calendar"], **_where("state in ('running', 'paused')"))
    # Dates of before are computed anew once, under the calendar that is found at the first start.
    op.execute("update clocks set area = (select cases.area from cases where cases.id = clocks.case_id)")
    op.execute("update timers set calendar = 0 where state = 'pending' and basis is not null")


def downgrade() -> None:
    op.drop_index("ix_clocks_calendar", "clocks")
    for column in ("calendar", "area", "corrections", "asked"):
        op.drop_column("clocks", column)
    for index in ("ix_timers_calendar", "ix_timers_ended"):
        op.drop_index(index, "timers")
    for column in ("moved_at", "calendar"):
        op.drop_column("timers", column)
    op.drop_column("user_tasks", "due_state")
    op.drop_table("legal_changes")
