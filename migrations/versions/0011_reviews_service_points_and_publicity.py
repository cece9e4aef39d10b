"""What reviews leave behind, and what the public meets: changes of recognitions, reports of change, service points, publicity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _text(name: str, length: int, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=null)


def _long(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _day(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=null)


def upgrade() -> None:
    _of_reviews()
    _of_service()


def _of_reviews() -> None:
    op.add_column("recognitions", _text("support_form", 20, null=True))
    op.add_column("recognitions", _day("ended_on", null=True))
    op.add_column("recognitions", _text("end_reason", 40, null=True))
    op.create_table(
        "recognition_changes",
        _text("application_no", 80),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("result", 20),
        _day("decided_on"),
        _day("from_month"),
        sa.Column("amount_before", sa.Numeric(12, 2), nullable=True),
        sa.Column("amount", sa.Numeric(12, 2), nullable=True),
        sa.Column("persons_before", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        _text("change", 20, null=True),
        _text("hearing_ref", 120, null=True),
        _text("decision_no", 80, null=True),
        _text("case_id", 64),
        _at("entered_at"),
        _text("job", 64, null=True),
        sa.CheckConstraint(
            "result not in ('reduce', 'stop') or hearing_ref is not null",
            name=op.f("ck_recognition_changes_heard"),
        ),
        sa.ForeignKeyConstraint(
            ["application_no"],
            ["recognitions.application_no"],
            name=op.f("fk_recognition_changes_application_no"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_recognition_changes_case_id")),
        sa.PrimaryKeyConstraint("application_no", "number", name=op.f("pk_recognition_changes")),
    )
    op.create_index("uq_recognition_changes_job", "recognition_changes", ["job"], unique=True)
    op.create_table(
        "change_reports",
        _text("number", 80),
        _text("application_no", 80),
        _text("area", 200),
        _text("source", 20),
        _text("change", 20, null=True),
        _day("happened_on", null=True),
        _long("content"),
        _text("person", 64, null=True),
        _at("at"),
        _text("case_id", 64),
        sa.ForeignKeyConstraint(
            ["application_no"],
            ["recognitions.application_no"],
            name=op.f("fk_change_reports_application_no"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_change_reports_case_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_change_reports")),
    )
    op.create_index("ix_change_reports_application", "change_reports", ["application_no", "at"])


def _of_service() -> None:
    op.create_table(
        "policy_texts",
        _text("version", 40),
        _long("title"),
        _day("published_on"),
        _long("summary"),
        _text("person", 64),
        _at("at"),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policy_texts")),
    )
    op.create_table(
        "service_points",
        _text("id", 64),
        _text("area", 200),
        _text("tier", 20),
        _text("kind", 20),
        _long("name"),
        _long("place"),
        _long("hours", null=True),
        _long("staff", null=True),
        _text("phone", 40, null=True),
        sa.Column("photo", _json(), nullable=False),
        _text("policy_version", 40, null=True),
        _day("checked_on", null=True),
        _text("state", 20),
        _long("note", null=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        _at("entered_at"),
        sa.CheckConstraint(
            "kind in ('window', 'policy_board', 'hotline')", name=op.f("ck_service_points_kind")
        ),
        sa.CheckConstraint("state in ('good', 'faulty', 'closed')", name=op.f("ck_service_points_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_points")),
    )
    op.create_index("ix_service_points_area", "service_points", ["area", "kind"])
    op.create_table(
        "point_checks",
        _text("id", 120),
        _text("point", 64),
        _text("kind", 20),
        sa.Column("ok", sa.Boolean(), nullable=False),
        _long("finding", null=True),
        _text("person", 64),
        _at("at"),
        _text("case_id", 64, null=True),
        sa.ForeignKeyConstraint(["point"], ["service_points.id"], name=op.f("fk_point_checks_point")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_point_checks_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_checks")),
    )
    op.create_index("ix_point_checks_point", "point_checks", ["point", "at"])
    op.create_table(
        "publicity",
        _text("id", 120),
        _text("area", 200),
        _day("held_on"),
        _long("place"),
        _text("form", 20),
        sa.Column("people", sa.Integer(), nullable=False),
        _long("topic"),
        sa.Column("photos", _json(), nullable=False),
        _text("campaign", 80, null=True),
        _text("person", 64),
        _at("at"),
        _text("case_id", 64, null=True),
        sa.CheckConstraint("people >= 0", name=op.f("ck_publicity_people")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_publicity_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicity")),
    )
    op.create_index("ix_publicity_area", "publicity", ["area", "held_on"])


def downgrade() -> None:
    for table in (
        "publicity",
        "point_checks",
        "service_points",
        "policy_texts",
        "change_reports",
        "recognition_changes",
    ):
        op.drop_table(table)
    for column in ("end_reason", "ended_on", "support_form"):
        op.drop_column("recognitions", column)
