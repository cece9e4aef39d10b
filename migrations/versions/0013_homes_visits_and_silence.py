"""Members and focus lists of households, imports and reveals; visits of every kind; what a village says of its day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID, PATH = sa.String(length=64), sa.String(length=200)
AT = sa.DateTime(timezone=True)
NEW = {
    "households": (
        ("number", sa.String(length=40)),
        ("hukou_area", sa.Text()),
        ("housing", sa.Text()),
        ("account", sa.Text()),
        ("note", sa.Text()),
        ("ended_on", sa.Date()),
        ("ended_why", sa.Text()),
        ("last_visit_at", AT),
        ("next_asked", sa.Date()),
        ("next_due", sa.Date()),
        ("updated_at", AT),
        ("updated_by", ID),
    ),
    "visits": (
        ("started_at", AT),
        ("ended_at", AT),
        ("method", sa.String(length=20)),
        ("visitors", None),
        ("members_met", None),
        ("note", sa.Text()),
        ("next_due", sa.Date()),
        ("source", sa.String(length=80)),
    ),
    "leads": (
        ("household", ID),
        ("visit", ID),
        ("review", sa.Text()),
        ("told_at", AT),
        ("told_how", sa.Text()),
        ("told_by", ID),
    ),
}
INDEXES = (
    ("ix_households_due", "households", ["next_due"], False),
    ("uq_households_number", "households", ["area", "number"], True),
    ("ix_visits_household", "visits", ["household", "at"], False),
    ("ix_visits_at", "visits", ["at"], False),
    ("ix_leads_subject", "leads", ["area", "subject"], False),
    ("ix_leads_household", "leads", ["household"], False),
)


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _fk(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    for table, columns in NEW.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind if kind is not None else _json(), nullable=True))
    for name, table, columns, unique in INDEXES:
        op.create_index(name, table, columns, unique=unique)
    _register()
    _silence()


def _register() -> None:
    op.create_table(
        "household_members",
        sa.Column("id", ID, nullable=False),
        sa.Column("household", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=True),
        sa.Column("id_no", sa.String(length=30), nullable=True),
        sa.Column("id_hash", sa.String(length=64), nullable=True),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("health", sa.Text(), nullable=True),
        sa.Column("disability", sa.Text(), nullable=True),
        sa.Column("illness", sa.Text(), nullable=True),
        sa.Column("labour", sa.String(length=20), nullable=True),
        sa.Column("work", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        _fk("household_members", "household", "households.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_members")),
    )
    op.create_index("ix_household_members_household", "household_members", ["household"])
    op.create_index("ix_household_members_id", "household_members", ["id_hash"])
    op.create_table(
        "household_focus",
        sa.Column("household", ID, nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("entered_at", AT, nullable=False),
        sa.Column("entered_by", ID, nullable=True),
        _fk("household_focus", "household", "households.id"),
        sa.PrimaryKeyConstraint("household", "category", "since", name=op.f("pk_household_focus")),
    )
    op.create_table(
        "reveals",
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("household", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("until", AT, nullable=False),
        _fk("reveals", "person", "persons.id"),
        _fk("reveals", "household", "households.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveals")),
    )
    op.create_index("ix_reveals_person", "reveals", ["person", "at"])
    op.create_index("ix_reveals_household", "reveals", ["household", "at"])
    op.create_table(
        "household_imports",
        sa.Column("id", ID, nullable=False),
        sa.Column("by", ID, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rows", _json(), nullable=False),
        sa.Column("findings", _json(), nullable=False),
        sa.Column("confirmed_at", AT, nullable=True),
        sa.Column("result", _json(), nullable=True),
        _fk("household_imports", "by", "persons.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_imports")),
    )
    op.create_index("ix_household_imports_by", "household_imports", ["by", "at"])


def _silence() -> None:
    op.create_table(
        "village_days",
        sa.Column("area", PATH, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("done", _json(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("person", ID, nullable=False),
        sa.Column("at", AT, nullable=False),
        _fk("village_days", "area", "areas.path"),
        _fk("village_days", "person", "persons.id"),
        sa.PrimaryKeyConstraint("area", "day", name=op.f("pk_village_days")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("person", ID, nullable=False),
        sa.Column("device", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        _fk("heartbeats", "person", "persons.id"),
        sa.PrimaryKeyConstraint("person", "device", "day", name=op.f("pk_heartbeats")),
    )
    op.create_index("ix_heartbeats_day", "heartbeats", ["day"])
    op.create_table(
        "silence_alarms",
        sa.Column("area", PATH, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("last_sync", AT, nullable=True),
        sa.Column("at", AT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", ID, nullable=True),
        sa.Column("answered_at", AT, nullable=True),
        sa.CheckConstraint(
            "state in ('silent', 'unsynced')", name=op.f("ck_silence_alarms_state")
        ),
        _fk("silence_alarms", "area", "areas.path"),
        sa.PrimaryKeyConstraint("area", "day", name=op.f("pk_silence_alarms")),
    )
    op.create_table(
        "watches",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_watches")),
    )


def downgrade() -> None:
    for table in (
        "watches", "silence_alarms", "heartbeats", "village_days", "household_imports", "reveals", "household_focus",
        "household_members",
    ):  # fmt: skip
        op.drop_table(table)
    for name, table, _columns, _unique in INDEXES:
        op.drop_index(name, table)
    for table, columns in NEW.items():
        for name, _kind in columns:
            op.drop_column(table, name)
