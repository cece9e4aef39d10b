"""What happened to a case: append-only, hash-chained, provable after the lawful deletion of contents.

A row's `digest` covers salt, payload and command, its `hash` covers the previous hash and everything but the payload. Deleting both
therefore keeps the chain valid, and a forged payload is found as long as it is there. Daily
anchors fix the heads of all cases.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select

from engine.db import Tx, dumps, made
from engine.tables import anchors, cases, history

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the chain as read back."""

    seq: int
    at: datetime
    entered_at: datetime
    kind: str
    actor: str | None
    payload: Mapping[str, Any] | None
    command: bytes | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold, and why."""

    seq: int
    why: str


def _sha(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _link(previous: str, seq: int, at: datetime, kind: str, actor: str | None, digest: str) -> str:
    return _sha(previous, str(seq), at.isoformat(timespec="microseconds"), kind, actor or "", digest)


_INSERT = insert(history)


def append(
    tx: Tx,
    case_id: str,
    seq: int,
    previous: str,
    kind: str,
    *,
    at: datetime,
    now: datetime,
    actor: str | None,
    payload: Mapping[str, Any],
    command: bytes | None = None,
) -> str:
    """Write row `seq` and return its hash, the new head. The caller holds the case's row lock."""
    salt = secrets.token_hex(16)
    digest = _content(salt, payload, command)
    new = _link(previous, seq, _utc(at), kind, actor, digest)
    tx.write(
        _INSERT,
        {
            "case_id": case_id,
            "seq": seq,
            "at": at,
            "entered_at": now,
            "kind": kind,
            "actor": actor,
            "payload": payload,
            "command": command,
            "salt": salt,
            "digest": digest,
            "previous": previous,
            "hash": new,
        },
    )
    return new


def _content(salt: str, payload: Mapping[str, Any], command: bytes | None) -> str:
    return _sha(salt, dumps(payload), *([command.hex()] if command is not None else []))


def _utc(at: datetime) -> datetime:
    # The chain is computed over what the database gives back.
    return at.astimezone(UTC)


def entries(tx: Tx, case_id: str, *, commands: bool = False) -> list[Entry]:
    """The chain, oldest first; with `commands` also what the engine was told (`runner.unpack`)."""
    rows = tx.run(
        select(
            history.c.seq,
            history.c.at,
            history.c.entered_at,
            history.c.kind,
            history.c.actor,
            history.c.payload,
            *([history.c.command] if commands else []),
        )
        .where(history.c.case_id == case_id)
        .order_by(history.c.seq)
    )
    return [made(Entry, row) for row in rows]


def verify(tx: Tx, case_id: str) -> Break | None:
    """None when the chain holds from the first row to the head stored with the case."""
    previous, seq = GENESIS, 0
    for row in tx.run(select(history).where(history.c.case_id == case_id).order_by(history.c.seq)):
        seq += 1
        if row.seq != seq:
            return Break(seq, f"row {seq} is missing")
        if row.payload is not None and _content(row.salt, row.payload, row.command) != row.digest:
            return Break(seq, "the payload was changed")
        if row.previous != previous or row.hash != _link(
            previous, seq, _utc(row.at), row.kind, row.actor, row.digest
        ):
            return Break(seq, "the chain was changed")
        previous = row.hash
    head = tx.run(select(cases.c.head).where(cases.c.id == case_id)).scalar_one()
    return None if head == previous else Break(seq, "rows at the end are missing")


def anchor(tx: Tx, day: date, now: datetime) -> str:
    """Fix the heads of all cases as they stand; one anchor a day, each built on the one before."""
    known = tx.run(select(anchors.c.digest).where(anchors.c.day == day)).scalar_one_or_none()
    if known is not None:
        return str(known)
    heads = [f"{row.id}:{row.head}" for row in tx.run(select(cases.c.id, cases.c.head).order_by(cases.c.id))]
    previous = (
        tx.run(select(anchors.c.digest).order_by(anchors.c.day.desc()).limit(1)).scalar_one_or_none()
        or GENESIS
    )
    digest = _sha(str(previous), day.isoformat(), *heads)
    tx.run(
        insert(anchors),
        {"day": day, "heads": len(heads), "digest": digest, "previous": previous, "created_at": now},
    )
    return digest
