"""Monthly money: a row for each line of a list, paid once a month, and to which account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0029"
branch_labels = None
depends_on = None

ONCE = sa.text("month is not null and state <> 'failed'")


def upgrade() -> None:
    op.add_column("payouts", sa.Column("month", sa.Date))
    op.add_column("payouts", sa.Column("reason", sa.Text))
    op.create_index("ix_payouts_batch", "payouts", ["batch"])
    op.create_index(
        "uq_payouts_month",
        "payouts",
        ["application_no", "month"],
        unique=True,
        sqlite_where=ONCE,
        postgresql_where=ONCE,
    )
    op.add_column("recognitions", sa.Column("account", sa.Text))
    op.add_column("recognitions", sa.Column("payee", sa.Text))


def downgrade() -> None:
    op.drop_column("recognitions", "payee")
    op.drop_column("recognitions", "account")
    op.drop_index("uq_payouts_month", "payouts")
    op.drop_index("ix_payouts_batch", "payouts")
    op.drop_column("payouts", "reason")
    op.drop_column("payouts", "month")
