"""Reveals of cases as well as of households, and who read a case's sensitive answers for a step of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

ID = sa.String(length=64)
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("reveals") as batch:
        batch.alter_column("household", existing_type=ID, nullable=True)
        batch.alter_column("until", existing_type=AT, nullable=True)
        batch.add_column(sa.Column("case_id", ID, nullable=True))
        batch.add_column(sa.Column("day", sa.Date(), nullable=True))
        batch.create_foreign_key(op.f("fk_reveals_case_id"), "cases", ["case_id"], ["id"])
        batch.create_check_constraint(op.f("ck_reveals_about"), "(household is null) <> (case_id is null)")
        batch.create_check_constraint(op.f("ck_reveals_kind"), "(until is null) <> (day is null)")
    op.create_index("ix_reveals_case", "reveals", ["case_id", "at"])
    op.create_index("uq_reveals_reading", "reveals", ["case_id", "person", "day", "reason"], unique=True)


def downgrade() -> None:
    """What is known of readings of cases is lost: the table before had no room for it."""
    op.execute("delete from reveals where case_id is not null")
    op.drop_index("uq_reveals_reading", "reveals")
    op.drop_index("ix_reveals_case", "reveals")
    with op.batch_alter_table("reveals") as batch:
        batch.drop_constraint(op.f("ck_reveals_kind"), type_="check")
        batch.drop_constraint(op.f("ck_reveals_about"), type_="check")
        batch.drop_constraint(op.f("fk_reveals_case_id"), type_="foreignkey")
        batch.drop_column("day")
        batch.drop_column("case_id")
        batch.alter_column("until", existing_type=AT, nullable=False)
        batch.alter_column("household", existing_type=ID, nullable=False)
