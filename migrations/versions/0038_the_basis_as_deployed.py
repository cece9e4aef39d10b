"""The legal basis as it was deployed: a version that has begun is read from here, not from a file somebody edits."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from engine.db import Json

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

KIND = "kind in ('term', 'parameter', 'calendar', 'files'{more})"
SECOND = "state <> 'confirmed' or kind in ('calendar', 'files'{more}) or decided_by <> proposed_by"
OPEN = sa.text("state = 'proposed'")


def upgrade() -> None:
    """The first deployment afterwards fills the table."""
    op.create_table(
        "legal_basis",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("content", Json, nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_on", sa.Date()),
        sa.CheckConstraint("kind in ('term', 'parameter')", name=op.f("ck_legal_basis_kind")),
        sa.CheckConstraint("valid_to is null or valid_to > valid_from", name=op.f("ck_legal_basis_days")),
        sa.PrimaryKeyConstraint("kind", "key", "valid_from", name=op.f("pk_legal_basis")),
    )
    _checks(", 'basis'")


def downgrade() -> None:
    """What was deployed is lost, and the journal of it."""
    op.execute("delete from legal_changes where kind = 'basis'")
    _checks("")
    op.drop_table("legal_basis")


def _checks(more: str) -> None:
    # The index goes first: SQLite copies the table, and a copy must not lose the index's condition.
    op.drop_index("uq_legal_changes_open", "legal_changes")
    with op.batch_alter_table("legal_changes") as batch:
        for name, text in (("kind", KIND), ("second_person", SECOND)):
            batch.drop_constraint(op.f(f"ck_legal_changes_{name}"), type_="check")
            batch.create_check_constraint(op.f(f"ck_legal_changes_{name}"), text.format(more=more))
    where: dict[str, Any] = {"sqlite_where": OPEN, "postgresql_where": OPEN}
    op.create_index("uq_legal_changes_open", "legal_changes", ["kind", "key"], unique=True, **where)
