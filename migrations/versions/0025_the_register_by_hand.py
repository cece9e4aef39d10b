"""The register kept by hand: why a member left, the household's revision, and which household a change is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("households", sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("1")))
    op.add_column("household_members", sa.Column("left_why", sa.String(20)))
    op.add_column("household_members", sa.Column("left_note", sa.Text))
    op.add_column("changes", sa.Column("household", sa.String(64)))
    op.create_index("ix_changes_household", "changes", ["household", "at"])


def downgrade() -> None:
    op.drop_index("ix_changes_household", table_name="changes")
    op.drop_column("changes", "household")
    op.drop_column("household_members", "left_note")
    op.drop_column("household_members", "left_why")
    op.drop_column("households", "revision")
