"""A monthly report is kept as its preparer signed it, and frozen so: the state before it is reviewed, and the moment it was submitted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BEFORE = ("submitted", "received", "returned")


def _states(states: tuple[str, ...]) -> None:
    """SQLite copies the table and loses its checks on the way, so there is none to drop; nothing points to reports."""
    lite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("reports", recreate="always" if lite else "auto") as batch:
        if not lite:
            batch.drop_constraint(op.f("ck_reports_state"), type_="check")
        words = ", ".join(repr(state) for state in states)
        batch.create_check_constraint(op.f("ck_reports_state"), f"state in ({words})")


def upgrade() -> None:
    op.add_column("reports", sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update reports set submitted_at = cutoff")
    _states(("prepared", *BEFORE))


def downgrade() -> None:
    op.execute("delete from reports where state = 'prepared'")
    with op.batch_alter_table("reports") as batch:
        batch.drop_column("submitted_at")
    _states(BEFORE)
