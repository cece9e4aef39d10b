"""What the public tells without a login: the code it asks by, and a digest of the address for a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_leads",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lead_no", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_no"], ["leads.number"], name=op.f("fk_public_leads_lead_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_leads")),
    )
    op.create_index("uq_public_leads_token", "public_leads", ["token"], unique=True)
    op.create_index("ix_public_leads_address", "public_leads", ["address"])


def downgrade() -> None:
    op.drop_table("public_leads")
