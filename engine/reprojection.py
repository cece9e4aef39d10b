"""A new calendar: every open clock and every timer that asked for legal time is dated anew, case by case, with a journal.

Rows remember the serial of the calendar they were computed with, so the work is found again after a crash, by any worker,
and a case that was just being written under the old calendar is not missed. A dry run computes the same without writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, bindparam, exists, select, union, update

from engine import clocks, clockwork, definitions, jobs, legal, step, worklist
from engine.calendar import Calendar, local
from engine.clocks import Clock, dated
from engine.db import Tx, fixed, made
from engine.deadline import asks_calendar, compute, part_of
from engine.step import Case, Record
from engine.tables import cases, incidents, timers
from engine.tables import clocks as clocks_table
from engine.world import World

LIVE = ("running", "paused")
REPAIRED = "更正时限台账：一件申请的中止、办结、受理日不再带动同案其他申请的时限"
"""Why clocks are dated anew that a migration put right (their calendar is negative)."""


@dataclass(frozen=True, slots=True)
class Move:
    """A clock whose date changes, or whose provisional mark goes or comes."""

    case_id: str
    number: str
    title: str
    area: str
    clock: str
    term: str
    name: str
    old_due: datetime
    new_due: datetime
    was_provisional: bool
    provisional: bool

    def as_dict(self) -> dict[str, Any]:
        return {
            "clock": self.clock,
            "term": self.term,
            "name": self.name,
            "old": local(self.old_due),
            "new": local(self.new_due),
            "was_provisional": self.was_provisional,
            "provisional": self.provisional,
        }


def dry_run(tx: Tx, calendar: Calendar, now: datetime) -> Iterator[Move]:
    """Which open clocks would move under another calendar. Nothing is written."""
    world = tx.world.with_(calendar=calendar)
    columns = [clocks_table.c[name] for name in Clock.__slots__]
    query = (
        select(*columns, cases.c.number, cases.c.title, cases.c.area.label("case_area"))
        .join(cases, cases.c.id == clocks_table.c.case_id)
        .where(clocks_table.c.state.in_(LIVE))
        .order_by(clocks_table.c.due_at, clocks_table.c.id)
    )
    for row in tx.run(query):
        clock = made(Clock, row[: len(columns)])
        if not asks_calendar(clocks.term_of(world, clock)):
            continue
        move = _move(clock, dated(world, clock, now), row.number, row.title, row.case_area)
        if move is not None:
            yield move


def _move(old: Clock, new: Clock, number: str, title: str, area: str) -> Move | None:
    if (old.due_at, old.provisional) == (new.due_at, new.provisional):
        return None
    return Move(
        old.case_id,
        number,
        title,
        area,
        old.id,
        old.term,
        old.name,
        old.due_at,
        new.due_at,
        old.provisional,
        new.provisional,
    )


def _spared(case_id: Any) -> Any:
    """Not of a case that could not be dated anew: somebody has to look first (its incident's retry)."""
    i = incidents.c
    return ~exists().where(i.kind == "dates", i.ref == case_id, i.state == fixed("open"))


_WAITING = union(
    select(clocks_table.c.case_id).where(
        clocks_table.c.state.in_([fixed(word) for word in LIVE]),
        clocks_table.c.calendar < bindparam("serial"),
        _spared(clocks_table.c.case_id),
    ),
    select(timers.c.case_id).where(
        timers.c.state == fixed("pending"),
        timers.c.calendar < bindparam("serial"),
        _spared(timers.c.case_id),
    ),
).limit(bindparam("limit", type_=Integer))


def waiting(tx: Tx, limit: int = 50) -> list[str]:
    """Cases with rows that were computed under an earlier calendar than the one in force."""
    given = {"serial": tx.world.calendar.serial, "limit": limit}
    return [str(row.case_id) for row in tx.run(_WAITING, given)]


def reproject(tx: Tx, case_id: str, now: datetime) -> list[Move]:
    """Date a case's open clocks and timers anew. What moved stands in its history with both dates and the reason."""
    case = step.lock(tx, case_id)
    known = clocks.of_case(tx, case_id)
    live = [c.calendar for c in known if c.live]
    repaired, serial = any(n < 0 for n in live), min(live, default=0)
    renewed: dict[str, Clock] = {}
    moves: list[Move] = []
    for clock in known:
        if not clock.live:
            continue
        new = dated(tx.world, clock, now)
        renewed[clock.id] = new
        move = _move(clock, new, case.number, case.title, case.area)
        if move is not None:
            moves.append(move)
        clocks.rewrite(tx, new)
    pending = list(tx.run(select(timers).where(timers.c.case_id == case_id, timers.c.state == "pending")))
    all_ = [renewed[c.id] if c.live else dated(tx.world, c, now) for c in known]
    due = {row.id: timer_due(tx.world, case, row, row.basis, all_) for row in pending if row.basis}
    changed = {row.id: due[row.id] for row in pending if row.basis and due[row.id] != row.due_at}
    if changed:
        set_due(tx, case, changed, now)
    mine = (timers.c.case_id == case_id, timers.c.state == "pending", timers.c.calendar.is_not(None))
    tx.run(update(timers).where(*mine).values(calendar=tx.world.calendar.serial))
    if moves or changed or repaired:
        worklist.redate(tx, case_id, [renewed.get(c.id, c) for c in known])
        why = REPAIRED if repaired else reason(tx, case.area, serial)
        payload = {"reason": why, "moved": [move.as_dict() for move in moves]}
        step.note(tx, case, Record("clock.reprojected"), payload, now)
        tx.run(update(cases).where(cases.c.id == case.id).values(state=case.state))
        step.write_head(tx, case)
    return moves


def reason(tx: Tx, area: str, serial: int) -> str:
    """Which notices the new dates rest on, in words: those loaded after the calendar (`serial`) of the old ones that hold in `area`."""
    loaded = [y for y in legal.notices_since(tx, serial) if not y.area or f"{area}/".startswith(f"{y.area}/")]
    named = "、".join(dict.fromkeys(f"{y.year} 年放假安排（{y.notice}）" for y in loaded))
    return f"装入 {named}，时限重新计算" if named else "放假安排有变，时限重新计算"


def timer_due(
    world: World, case: Case, row: Any, basis: Mapping[str, Any], known: Sequence[Clock]
) -> datetime | None:
    """When a timer that asked for legal time is due now: as its clock says, or computed by itself (one that is suspended stays so)."""
    timer = clockwork.Timer(row.id, row.owners, row.path, basis)
    clock = clockwork.clock_of(known, timer)
    if clock is not None:
        return clockwork.fires(world, clock, timer)
    if row.due_at is None:
        return None
    begun = datetime.fromisoformat(basis["start"])
    on = date.fromisoformat(basis["on"]) if "on" in basis else step.facts(case, begun).terms_on
    term = world.terms.get(basis["term"], on)
    found = compute(term, begun, world.calendar.of(case.area), provisional=True)
    return part_of(found, float(basis["share"])) if "share" in basis else found.due_at


def set_due(tx: Tx, case: Case, due: Mapping[str, datetime | None], now: datetime) -> None:
    """Give timers another instant, in the state of the case and in their rows. The caller writes the state."""
    step.set_due(tx, case, definitions.pinned(tx, case.pins), due, now)
    jobs.move(tx, list(due.items()), now)
