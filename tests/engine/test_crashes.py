"""A crash at each statement of each use case, and at the commit: nothing of it is left, and the next try does it whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from engine import asking, cases, definitions, hands, moving, requests, worklist
from engine.bundle import Bundle, bundle_of
from engine.db import Database, Tx, metadata
from engine.replay import Moves
from engine.tables import cases as cases_table
from engine.tables import incidents, user_tasks
from tests.engine.models import NOW, VILLAGE, town
from tests.engine.test_restart import ACTOR, STORY, Do, complete, made

OTHER = town("乙")
HOUR = timedelta(hours=1)


def another() -> Bundle:
    """The same line in a second version: a step is called differently."""
    files = dict(made().files)
    files["line.bpmn"] = files["line.bpmn"].replace(b'name="urged"', b'name="reminded"')
    return bundle_of("line", files)


class Crash(Exception):
    """The machine stops here."""


@contextmanager
def crashing(db: Database, at: int) -> Iterator[list[int]]:
    """The statement number `at` (from 1) is not executed: the machine has stopped. Yields how many were begun."""
    count = [0]

    def before(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if not text.lower().startswith(("begin", "savepoint", "release", "rollback")):
            count[0] += 1
            if count[0] == at:
                raise Crash

    event.listen(db.engine, "before_cursor_execute", before)
    try:
        yield count
    finally:
        event.remove(db.engine, "before_cursor_execute", before)


def everything(db: Database) -> dict[str, list[str]]:
    """Every row of every table."""
    with db.reading() as tx:
        return {
            table.name: sorted(repr(tuple(row)) for row in tx.run(select(table)))
            for table in metadata.sorted_tables
        }


def row_of(tx: Tx, case: str, element: str) -> Any:
    return min((t for t in worklist.open_of_case(tx, case) if t.element == element), key=lambda t: t.path)


def claim(tx: Tx, case: str, now: datetime) -> None:
    row = row_of(tx, case, "verify")
    cases.claim(tx, ACTOR, row.id, row.revision, now)


def release(tx: Tx, case: str, now: datetime) -> None:
    row = row_of(tx, case, "verify")
    cases.release(tx, ACTOR, row.id, row.revision, now)


def draft(tx: Tx, case: str, now: datetime) -> None:
    row = row_of(tx, case, "verify")
    cases.draft(tx, ACTOR, row.id, row.revision, {"amount": 3}, now)


def fails(tx: Tx, case: str, now: datetime) -> None:
    cases.fail_task(tx, row_of(tx, case, "verify").id, "verify", "boom", "坏了", {"amount": 1}, now)


def retry(tx: Tx, _case: str, now: datetime) -> None:
    row = tx.run(select(incidents.c.id, incidents.c.revision).where(incidents.c.state == "open")).one()
    cases.retry(tx, ACTOR, row.id, row.revision, now)


def cancel(tx: Tx, case: str, now: datetime) -> None:
    revision = tx.run(select(cases_table.c.revision).where(cases_table.c.id == case)).scalar_one()
    cases.cancel(tx, ACTOR, case, revision, "重复上报", now)


def move(tx: Tx, case: str, now: datetime) -> None:
    cases.move(tx, case, f"{VILLAGE[:-3]}202", now, reason="搬家", actor=ACTOR)


def ask(tx: Tx, case: str, now: datetime) -> None:
    row = row_of(tx, case, "verify")
    asking.ask(tx, ACTOR, row.id, row.revision, "presign", [OTHER], "请看看", now)


def _asked(tx: Tx, case: str, kind: str) -> Any:
    return next(r for r in requests.of_case(tx, case) if r.kind == kind and r.state == "open")


def answer(tx: Tx, case: str, now: datetime) -> None:
    asking.answer(tx, OTHER, _asked(tx, case, "presign").id, 1, "agree", "", now)


def ask_no_more(tx: Tx, case: str, now: datetime) -> None:
    asking.withdraw_request(tx, ACTOR, _asked(tx, case, "presign").id, 1, "", now)


def copy(tx: Tx, case: str, now: datetime) -> None:
    asking.copy(tx, ACTOR, case, [OTHER], "请阅", now)


def read(tx: Tx, case: str, now: datetime) -> None:
    asking.read(tx, OTHER, _asked(tx, case, "copy").id, now)


def urge(tx: Tx, case: str, now: datetime) -> None:
    asking.urge(tx, OTHER, row_of(tx, case, "verify").id, "", now)


def transfer(tx: Tx, case: str, now: datetime) -> None:
    row = row_of(tx, case, "verify")
    hands.transfer(tx, ACTOR, row.id, row.revision, OTHER, "出差", now)


def hand_over(tx: Tx, _case: str, now: datetime) -> None:
    assert hands.hand_over(tx, ACTOR, OTHER.id, ACTOR, "调离", now) == (1, 0)


def migrate(tx: Tx, case: str, now: datetime) -> None:
    verdict = moving.move(tx, ACTOR, case, moving.target_of(tx, "line", 2, now), Moves(), now)
    assert verdict.state == "moves"


def migrate_back(tx: Tx, case: str, now: datetime) -> None:
    moving.undo(tx, ACTOR, case, now)


def take_back(tx: Tx, case: str, now: datetime) -> None:
    u = user_tasks.c
    query = select(u.id).where(u.case_id == case, u.element == "verify", u.state == "completed")
    hands.take_back(tx, ACTOR, tx.run(query).scalar_one(), now)


def send_back(tx: Tx, case: str, now: datetime) -> None:
    row = row_of(tx, case, "visit")
    hands.send_back(tx, ACTOR, row.id, row.revision, "verify", "请补充", now)


EARLY: list[tuple[timedelta, Do]] = [
    (HOUR, claim),
    (HOUR, draft),
    (HOUR, release),
    (HOUR, fails),
    (HOUR, retry),
    (HOUR, move),
    (HOUR, ask),
    (HOUR, answer),
    (HOUR, ask),
    (HOUR, ask_no_more),
    (HOUR, copy),
    (HOUR, read),
    (HOUR, urge),
    (HOUR, transfer),
    (HOUR, hand_over),
    (HOUR, migrate),
    (HOUR, migrate_back),
    (HOUR, migrate),
]
AGAIN: list[tuple[timedelta, Do]] = [
    (HOUR, take_back),
    (HOUR, complete("verify", amount=600)),
    (HOUR, send_back),
    (HOUR, complete("verify", amount=500)),
]
"""Right after `verify` is done for the first time."""


def interrupted(db: Database, do: Callable[[Tx], Any]) -> None:
    """The machine stops before the commit, if not earlier."""
    with db.begin() as tx:
        do(tx)
        tx.send()
        raise Crash


def every_statement(db: Database, do: Callable[[Tx], Any]) -> int:
    """Crash at the first statement, the second … and the commit; then do it. Returns the number of statements."""
    before = everything(db)
    at = 0
    while True:
        at += 1
        with crashing(db, at) as count, pytest.raises(Crash):
            interrupted(db, do)
        assert everything(db) == before
        if count[0] < at:
            break
    with db.transaction() as tx:
        do(tx)
    assert everything(db) != before
    return at - 1


@pytest.mark.parametrize("end", [None, cancel], ids=["to the end", "cancelled"])
def test_a_crash_anywhere_leaves_all_or_nothing(db: Database, end: Do | None) -> None:
    now = NOW
    case: list[str] = []
    with db.transaction() as tx:
        definitions.deploy(tx, made(), now=now)

    def begin(tx: Tx) -> None:
        case[:] = [
            cases.start(
                tx, "line", now=NOW, area=VILLAGE, number="line-1", title="某", variables={"voucher": "v1"}
            )
        ]

    statements = [every_statement(db, begin)]
    with db.transaction() as tx:
        definitions.deploy(tx, another(), now=now + 2 * HOUR)
    story = [*EARLY, *STORY[:3], *AGAIN, *STORY[3:]] if end is None else [*EARLY, *STORY[:4], (HOUR, end)]
    for wait, do in story:
        now += wait
        statements.append(every_statement(db, lambda tx, do=do, now=now: do(tx, case[0], now)))  # type: ignore[misc]
    assert min(statements) >= 2
    with db.reading() as tx:
        status = tx.run(select(cases_table.c.status).where(cases_table.c.id == case[0])).scalar_one()
    assert status == ("completed" if end is None else "cancelled")
