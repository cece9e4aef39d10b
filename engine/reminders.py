"""Reminders that are due: leased together, silenced where one cannot be told (when each is due: `engine.moments`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from engine.clocks import COLUMNS, Clock, deadline_of
from engine.db import Tx, made
from engine.deadline import Deadline
from engine.moments import FIRST, coming, graver
from engine.tables import cases, clocks
from engine.world import ClockEvent, World

_DUE = (clocks.c.next_at <= bindparam("now"), clocks.c.state == "running")


def due(tx: Tx, now: datetime, limit: int) -> list[str]:
    """Clocks with a reminder to be told, looked at without a lock."""
    query = select(clocks.c.id).where(*_DUE).order_by(clocks.c.next_at, clocks.c.id).limit(limit)
    return [str(key) for key in tx.run(query, {"now": now}).scalars()]


def lease(tx: Tx, now: datetime, limit: int = 500, only: str | None = None) -> list[ClockEvent]:
    """Reminders that are due; each moves on to its next moment at once (the caller tells people in the same transaction).

    With the clock its case is locked, for what is told is written beside it; where somebody acts just now, the next look finds it.
    """
    query = (
        select(*COLUMNS, cases.c.number, cases.c.area, cases.c.title)
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(*_DUE, *([clocks.c.id == only] if only is not None else []))
        .order_by(clocks.c.next_at, clocks.c.id)
        .limit(limit)
        .with_for_update(of=[cases, clocks], key_share=True, skip_locked=True)
    )
    found, moved, known = [], [], _Deadlines(tx.world)
    for row in tx.run(query, {"now": now}):
        clock = made(Clock, row[: len(COLUMNS)])
        # Missed reminders collapse into the gravest one: nobody is told three things at once.
        at, kind, deadline = clock.next_at, clock.next_kind, known.of(clock)
        while True:
            after, next_kind = coming(deadline, at or now)
            if after is None or after > now:
                break
            at, kind = after, graver(kind or FIRST, next_kind or FIRST)
        moved.append({"key": clock.id, "after": after, "what": next_kind})
        found.append(
            ClockEvent(
                kind=kind or FIRST,
                case_id=clock.case_id,
                case_number=row.number,
                area=row[len(COLUMNS) + 1],
                title=row.title,
                clock=clock.id,
                term=clock.term,
                name=clock.name,
                element=clock.element,
                due_at=clock.due_at,
                token=clock.token,
            )
        )
    if moved:
        tx.write(_MOVE_ON, moved)
    return found


_MOVE_ON = (
    update(clocks)
    .where(clocks.c.id == bindparam("key"))
    .values(next_at=bindparam("after"), next_kind=bindparam("what"))
)


def silence(tx: Tx, clock_id: str) -> None:
    """A reminder that could not be told waits for `speak`: it keeps what it would say and loses its moment."""
    tx.write(update(clocks).where(clocks.c.id == clock_id).values(next_at=None))


def speak(tx: Tx, case_id: str, now: datetime) -> None:
    """Tell what a case's silenced clocks would have said."""
    mine = (clocks.c.case_id == case_id, clocks.c.state == "running")
    silent = (clocks.c.next_at.is_(None), clocks.c.next_kind.is_not(None))
    tx.write(update(clocks).where(*mine, *silent).values(next_at=now))


class _Deadlines:
    """Dates of many clocks: those of one term begun at one moment are computed once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.known: dict[tuple[Any, ...], Deadline] = {}

    def of(self, clock: Clock) -> Deadline:
        if clock.pauses or clock.extension:
            return deadline_of(self.world, clock)
        key = (clock.term, clock.terms_on, clock.started_at, clock.area)
        if key not in self.known:
            self.known[key] = deadline_of(self.world, clock)
        return self.known[key]


NEXT_DUE = (
    select(clocks.c.next_at)
    .where(clocks.c.next_at.is_not(None), clocks.c.state == "running")
    .order_by(clocks.c.next_at)
    .limit(1)
)
"""The next moment of a clock worth telling."""
