"""What an import saw of the register, and when a move of a household was entered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("household_imports", sa.Column("seen", sa.JSON().with_variant(JSONB(), "postgresql")))
    op.add_column("places", sa.Column("entered_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("places", "entered_at")
    op.drop_column("household_imports", "seen")
