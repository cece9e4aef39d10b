"""Is what is stored still what was stored? Every case's chain, the daily anchors, the files by their digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import select

from casework import files
from casework.tables import files as files_table
from engine import history
from engine.db import Database
from engine.tables import anchors, cases
from tasks.backups import Told


@dataclass
class Findings:
    """What was looked at and what does not hold. `known`: whether the digest given from outside is one of the anchors."""

    cases: int = 0
    anchors: int = 0
    files: int = 0
    last: tuple[date, str] | None = None
    known: bool | None = None
    chains: list[tuple[str, history.Break]] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return self.known is not False and not (self.chains or self.days or self.missing or self.changed)


def look(db: Database, data: Path, digest: str | None = None, told: Told = lambda *_: None) -> Findings:
    """Look at everything; `digest` is an anchor kept outside. Each case is read by itself, so that work may go on meanwhile."""
    found = Findings()
    with db.reading() as tx:
        numbers = {row.id: row.number for row in tx.run(select(cases.c.id, cases.c.number))}
    found.cases = len(numbers)
    for n, (case_id, number) in enumerate(numbers.items(), 1):
        with db.reading() as tx:
            broken = history.verify(tx, case_id)
        if broken is not None:
            found.chains.append((number, broken))
        told("chains", n, len(numbers))
    with db.reading() as tx:
        days = [(row.day, row.digest) for row in tx.run(select(anchors).order_by(anchors.c.day))]
        found.anchors, found.last = len(days), days[-1] if days else None
        found.days = history.broken_anchors(tx)
        kept = [(row.digest, row.name) for row in tx.run(select(files_table).order_by(files_table.c.at))]
    if digest is not None:
        found.known = digest in {one for _, one in days}
    contents = dict(kept)
    found.files = len(contents)
    for n, (of, name) in enumerate(contents.items(), 1):
        path = files.place(data, of)
        if not path.exists():
            found.missing.append(name)
        elif hashlib.sha256(path.read_bytes()).hexdigest() != of:
            found.changed.append(name)
        told("files", n, len(contents))
    return found
