"""Which household a case is about, kept with it wherever it goes; leads reported at a grid find theirs in the village."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

cases = sa.table("cases", *(sa.column(c) for c in ("id", "number", "area", "title", "parent", "subject")))
leads = sa.table("leads", *(sa.column(c) for c in ("case_id", "area", "subject", "household")))
recognitions = sa.table("recognitions", sa.column("case_id"), sa.column("household"))
objections = sa.table("objections", sa.column("case_id"), sa.column("notice_no"))
notices = sa.table("notices", sa.column("number"), sa.column("case_id"))
households = sa.table("households", *(sa.column(c) for c in ("id", "area", "head", "ended_on")))


def upgrade() -> None:
    op.add_column("cases", sa.Column("subject", sa.String(64)))
    op.create_index("ix_cases_subject", "cases", ["subject"])
    _named(leads.c.area, leads.c.subject, leads.c.household, grids=True)
    for known in (
        sa.select(sa.func.min(leads.c.household)).where(leads.c.case_id == cases.c.id),
        sa.select(sa.func.min(recognitions.c.household)).where(recognitions.c.case_id == cases.c.id),
    ):
        _fill(known)
    _named(cases.c.area, cases.c.title, cases.c.subject)
    noticed = cases.alias("noticed")
    objected = objections.join(notices, notices.c.number == objections.c.notice_no)
    objected = objected.join(noticed, noticed.c.id == notices.c.case_id)
    theirs = sa.select(sa.func.min(noticed.c.subject)).select_from(objected)
    _fill(theirs.where(objections.c.case_id == cases.c.id))
    above = cases.alias("above")
    while _fill(sa.select(above.c.subject).where(above.c.id == cases.c.parent)):
        pass


def _fill(known: sa.Select[tuple[str]]) -> int:
    """Cases not known to be about anybody get what is known. → how many"""
    found = known.scalar_subquery()
    where = (cases.c.subject.is_(None), found.is_not(None))
    return op.get_bind().execute(sa.update(cases).where(*where).values(subject=found)).rowcount


def _named(area: sa.Column[str], name: sa.Column[str], target: sa.Column[str], *, grids: bool = False) -> None:
    """Rows without a household get the one of their village (of the village of their grid) that is headed by that name."""
    database, h = op.get_bind(), households.c
    where = [target.is_(None), *([area.like("%/%/%/%")] if grids else [])]
    for place in database.execute(sa.select(area).where(*where).distinct()).scalars().all():
        village = "/".join(place.split("/")[:3])
        one = sa.select(sa.func.min(h.id)).where(h.area == village, h.head == name, h.ended_on.is_(None))
        found = one.having(sa.func.count() == 1).scalar_subquery()
        database.execute(sa.update(area.table).where(*where, area == place).values({target.name: found}))


def downgrade() -> None:
    op.drop_index("ix_cases_subject", table_name="cases")
    op.drop_column("cases", "subject")
