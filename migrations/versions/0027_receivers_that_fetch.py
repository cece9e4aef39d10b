"""A receiver that begins to wait while a message for it lies in the buffer says so; the worker brings them together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

WAITING, FETCHING = sa.text("state = 'waiting'"), sa.text("fetches and state = 'open'")


def upgrade() -> None:
    op.add_column(
        "subscriptions", sa.Column("fetches", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_index(
        "ix_subscriptions_fetches",
        "subscriptions",
        ["created_at", "id"],
        sqlite_where=FETCHING,
        postgresql_where=FETCHING,
    )
    op.drop_index("ix_messages_waiting", table_name="messages")
    op.create_index(
        "ix_messages_waiting",
        "messages",
        ["name", "correlation"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    # Who has missed a message that waits still gets it.
    op.execute(
        "update subscriptions set fetches = true where state = 'open' and kind = 'message' and exists ("
        "select 1 from messages m where m.state = 'waiting' and m.name = subscriptions.name"
        " and (subscriptions.correlation is null or m.correlation = subscriptions.correlation))"
    )


def downgrade() -> None:
    op.drop_index("ix_messages_waiting", table_name="messages")
    op.create_index("ix_messages_waiting", "messages", ["name", "correlation", "state"])
    op.drop_index("ix_subscriptions_fetches", table_name="subscriptions")
    with op.batch_alter_table("subscriptions") as batch:
        batch.drop_column("fetches")
