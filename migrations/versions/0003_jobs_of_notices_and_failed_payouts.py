"""notices and decisions know the job that made them; payouts know their batch and may fail

Revision: 0003
Follows: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATE = "ck_payouts_state"


def upgrade() -> None:
    _payouts("state in ('sent', 'paid', 'failed')", sa.Column("batch", sa.String(length=40), nullable=True))
    for table in ("notices", "decisions"):
        # A column and an index, no copy of the table: on SQLite a table others point to cannot be dropped.
        op.add_column(table, sa.Column("job", sa.String(length=64), nullable=True))
        op.create_index(f"uq_{table}_job", table, ["job"], unique=True)


def downgrade() -> None:
    for table in ("decisions", "notices"):
        op.drop_index(f"uq_{table}_job", table)
        op.drop_column(table, "job")
    op.execute("update payouts set state = 'sent' where state = 'failed'")
    _payouts("state in ('sent', 'paid')", None)


def _payouts(states: str, column: sa.Column[str] | None) -> None:
    """SQLite copies the table and loses its checks on the way, so there is none to drop; nothing points to payouts."""
    with op.batch_alter_table("payouts", recreate="auto") as batch:
        if op.get_bind().dialect.name != "sqlite":
            batch.drop_constraint(op.f(STATE), type_="check")
        if column is not None:
            batch.add_column(column)
        else:
            batch.drop_column("batch")
        batch.create_check_constraint(op.f(STATE), states)
