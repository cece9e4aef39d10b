"""what people ask of each other about a task: opinions, signatures before mine, copies, urgings, moves by two

Revision: 0005
Follows: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KINDS = "kind in ('opinion', 'presign', 'copy', 'urge', 'jump')"
STATES = "state in ('open', 'answered', 'read', 'withdrawn', 'refused')"


def upgrade() -> None:
    op.add_column("user_tasks", sa.Column("awaits", sa.Integer(), nullable=False, server_default="0"))
    for table in ("user_tasks", "jobs"):
        op.add_column(table, sa.Column("opened_by", sa.String(length=64), nullable=True))
        op.create_index(f"ix_{table}_opened_by", table, ["opened_by"])
    op.create_table(
        "requests",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=True),
        sa.Column("element", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_of", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opinion", sa.String(length=20), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_requests_kind")),
        sa.CheckConstraint(STATES, name=op.f("ck_requests_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_requests_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    op.create_index("ix_requests_case", "requests", ["case_id", "state"])
    op.create_index("ix_requests_asked_of", "requests", ["asked_of", "state"])
    op.create_index(
        "uq_requests_urge",
        "requests",
        ["task_id", "day"],
        unique=True,
        sqlite_where=sa.text("kind = 'urge'"),
        postgresql_where=sa.text("kind = 'urge'"),
    )


def downgrade() -> None:
    op.drop_table("requests")
    for table in ("user_tasks", "jobs"):
        op.drop_index(f"ix_{table}_opened_by", table)
        op.drop_column(table, "opened_by")
    op.drop_column("user_tasks", "awaits")
