"""Notices: which branch of a case each belongs to, the code on its paper, and who has objected by it lately."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("path", sa.Text(), nullable=False, server_default=""))
    op.add_column("notices", sa.Column("token", sa.String(length=40), nullable=True))
    op.execute(
        "update notices set path = (select jobs.path from jobs where jobs.id = notices.job) "
        "where job in (select jobs.id from jobs)"
    )
    notices = sa.table("notices", sa.column("number"), sa.column("token"))
    connection = op.get_bind()
    for number in connection.execute(sa.select(notices.c.number)).scalars().all():
        connection.execute(
            notices.update().where(notices.c.number == number).values(token=secrets.token_urlsafe(15))
        )
    op.create_index("uq_notices_token", "notices", ["token"], unique=True)
    op.create_index("ix_notices_case", "notices", ["case_id"])
    op.create_table(
        "notice_scans",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("notice_no", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("objection_no", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_no"], ["notices.number"], name=op.f("fk_notice_scans_notice_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_scans")),
    )
    op.create_index("ix_notice_scans_notice", "notice_scans", ["notice_no", "at"])


def downgrade() -> None:
    op.drop_table("notice_scans")
    op.drop_index("ix_notices_case", "notices")
    op.drop_index("uq_notices_token", "notices")
    op.drop_column("notices", "token")
    op.drop_column("notices", "path")
