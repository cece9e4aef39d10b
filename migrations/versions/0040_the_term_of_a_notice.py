"""Which term a notice hangs for, and the day whose rules apply: its paper names the first and the last day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("term", sa.String(length=80), nullable=True))
    op.add_column("notices", sa.Column("terms_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("notices") as batch:
        batch.drop_column("terms_on")
        batch.drop_column("term")
