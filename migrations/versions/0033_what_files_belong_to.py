"""Which cases a file belongs to: whoever may read the case may read the file, nobody else."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

cases = sa.table("cases", sa.column("id"), sa.column("document", sa.JSON))
drafts = sa.table("user_tasks", sa.column("case_id"), sa.column("draft", sa.JSON))
files = sa.table("files", sa.column("id"))
ID = re.compile(r"[0-9a-f]{32}")


def upgrade() -> None:
    op.create_table(
        "file_links",
        sa.Column("file", sa.String(64), sa.ForeignKey("files.id", name="fk_file_links_file"), nullable=False),
        sa.Column("case_id", sa.String(64), sa.ForeignKey("cases.id", name="fk_file_links_case_id"), nullable=False),
        sa.Column("seq", sa.Integer),
        sa.PrimaryKeyConstraint("file", "case_id", name="pk_file_links"),
    )
    op.create_index("ix_file_links_case", "file_links", ["case_id"])
    database = op.get_bind()
    known = set(database.execute(sa.select(files.c.id)).scalars())
    if not known:
        return
    links = sa.table("file_links", sa.column("file"), sa.column("case_id"))
    found: set[tuple[str, str]] = set()
    for column, case_id in ((cases.c.document, cases.c.id), (drafts.c.draft, drafts.c.case_id)):
        text = sa.cast(column, sa.Text)
        for row in database.execute(sa.select(case_id, text).where(column.is_not(None))).yield_per(500):
            found |= {(one, row[0]) for one in ID.findall(row[1] or "") if one in known}
    rows = [{"file": file, "case_id": case} for file, case in sorted(found)]
    for start in range(0, len(rows), 1000):
        database.execute(sa.insert(links), rows[start : start + 1000])


def downgrade() -> None:
    op.drop_table("file_links")
