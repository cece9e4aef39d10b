"""What tickets are made with besides the seed, so that nobody guesses the seed from his own tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spot_checks", sa.Column("salt", sa.String(64)))


def downgrade() -> None:
    op.drop_column("spot_checks", "salt")
