"""A limit ends at the act, entered then or later: clocks keep both moments. Those of before ended at their entry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("clocks") as batch:
        batch.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("ended_by", sa.Text(), nullable=True))
    op.execute("update clocks set ended_at = stopped_at where state = 'stopped'")


def downgrade() -> None:
    with op.batch_alter_table("clocks") as batch:
        batch.drop_column("ended_by")
        batch.drop_column("ended_at")
