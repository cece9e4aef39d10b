"""Server-side sessions: the cookie holds a random token, the database its hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, insert, select, update

from casework.tables import persons, sessions
from engine.db import Tx

LIFE = timedelta(hours=12)
FAILURES, LOCK = 10, timedelta(minutes=15)
passwords = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
_NOBODY = passwords.hash(secrets.token_hex(8))


@dataclass(frozen=True, slots=True)
class Login:
    person: str | None = None
    token: str | None = None
    locked: bool = False


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def login(tx: Tx, username: str, password: str, now: datetime) -> Login:
    """Check a password; an unknown name takes as long as a wrong password."""
    row = tx.run(select(persons).where(persons.c.username == username).with_for_update()).one_or_none()
    right = passwords.verify(password, row.password if row is not None else _NOBODY)
    if row is None or row.disabled:
        return Login()
    if row.locked_until is not None and row.locked_until > now:
        return Login(locked=True)
    if not right:
        failures = row.failures + 1
        locked = now + LOCK if failures >= FAILURES else None
        tx.run(
            update(persons)
            .where(persons.c.id == row.id)
            .values(failures=0 if locked else failures, locked_until=locked)
        )
        return Login(locked=locked is not None)
    tx.run(update(persons).where(persons.c.id == row.id).values(failures=0, locked_until=None))
    token = secrets.token_urlsafe(32)
    tx.run(
        insert(sessions),
        {"token": _hash(token), "person": row.id, "created_at": now, "expires_at": now + LIFE},
    )
    return Login(row.id, token)


def person_of(tx: Tx, token: str, now: datetime) -> str | None:
    """Whose session this is, if it is alive. A simulated clock that runs ahead does not end a session."""
    s = sessions.c
    row = tx.run(select(s.person, s.expires_at).where(s.token == _hash(token))).one_or_none()
    if row is None:
        return None
    alive = row.expires_at > now or tx.world.simulated
    return str(row.person) if alive else None


def end(tx: Tx, token: str) -> None:
    tx.run(delete(sessions).where(sessions.c.token == _hash(token)))
