"""What happened to a case: append-only, hash-chained, provable after the lawful deletion of contents.

A row's `digest` covers salt, payload and command, its `hash` covers the previous hash and everything but the payload. Deleting both
therefore keeps the chain valid, and a forged payload is found as long as it is there. Daily
anchors fix the heads of the cases that moved, so that a chain computed anew is found too.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import and_, insert, or_, select

from engine.db import Tx, dumps, made
from engine.tables import anchor_heads, anchors, cases, history

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
    """Where a chain does not hold, and why (in Chinese, for people)."""

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
            return Break(seq, f"缺第 {seq} 条")
        if row.payload is not None and _content(row.salt, row.payload, row.command) != row.digest:
            return Break(seq, "内容被改动")
        if row.previous != previous or row.hash != _link(
            previous, seq, _utc(row.at), row.kind, row.actor, row.digest
        ):
            return Break(seq, "链被改动")
        previous = row.hash
    head = tx.run(select(cases.c.head).where(cases.c.id == case_id)).scalar_one()
    return None if head == previous else Break(seq, "末尾缺条目")


def anchor(tx: Tx, day: date, now: datetime) -> str:
    """Fix the heads of the cases that moved since the last anchor; one a day, each built on the one before.

    Returns its digest. Whoever keeps that outside (the log, a backup's list of contents, paper) can prove later that nothing of before was changed,
    not even by somebody who recomputed every chain.
    """
    known = tx.run(select(anchors.c.digest).where(anchors.c.day == day)).scalar_one_or_none()
    if known is not None:
        return str(known)
    h = anchor_heads.c
    seen = and_(h.case_id == cases.c.id, h.seq == cases.c.seq)
    moved = select(cases.c.id, cases.c.seq, cases.c.head).outerjoin(anchor_heads, seen)
    heads = [
        {"case_id": row.id, "seq": row.seq, "hash": row.head, "day": day}
        for row in tx.run(moved.where(h.case_id.is_(None)).order_by(cases.c.id))
    ]
    last = tx.run(select(anchors.c.digest).order_by(anchors.c.day.desc()).limit(1)).scalar_one_or_none()
    previous = str(last or GENESIS)
    digest = _anchored(previous, day, heads)
    row = {"day": day, "heads": len(heads), "digest": digest, "previous": previous, "created_at": now}
    tx.run(insert(anchors), row)
    if heads:
        tx.run(insert(anchor_heads), heads)
    return digest


def _anchored(previous: str, day: date, heads: Iterable[Any]) -> str:
    return _sha(previous, day.isoformat(), *(f"{one['case_id']}:{one['seq']}:{one['hash']}" for one in heads))


def broken_anchors(tx: Tx) -> list[date]:
    """Days whose anchor does not hold: its digest, its place in the row of anchors, or a case that has another history now."""
    changed = (
        select(anchor_heads.c.day)
        .outerjoin(
            history, and_(history.c.case_id == anchor_heads.c.case_id, history.c.seq == anchor_heads.c.seq)
        )
        .where(or_(history.c.hash.is_(None), history.c.hash != anchor_heads.c.hash))
    )
    broken = set(tx.run(changed.distinct()).scalars())
    previous = GENESIS
    for row in tx.run(select(anchors).order_by(anchors.c.day)).all():
        fixed = select(anchor_heads).where(anchor_heads.c.day == row.day)
        heads = tx.run(fixed.order_by(anchor_heads.c.case_id)).mappings()
        if row.previous != previous or row.digest != _anchored(previous, row.day, heads):
            broken.add(row.day)
        previous = row.digest
    return sorted(broken)
