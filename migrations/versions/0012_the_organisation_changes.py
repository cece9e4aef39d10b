"""The organisation changes: reorganised areas, substitutes, training, places left behind, hand-overs, one liaison a day, who changed what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OVERLAP = """SELECT 1 FROM appointments a WHERE a.id <> NEW.id AND a.post = 'village_liaison' AND a.area = NEW.area
AND (NEW.valid_to IS NULL OR a.valid_from < NEW.valid_to) AND (a.valid_to IS NULL OR NEW.valid_from < a.valid_to)"""


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=64), nullable=nullable)


def _path(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=200), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("areas", _path("successor", nullable=True))
    op.add_column("areas", sa.Column("phone", sa.String(length=60), nullable=True))
    op.add_column("kinship", sa.Column("declared_on", sa.Date(), nullable=True))
    op.add_column("kinship", _id("declared_by", nullable=True))
    op.add_column("kinship", sa.Column("ended_on", sa.Date(), nullable=True))
    _areas_and_places()
    _transfers()
    _people()
    _liaisons()


def _areas_and_places() -> None:
    op.create_table(
        "area_changes",
        _id("id"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("plan", _json(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        _id("by"),
        _at("at"),
        _at("applied_at", nullable=True),
        sa.Column("result", _json(), nullable=True),
        sa.CheckConstraint(
            "kind in ('found', 'rename', 'merge', 'split', 'move')", name=op.f("ck_area_changes_kind")
        ),
        sa.CheckConstraint(
            "state in ('planned', 'applied', 'cancelled', 'failed')", name=op.f("ck_area_changes_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_changes")),
    )
    op.create_index("ix_area_changes_due", "area_changes", ["state", "effective"])
    op.create_table(
        "places",
        sa.Column("kind", sa.String(length=20), nullable=False),
        _id("subject"),
        sa.Column("n", sa.Integer(), nullable=False),
        _path("area"),
        _path("next_area"),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind in ('case', 'household')", name=op.f("ck_places_kind")),
        sa.CheckConstraint("why in ('reorganised', 'handed_over')", name=op.f("ck_places_why")),
        sa.PrimaryKeyConstraint("kind", "subject", "n", name=op.f("pk_places")),
    )
    op.create_index("ix_places_area", "places", ["kind", "area"])


def _transfers() -> None:
    op.create_table(
        "case_transfers",
        _id("id"),
        _id("case_id"),
        _path("from_area"),
        _path("to_area"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        _id("asked_by"),
        _at("asked_at"),
        _id("answered_by", nullable=True),
        _at("answered_at", nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('asked', 'accepted', 'refused', 'withdrawn')", name=op.f("ck_case_transfers_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_transfers_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_transfers")),
    )
    asked = sa.text("state = 'asked'")
    op.create_index(
        "uq_case_transfers_asked",
        "case_transfers",
        ["case_id"],
        unique=True,
        sqlite_where=asked,
        postgresql_where=asked,
    )
    op.create_index("ix_case_transfers_to", "case_transfers", ["to_area", "state"])
    op.create_index("ix_case_transfers_from", "case_transfers", ["from_area", "state"])


def _people() -> None:
    op.create_table(
        "substitutions",
        _id("id"),
        _id("appointment"),
        _id("substitute"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _id("by"),
        _at("at"),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_substitutions_dates")),
        sa.ForeignKeyConstraint(
            ["appointment"], ["appointments.id"], name=op.f("fk_substitutions_appointment")
        ),
        sa.ForeignKeyConstraint(["substitute"], ["persons.id"], name=op.f("fk_substitutions_substitute")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitutions")),
    )
    op.create_index("ix_substitutions_substitute", "substitutions", ["substitute"])
    op.create_index("ix_substitutions_appointment", "substitutions", ["appointment"])
    op.create_table(
        "trainings",
        _id("id"),
        _id("person"),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_trainings_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
    )
    op.create_index("ix_trainings_person", "trainings", ["person"])
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        _at("at"),
        _id("by"),
        sa.Column("kind", sa.String(length=40), nullable=False),
        _path("area", nullable=True),
        _id("person", nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", _json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_at", "changes", ["at"])
    op.create_index("ix_changes_area", "changes", ["area", "at"])
    op.create_index("ix_changes_person", "changes", ["person", "at"])


def _liaisons() -> None:
    """A batch change of `appointments` on SQLite would lose its triggers: lay them again after one."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("insert", "update"):
            op.execute(
                f"CREATE TRIGGER one_liaison_{verb} BEFORE {verb} ON appointments WHEN NEW.post = 'village_liaison' "
                f"BEGIN SELECT RAISE(ABORT, 'one liaison per village') WHERE EXISTS ({OVERLAP}); END"
            )
        return
    op.execute(
        f"""CREATE OR REPLACE FUNCTION one_liaison() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM 1 FROM areas WHERE path = NEW.area FOR UPDATE;
  IF EXISTS ({OVERLAP}) THEN
    RAISE EXCEPTION 'one liaison per village' USING ERRCODE = '23505';
  END IF;
  RETURN NEW;
END $body$"""
    )
    op.execute(
        "CREATE TRIGGER one_liaison BEFORE INSERT OR UPDATE ON appointments FOR EACH ROW "
        "WHEN (NEW.post = 'village_liaison') EXECUTE FUNCTION one_liaison()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER one_liaison_{verb}")
    else:
        op.execute("DROP TRIGGER one_liaison ON appointments")
        op.execute("DROP FUNCTION one_liaison()")
    for table in ("changes", "trainings", "substitutions", "case_transfers", "places", "area_changes"):
        op.drop_table(table)
    for table, column in (
        ("kinship", "ended_on"),
        ("kinship", "declared_by"),
        ("kinship", "declared_on"),
        ("areas", "phone"),
        ("areas", "successor"),
    ):
        op.drop_column(table, column)
