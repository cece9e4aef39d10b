"""Where a service point stood when it was checked; which household of the register a recognition is of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("point_checks") as table:
        table.add_column(sa.Column("area", sa.String(length=200), nullable=True))
    op.execute("update point_checks set area = (select p.area from service_points p where p.id = point_checks.point)")
    with op.batch_alter_table("point_checks") as table:
        table.alter_column("area", existing_type=sa.String(length=200), nullable=False)
        table.create_index("ix_point_checks_area", ["area", "at"])
    with op.batch_alter_table("recognitions") as table:
        table.add_column(sa.Column("household", sa.String(length=64), nullable=True))
        table.create_index("ix_recognitions_household", ["household"])


def downgrade() -> None:
    with op.batch_alter_table("recognitions") as table:
        table.drop_index("ix_recognitions_household")
        table.drop_column("household")
    with op.batch_alter_table("point_checks") as table:
        table.drop_index("ix_point_checks_area")
        table.drop_column("area")
