"""What the worker could not do beside jobs, timers and messages is shown as well: reminders, new dates, urgings."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BEFORE = ("job", "timer", "task", "message")
ADDED = ("clock", "dates", "urging")


def _kinds(kinds: tuple[str, ...]) -> None:
    """SQLite copies the table and loses its checks on the way, so there is none to drop; nothing points to incidents."""
    lite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("incidents", recreate="always" if lite else "auto") as batch:
        if not lite:
            batch.drop_constraint(op.f("ck_incidents_kind"), type_="check")
        else:
            batch.create_check_constraint(op.f("ck_incidents_state"), "state in ('open', 'resolved')")
        batch.create_check_constraint(
            op.f("ck_incidents_kind"), f"kind in ({', '.join(repr(kind) for kind in kinds)})"
        )


def upgrade() -> None:
    _kinds(BEFORE + ADDED)


def downgrade() -> None:
    words = ", ".join(repr(kind) for kind in ADDED)
    op.execute(f"delete from incidents where kind in ({words})")
    _kinds(BEFORE)
