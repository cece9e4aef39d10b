"""Appraisal meetings: one meeting for many cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
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


def _listed(name: str) -> sa.Column[object]:
    return sa.Column(name, _json(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "meetings",
        _text("number", 60),
        _text("area", 200),
        _at("held_at"),
        _long("place"),
        _text("convener", 20),
        _text("chair", 64),
        _text("deputy", 64, null=True),
        _long("recorder"),
        _listed("roll"),
        _long("course"),
        _listed("photos"),
        _text("state", 20),
        _listed("log"),
        _text("digest", 64, null=True),
        _at("made_at"),
        _at("closed_at", null=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('draft', 'convened', 'closed', 'cancelled')", name=op.f("ck_meetings_state")),
        sa.CheckConstraint("convener in ('village', 'town')", name=op.f("ck_meetings_convener")),
        sa.CheckConstraint("(state = 'closed') = (closed_at is not null)", name=op.f("ck_meetings_closed")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_meetings")),
    )
    op.create_index("ix_meetings_area", "meetings", ["area", "held_at"])
    op.create_table(
        "meeting_items",
        _text("meeting", 60),
        sa.Column("n", sa.Integer(), nullable=False),
        _text("case_id", 64),
        _long("path"),
        _text("area", 200),
        _text("application_no", 80),
        _text("programme", 40),
        _listed("recused"),
        sa.Column("agree", sa.Integer(), nullable=True),
        sa.Column("against", sa.Integer(), nullable=True),
        sa.Column("abstain", sa.Integer(), nullable=True),
        _long("opinion"),
        _long("dissent"),
        _long("postpone"),
        _text("state", 20),
        _text("chair", 64, null=True),
        _long("failure", null=True),
        _at("done_at", null=True),
        sa.CheckConstraint("state in ('open', 'done', 'postponed', 'void')", name=op.f("ck_meeting_items_state")),
        sa.ForeignKeyConstraint(["meeting"], ["meetings.number"], name=op.f("fk_meeting_items_meeting")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_meeting_items_case_id")),
        sa.PrimaryKeyConstraint("meeting", "n", name=op.f("pk_meeting_items")),
    )
    where = sa.text("state = 'open'")
    op.create_index(
        "uq_meeting_items_open", "meeting_items", ["case_id", "path"], unique=True, sqlite_where=where, postgresql_where=where
    )
    op.create_index("ix_meeting_items_case", "meeting_items", ["case_id"])


def downgrade() -> None:
    op.drop_table("meeting_items")
    op.drop_table("meetings")
