"""Which heads a day's anchor fixed, so that it can be checked later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "anchor_heads",
        sa.Column("case_id", sa.String(64), sa.ForeignKey("cases.id", name="fk_anchor_heads_case_id"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("day", sa.Date, sa.ForeignKey("anchors.day", name="fk_anchor_heads_day"), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_anchor_heads"),
    )
    op.create_index("ix_anchor_heads_day", "anchor_heads", ["day"])


def downgrade() -> None:
    op.drop_table("anchor_heads")
