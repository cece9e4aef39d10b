"""Indexes in the order in which due rows are taken, and over what reports count in the history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

DUE = (
    ("ix_jobs_due", "jobs", "due_at", "state = 'ready'"),
    ("ix_timers_due", "timers", "due_at", "state = 'pending'"),
    ("ix_clocks_next", "clocks", "next_at", None),
)
COUNTED = (("ix_history_completed", "task.completed"), ("ix_history_received", "message.received"))


def _due(*more: str) -> None:
    for name, table, column, where in DUE:
        op.drop_index(name, table_name=table)
        only = sa.text(where) if where else None
        op.create_index(name, table, [column, *more], sqlite_where=only, postgresql_where=only)


def upgrade() -> None:
    _due("id")
    for name, kind in COUNTED:
        only = sa.text(f"kind = '{kind}'")
        op.create_index(name, "history", ["at"], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for name, _ in COUNTED:
        op.drop_index(name, table_name="history")
    _due()
