"""Server-side sessions: the cookie holds a random token, the database its hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, insert, select, update

from casework import audit
from casework.tables import appointments, persons, sessions
from engine.db import Tx
from engine.errors import Field, Invalid

LIFE = timedelta(hours=12)
FAILURES, LOCK = 10, timedelta(minutes=15)
SHORTEST, LONGEST = 10, 128
"""Characters of a password: one handed out has the shortest length, one chosen at least that."""
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
    right = passwords.verify(password, row.password if row is not None and _set(row) else _NOBODY)
    if row is None or row.disabled:
        return Login()
    if row.locked_until is not None and row.locked_until > now:
        return Login(locked=True)
    if not right:
        return Login(locked=_failed(tx, row, now))
    tx.run(update(persons).where(persons.c.id == row.id).values(failures=0, locked_until=None))
    token = secrets.token_urlsafe(32)
    tx.run(
        insert(sessions),
        {"token": _hash(token), "person": row.id, "created_at": now, "expires_at": now + LIFE},
    )
    return Login(row.id, token)


def _set(row: Any) -> bool:
    """Has a password been set? Until then nobody logs in with the name, and is told no more than for a wrong password."""
    return str(row.password).startswith("$")


def _failed(tx: Tx, row: Any, now: datetime) -> bool:
    """A wrong password is counted. → whether it was one too many"""
    failures = row.failures + 1
    locked = now + LOCK if failures >= FAILURES else None
    values = {"failures": 0 if locked else failures, "locked_until": locked}
    tx.run(update(persons).where(persons.c.id == row.id).values(**values))
    return locked is not None


class Changed(StrEnum):
    """What became of somebody's wish for another password of their own."""

    DONE = "done"
    WRONG = "wrong"  # the old one is not right; counted like a failed login
    LOCKED = "locked"  # too many wrong ones


def change_password(tx: Tx, person: str, token: str, old: str, new: str, now: datetime) -> Changed:
    """A password of one's own choice; every other session of the person ends, `token`'s goes on.

    A wrong old one is answered and not raised: the count of failures must be kept. Raises Invalid for a new one that will not do.
    """
    row = tx.run(select(persons).where(persons.c.id == person).with_for_update()).one()
    if row.locked_until is not None and row.locked_until > now:
        return Changed.LOCKED
    if not passwords.verify(old, row.password):
        return Changed.LOCKED if _failed(tx, row, now) else Changed.WRONG
    fault = _fault(new, old, row.username)
    if fault:
        raise Invalid("新密码不符合要求。", "The new password will not do.", fields=[Field("new", fault)])
    values = {"password": passwords.hash(new), "failures": 0, "locked_until": None}
    tx.run(update(persons).where(persons.c.id == person).values(**values))
    tx.run(delete(sessions).where(sessions.c.person == person, sessions.c.token != _hash(token)))
    a = appointments.c
    held = select(a.area).where(a.person == person).order_by(a.valid_to.is_(None).desc(), a.valid_from.desc())
    home = tx.run(held.limit(1)).scalar_one_or_none()
    audit.record(tx, person, "password_changed", f"{row.name}修改了本人的密码", now, area=home, person=person)
    return Changed.DONE


def _fault(new: str, old: str, username: str) -> str | None:
    """What is wrong with a new password, in words."""
    if not SHORTEST <= len(new) <= LONGEST:
        return f"至少 {SHORTEST} 个字符，至多 {LONGEST} 个"
    if new == old:
        return "不能与原密码相同"
    if new.lower() == username.lower() or len(set(new)) < 4:
        return "太容易被猜到，请换一个"
    return None


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
