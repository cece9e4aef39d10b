"""Writes nobody asks the result of: in their order, seen by what reads after them, all or nothing, and their errors by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.exc import IntegrityError

import engine.db
from engine.db import Database, Tx
from engine.tables import anchors
from engine.world import World
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


@pytest.mark.parametrize("kept_inside", [True, False])
def test_a_savepoint_holds_what_was_written_inside_and_nothing_else(db: Database, kept_inside: bool) -> None:
    rung: list[str] = []
    with db.transaction() as tx:
        put(tx, 1, "before")
        tx.after_commit("before", lambda: rung.append("before"))
        with tx.savepoint(keep=kept_inside):
            put(tx, 2, "inside")
            change(tx, "before", "changed")
            tx.after_commit("inside", lambda: rung.append("inside"))
        put(tx, 3, "after")
    if kept_inside:
        assert kept(db) == [(1, "changed"), (2, "inside"), (3, "after")]
        assert rung == ["before", "inside"]
    else:
        assert kept(db) == [(1, "before"), (3, "after")]
        assert rung == ["before"]


def test_what_goes_wrong_in_a_savepoint_is_taken_back_and_told_there(db: Database) -> None:
    def refused(tx: Tx) -> None:
        with tx.savepoint():
            change(tx, "before", "wrong")
            put(tx, 2, "refused")
            raise LookupError

    def taken(tx: Tx) -> None:
        with tx.savepoint():  # its writes are sent at its end, and fail there
            one_too_many(tx, lambda _tx: None)

    with db.transaction() as tx:
        put(tx, 1, "before")
        with pytest.raises(LookupError):
            refused(tx)
        with pytest.raises(IntegrityError):
            taken(tx)
        with tx.savepoint():
            put(tx, 3, "next")
            with pytest.raises(LookupError):
                refused(tx)
    assert kept(db) == [(1, "before"), (3, "next")]


def test_a_law_written_in_a_savepoint_that_is_taken_back_is_none(db: Database) -> None:
    def rules(tx: Tx, world: World, _serial: int | None) -> World:
        return world.with_(posts={digest: {} for _day, digest in stored(tx)})

    ours = Database(db.engine, db.world.with_(rules=rules))
    with ours.transaction() as tx:
        put(tx, 1, "old")
        with tx.savepoint(keep=False):
            change(tx, "old", "new")
            tx.law_changed()
            assert list(tx.world.posts) == ["new"]
        assert list(tx.world.posts) == ["old"]


def test_nobody_makes_a_savepoint_behind_the_back_of_what_waits() -> None:
    root = Path(engine.db.__file__).parents[1]
    rooms = [p for top in ("api", "casework", "cli", "engine", "tasks") for p in (root / top).rglob("*.py")]
    made = [p.relative_to(root).as_posix() for p in rooms if "begin_nested" in p.read_text(encoding="utf-8")]
    assert made == ["engine/db.py"]


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
