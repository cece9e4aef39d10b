"""Writes nobody asks the result of: in their order, seen by what reads after them, all or nothing, and their errors by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from engine.db import Database, Tx
from engine.tables import anchors
from tests.engine.models import NOW

NOBODY: list[tuple[int, str]] = []


def put(tx: Tx, day: int, digest: str) -> None:
    row = {
        "day": NOW.date().replace(day=day),
        "digest": digest,
        "heads": 0,
        "previous": "",
        "created_at": NOW,
    }
    tx.write(insert(anchors), row)


def change(tx: Tx, old: str, new: str) -> None:
    tx.write(update(anchors).where(anchors.c.digest == old).values(digest=new))


def one_too_many(tx: Tx, then: Callable[[Tx], object]) -> None:
    """A good row and one whose key is taken. SQLite says so at once, PostgreSQL at what comes `then`."""
    put(tx, 2, "b")
    put(tx, 1, "again")
    then(tx)


def stored(tx: Tx) -> list[tuple[int, str]]:
    rows = tx.run(select(anchors.c.day, anchors.c.digest).order_by(anchors.c.day))
    return [(row.day.day, row.digest) for row in rows]


def kept(db: Database) -> list[tuple[int, str]]:
    with db.reading() as tx:
        return stored(tx)


def test_what_is_read_after_a_write_sees_it_and_order_is_kept(db: Database) -> None:
    with db.transaction() as tx:
        put(tx, 1, "a")
        change(tx, "a", "b")
        assert stored(tx) == [(1, "b")]
        change(tx, "b", "c")
        put(tx, 2, "d")
    assert kept(db) == [(1, "c"), (2, "d")]


def test_postgresql_gets_writes_together_and_sqlite_at_once(db: Database) -> None:
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement.split(maxsplit=1)[0].lower())

    lite = db.engine.dialect.name == "sqlite"
    with db.begin() as tx:
        event.listen(db.engine, "before_cursor_execute", note)
        put(tx, 1, "a")
        change(tx, "a", "b")
        before = list(sent)
        tx.commit()
        event.remove(db.engine, "before_cursor_execute", note)
    assert [word for word in before if word != "begin"] == (["insert", "update"] if lite else [])
    assert [word for word in sent if word != "begin"] == ["insert", "update"]


def test_reading_again_and_again_keeps_what_postgresql_has_prepared(db: Database) -> None:
    if db.engine.dialect.name == "sqlite":
        assert kept(db) == NOBODY
        return
    for _ in range(8):
        kept(db)
    with db.reading() as tx:
        prepared = tx.run(
            text("select count(*) from pg_prepared_statements where statement like '%anchors%'")
        )
        assert prepared.scalar_one() == 1


def test_writes_of_a_transaction_that_is_not_committed_are_never_seen(db: Database) -> None:
    with db.begin() as tx:
        put(tx, 1, "a")
    with db.begin() as tx:
        put(tx, 1, "a")
        tx.rollback()
        tx.commit()
    assert kept(db) == NOBODY


def test_a_write_that_cannot_be_is_told_by_its_error_and_takes_its_companions_with_it(db: Database) -> None:
    with db.transaction() as tx:
        put(tx, 1, "a")
    with db.begin() as tx:  # the answer comes with the next question
        with pytest.raises(IntegrityError) as told:
            one_too_many(tx, stored)
        assert "again" not in str(told.value)
        tx.rollback()
        assert stored(tx) == [(1, "a")]
    with db.begin() as tx:  # or with the commit; the same connection can be asked again
        with pytest.raises(IntegrityError):
            one_too_many(tx, Tx.commit)
        tx.rollback()
        assert stored(tx) == [(1, "a")]
        put(tx, 3, "c")
        tx.commit()
    assert kept(db) == [(1, "a"), (3, "c")]


def test_bells_ring_after_the_commit_only(db: Database) -> None:
    rung: list[str] = []
    with db.begin() as tx:
        put(tx, 1, "a")
        tx.after_commit("bell", lambda: rung.append("bell"))
        assert rung == []
        tx.commit()
        assert rung == ["bell"]
    with db.begin() as tx:
        tx.after_commit("bell", lambda: rung.append("lie"))
        with pytest.raises(IntegrityError):
            one_too_many(tx, Tx.commit)
        assert rung == ["bell"]
