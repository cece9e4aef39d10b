"""From when the answer to an urging is awaited, and under which calendar its last day was reckoned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

watched = sa.table(
    "watched_urgings",
    sa.column("request", sa.String(64)),
    sa.column("since", sa.DateTime(timezone=True)),
    sa.column("calendar", sa.Integer),
)
requests = sa.table("requests", sa.column("id", sa.String(64)), sa.column("asked_at", sa.DateTime(timezone=True)))


def upgrade() -> None:
    with op.batch_alter_table("watched_urgings") as table:
        table.add_column(sa.Column("since", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("calendar", sa.Integer))
    asked = sa.select(requests.c.asked_at).where(requests.c.id == watched.c.request).scalar_subquery()
    op.execute(sa.update(watched).values(since=asked, calendar=0))
    with op.batch_alter_table("watched_urgings") as table:
        table.alter_column("since", existing_type=sa.DateTime(timezone=True), nullable=False)
        table.alter_column("calendar", existing_type=sa.Integer, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("watched_urgings") as table:
        table.drop_column("calendar")
        table.drop_column("since")
