"""the exact command of a step beside its history row, so that a case can be replayed on another version

Revision: 0006
Follows: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("history", sa.Column("command", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("history", "command")
