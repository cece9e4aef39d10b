"""附件: which case a file belongs to, and who may read it.

A file belongs to the cases in whose document it is named; papers, payout files, photos of points, publicity and meetings are found by
their own records. Who may read the case or record may read the file, a sensitive answer as they read it (`sensitive`);
until it belongs anywhere, who sent it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, Text, cast, exists, insert, literal, null, or_, select, union_all

from casework import places, reading, sight
from casework.tables import (
    file_links,
    files,
    issued_papers,
    meetings,
    notices,
    payouts,
    publicity,
    service_points,
)
from engine import step, worklist
from engine.db import Tx, made
from engine.routing import Actor
from engine.step import Case
from engine.tables import cases

ID = re.compile(r"[0-9a-f]{32}")
L = file_links.c


def named(values: Any) -> Iterator[str]:
    """What may be the id of a file, wherever in the answers of a form it stands."""
    if isinstance(values, str):
        if ID.fullmatch(values):
            yield values
    elif isinstance(values, dict):
        for one in values.values():
            yield from named(one)
    elif isinstance(values, list | tuple):
        for one in values:
            yield from named(one)


def keep(tx: Tx, case_id: str, seq: int, actor: Actor | None, values: Any) -> None:
    """The files these answers name belong to the case from that row of its history on.

    Nobody gets at a file by naming it: what the actor may not read does not become the case's. A machine (no actor) passes on what is
    the district's already.
    """
    ids = sorted(set(named(values)))
    if not ids:
        return
    held = exists().where(L.file == files.c.id, L.case_id == case_id)
    found = tx.run(select(files.c.id).where(files.c.id.in_(ids), ~held)).scalars().all()
    mine = [one for one in found if actor is None or may_read(tx, actor, one)]
    if mine:
        tx.write(insert(file_links), [{"file": one, "case_id": case_id, "seq": seq} for one in mine])


@dataclass(frozen=True, slots=True)
class Access:
    """The actor may read the file. `view`: as the sensitive answer of a case that it is; None: it is none."""

    view: reading.View | None = None


def may_read(tx: Tx, actor: Actor, file_id: str) -> bool:
    """Does the file belong to anything the actor may read, sensitive or not?"""
    return access(tx, actor, file_id, None) is not None


def access(tx: Tx, actor: Actor, file_id: str, now: datetime | None) -> Access | None:
    """By what the actor may read the file; None: by nothing. Without `now` it does not matter whether it is a sensitive answer."""
    by = tx.run(select(files.c.by).where(files.c.id == file_id)).scalar_one_or_none()
    belongs = list(tx.run(_belongs(file_id)))
    if not belongs:
        return Access() if by is not None and by == actor.id else None
    areas = [row.area for row in belongs if row.area is not None]
    if areas and tx.run(select(literal(1)).where(or_(*(_near(actor, area) for area in areas)))).first():
        return Access()
    found = (_reads(tx, actor, row, file_id, by, now) for row in belongs if row.case_id is not None)
    return next((one for one in found if one is not None), None)


def _near(actor: Actor, area: str) -> Any:
    return worklist.in_sight(actor, literal(area))


def _belongs(file_id: str) -> Any:
    """Cases (with the row of history it came with) and areas a file belongs to."""
    no_case, no_row, no_area = cast(null(), String), cast(null(), Integer), cast(null(), String)
    linked = select(L.case_id, L.seq, no_area.label("area")).where(L.file == file_id)
    made_for = [
        select(table.c.case_id, no_row, no_area).where(table.c.file == file_id)
        for table in (notices, payouts, issued_papers)
    ]
    shown = [
        select(no_case, no_row, table.c.area).where(cast(column, Text).contains(file_id))
        for table, column in (
            (service_points, service_points.c.photo),
            (publicity, publicity.c.photos),
            (meetings, meetings.c.photos),
        )
    ]
    return union_all(linked, *made_for, *shown)


def _reads(
    tx: Tx, actor: Actor, row: Any, file_id: str, by: str | None, now: datetime | None
) -> Access | None:
    """May the actor read what came into a case with that row of its history? A sensitive answer like any other of the case."""
    case = made(Case, tx.run(select(*step.COLUMNS).where(cases.c.id == row.case_id)).one())
    if by == actor.id and (actor.stranger or sight.knows(tx, actor, case)):
        return Access()
    if not _opened(tx, actor, case, row.seq):
        return None
    if now is None:
        return Access()
    view = reading.view(tx, actor, case, now)
    if not view.veil.covers_file(case.document, file_id):
        return Access()
    return Access(view) if view.veil.lifted else None


def _opened(tx: Tx, actor: Actor, case: Case, seq: int | None) -> bool:
    if sight.inside(actor, case) and reading.extent(tx, actor, case) is reading.Extent.WHOLE:
        return True
    until = places.read_until(tx, actor, case.id)
    if until is not None and seq is not None and seq <= until and case.process not in sight.hidden(actor):
        return True
    return reading.works(tx, actor, case.id)
