"""People: areas, accounts, posts, duty, sessions, kin, messages."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    event,
    text,
)

from engine.db import Id, Instant, metadata

PATH = String(200)
"""An area path: `120115/120115101/120115101001`."""

areas = Table(
    "areas",
    metadata,
    Column("path", PATH, primary_key=True),
    Column("code", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("parent", PATH, ForeignKey("areas.path")),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("successor", PATH),  # the area its records follow to once it is no more
    Column("phone", String(60)),  # of a town: where complaints about its notices go
    CheckConstraint("tier in ('district', 'town', 'village', 'grid')", name="tier"),
    Index("ix_areas_parent", "parent"),
)

persons = Table(
    "persons",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", String(30)),
    Column("username", String(60), nullable=False, unique=True),
    Column("password", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Instant),
)

appointments = Table(
    "appointments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("post", String(60), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("area", PATH, ForeignKey("areas.path"), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Index("ix_appointments_person", "person"),
    Index("ix_appointments_area", "area", "post"),
    Index(
        "uq_appointments_liaison",
        "area",
        unique=True,
        sqlite_where=text("post = 'village_liaison' and valid_to is null"),
        postgresql_where=text("post = 'village_liaison' and valid_to is null"),
    ),
)

_OVERLAP = """SELECT 1 FROM appointments a WHERE a.id <> NEW.id AND a.post = 'village_liaison' AND a.area = NEW.area
AND (NEW.valid_to IS NULL OR a.valid_from < NEW.valid_to) AND (a.valid_to IS NULL OR NEW.valid_from < a.valid_to)"""
LIAISON_GUARD = {
    "sqlite": tuple(
        f"""CREATE TRIGGER one_liaison_{verb} BEFORE {verb} ON appointments WHEN NEW.post = 'village_liaison'
BEGIN SELECT RAISE(ABORT, 'one liaison per village') WHERE EXISTS ({_OVERLAP}); END"""
        for verb in ("insert", "update")
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION one_liaison() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM 1 FROM areas WHERE path = NEW.area FOR UPDATE;
  IF EXISTS ({_OVERLAP}) THEN
    RAISE EXCEPTION 'one liaison per village' USING ERRCODE = '23505';
  END IF;
  RETURN NEW;
END $body$""",
        """CREATE TRIGGER one_liaison BEFORE INSERT OR UPDATE ON appointments FOR EACH ROW
WHEN (NEW.post = 'village_liaison') EXECUTE FUNCTION one_liaison()""",
    ),
}
"""At no day two liaisons of one village (R34), whatever the end dates: beyond what a unique index can say."""
for _dialect, _statements in LIAISON_GUARD.items():
    for _statement in _statements:
        ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its constructor untyped
        event.listen(appointments, "after_create", ddl.execute_if(dialect=_dialect))

sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of the cookie
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

kinship = Table(
    "kinship",
    metadata,
    Column("person", Id, ForeignKey("persons.id"), primary_key=True),
    Column("household", Id, ForeignKey("households.id"), primary_key=True),
    Column("relation", Text, nullable=False),
    Column("declared_on", Date),
    Column("declared_by", Id),
    Column("ended_on", Date),  # a relation entered by mistake or gone: the row stays
)

rosters = Table(
    "rosters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("area", PATH, ForeignKey("areas.path"), nullable=False),
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("begins", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Index("ix_rosters_area", "area", "begins"),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("persons.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("case_id", Id),
    Column("task_id", Id),
    Column("read_at", Instant),
    Index("ix_notifications_person", "person", "read_at", "at"),
)
