"""An index of the dates that were put right: reports and ledgers ask for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    only = sa.text("kind = 'clock.corrected'")
    op.create_index("ix_history_corrected", "history", ["entered_at"], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    op.drop_index("ix_history_corrected", table_name="history")
