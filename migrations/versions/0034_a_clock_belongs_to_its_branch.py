"""A clock and a timer say whose document they belong to; what one application did to the clocks of another is taken back.

Rows written before: pauses declared at an event gateway never ended, pauses and stop facts reached every application of the case, and a clock
followed the rules of the day the case was opened. What rests on a row is found by what encloses its token (`owners` of tasks and timers). Clocks
that change get the calendar -1: the worker dates them anew with their timers and tasks, and writes it into the history of the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

ZONE = ZoneInfo("Asia/Shanghai")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)
AGAIN = -1

cases = sa.table("cases", sa.column("id"), sa.column("status"), sa.column("document", JSON))
tasks = sa.table(
    "user_tasks",
    *(sa.column(name) for name in ("id", "case_id", "path", "state")),
    sa.column("owners", JSON),
    sa.column("created_at", AT),
    sa.column("ended_at", AT),
)
jobs = sa.table("jobs", *(sa.column(name) for name in ("id", "case_id", "path")), sa.column("created_at", AT))
timers = sa.table(
    "timers",
    *(sa.column(name) for name in ("id", "case_id", "path", "state")),
    sa.column("owners", JSON),
    sa.column("created_at", AT),
    sa.column("ended_at", AT),
)
clocks = sa.table(
    "clocks",
    *(sa.column(name) for name in ("id", "case_id", "token", "path", "state", "calendar")),
    sa.column("terms_on", sa.Date()),
    sa.column("started_at", AT),
    sa.column("stopped_at", AT),
    sa.column("pauses", JSON),
)


def upgrade() -> None:
    for table in ("clocks", "timers"):
        op.add_column(table, sa.Column("path", sa.Text(), nullable=False, server_default=""))
    db = op.get_bind()
    for case_id in list(db.execute(sa.select(clocks.c.case_id).distinct()).scalars()):
        _Case(db, case_id).repair()


def downgrade() -> None:
    for table in ("clocks", "timers"):
        op.drop_column(table, "path")


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


class _Case:
    """One case with what its rows tell of its tokens."""

    def __init__(self, db: sa.Connection, case_id: str) -> None:
        self.db = db
        of = [(table, table.c.case_id == case_id) for table in (tasks, timers, jobs, clocks)]
        self.tasks, self.timers, self.jobs, self.clocks = (
            list(db.execute(sa.select(table).where(mine))) for table, mine in of
        )
        self.case = db.execute(sa.select(cases).where(cases.c.id == case_id)).one()
        self.around: dict[str, tuple[str, ...]] = {}
        for row in (*self.tasks, *self.timers):
            for n, key in enumerate((row.id, *row.owners)):
                self.around.setdefault(key, tuple(row.owners[n:]))
        self.items = dict(self._items())
        self.alive = {key for row in self.tasks if row.state == "open" for key in (row.id, *row.owners)}
        self.alive |= {key for row in self.timers if row.state == "pending" for key in (row.id, *row.owners)}

    def _items(self) -> Iterable[tuple[tuple[str, str], str]]:
        """(instance, multi-instance body) → the segment of the path."""
        for row in self.tasks:
            for segment in row.path.split("/") if row.path else ():
                short = segment.rpartition(":")[2].partition("#")[0]
                chain = (row.id, *row.owners)
                for item, body in zip(chain, chain[1:], strict=False):
                    if body.startswith(short):
                        yield (item, body), segment

    def path(self, token: str) -> str:
        chain = (token, *self.around.get(token, ()))
        pairs = reversed(list(zip(chain, chain[1:], strict=False)))
        return "/".join(self.items[pair] for pair in pairs if pair in self.items)

    # ------------------------------------------------------------------------------ what is put right
    def repair(self) -> None:
        for row in self.timers:
            if path := self.path(row.id):
                self.db.execute(sa.update(timers).where(timers.c.id == row.id).values(path=path))
        for row in self.clocks:
            path = self.path(row.token)
            values = {"path": path} if path else {}
            if self.case.status == "active":
                values |= self._wrong(row, path)
            if values:
                self.db.execute(sa.update(clocks).where(clocks.c.id == row.id).values(**values))

    def _wrong(self, row: Any, path: str) -> dict[str, Any]:
        ended = row.state == "stopped" and row.token in self.alive and not self._stopped_by_its_own(row, path)
        if not ended and row.state not in ("running", "paused"):
            return {}
        kept = [one for p in row.pauses for one in self._pause(row, path, p, reopened=ended)]
        right: dict[str, Any] = {}
        if ended or kept != row.pauses:
            held = any(p.get("to") is None for p in kept)
            right = {"pauses": kept, "state": "paused" if held else "running", "stopped_at": None}
        accepted = self._accepted(path)
        begun = _utc(row.started_at).astimezone(ZONE).date()
        if accepted is not None and begun >= accepted and row.terms_on != accepted:
            right["terms_on"] = accepted
        return {**right, "calendar": AGAIN} if right else {}

    def _along(self, row: Any, path: str, token: str, others: str | None = None) -> bool:
        """Does the clock hang on what encloses this token, or on its path?"""
        return row.token in self.around.get(token, ()) or path == (self.path(token) if others is None else others)

    def _stopped_by_its_own(self, row: Any, path: str) -> bool:
        """A stop fact stopped it while its node goes on: did the case reach anything of its own branch in that step?"""
        at = _utc(row.stopped_at)
        reached = [t.id for t in self.tasks if _utc(t.created_at) == at]
        worked = [j.path for j in self.jobs if _utc(j.created_at) == at]
        return any(self._along(row, path, token) for token in reached) or path in worked

    def _pause(self, row: Any, path: str, pause: Mapping[str, Any], *, reopened: bool) -> Sequence[Mapping[str, Any]]:
        """The pause as it should be: none where it is another application's, ended where its event was caught."""
        token, begun = pause["token"], _utc(datetime.fromisoformat(pause["from"]))
        task = next((t for t in self.tasks if t.id == token), None)
        if task is not None:
            if not self._along(row, path, token):
                return []
            return [{**pause, "to": None} if reopened and task.state == "open" else pause]
        # An event gateway has no row of its own. The timer among its events was armed in the same step and has a clock.
        clocked = {clock.token for clock in self.clocks}
        event = next((t for t in self.timers if t.id in clocked and _utc(t.created_at) == begun), None)
        if event is None or not self._along(row, path, event.id):
            return []
        if event.state == "pending":
            return [{**pause, "token": event.id, "to": None}]
        return [{**pause, "token": event.id, "to": _utc(event.ended_at or begun).isoformat()}]

    def _accepted(self, path: str) -> date | None:
        parts = path.split("/") if path else []
        for n in range(len(parts), -1, -1):
            for section in (self.case.document or {}).get("/".join(parts[:n]), {}).values():
                day = section.get("accepted_on") if isinstance(section, Mapping) else None
                if isinstance(day, str):
                    return date.fromisoformat(day[:10])
        return None
