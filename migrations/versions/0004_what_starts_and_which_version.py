"""deployed processes know their version tag and the signals that start them; messages know who sent them

Revision: 0004
Follows: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.add_column("deployed_processes", sa.Column("version_tag", sa.Text(), nullable=True))
    op.add_column("deployed_processes", sa.Column("start_signals", JSON, nullable=True))
    op.add_column("messages", sa.Column("sender", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("messages", "sender")
    op.drop_column("deployed_processes", "start_signals")
    op.drop_column("deployed_processes", "version_tag")
