"""What the worker asks again and again, and what reports count, is found by an index: never a walk over a whole table, never a sort of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from casework import report_facts, seed
from engine import jobs, reminders, reprojection, subscriptions
from engine.db import Database, Tx, connect, metadata
from engine.world import World
from tasks import sweep
from tests.tasks.rig import NOW

LARGE = ("jobs", "timers", "clocks", "history", "messages", "subscriptions", "user_tasks")


@pytest.fixture
def lite(world: World) -> Iterator[Database]:
    """SQLite says beforehand how it will go about a statement, however little there is in the tables."""
    found = Database(connect("sqlite://"), world)
    metadata.create_all(found.engine)
    yield found
    found.engine.dispose()


def facts(tx: Tx) -> None:
    window = report_facts.Window.of(tx, seed.TOWN, date(2026, 8, 1), NOW)
    list(report_facts.of_month(tx, window))


@pytest.mark.parametrize(
    "ask",
    [
        lambda tx: jobs.lease_jobs(tx, NOW),
        lambda tx: jobs.lease_timers(tx, NOW),
        lambda tx: reminders.lease(tx, NOW),
        reprojection.waiting,
        subscriptions.fetching,
        sweep.next_due,
        facts,
    ],
    ids=["jobs", "timers", "reminders", "calendar", "buffer", "ahead", "report"],
)
def test_large_tables_are_asked_by_an_index(lite: Database, ask: Callable[[Tx], Any]) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    with lite.begin() as tx:
        tx.world  # noqa: B018 - the law is asked for before we listen
        event.listen(lite.engine, "before_cursor_execute", note)
        ask(tx)
        event.remove(lite.engine, "before_cursor_execute", note)
        plans = {
            sql: tx.connection.exec_driver_sql(f"explain query plan {sql}", given).all()
            for sql, given in asked
        }
    assert plans
    for sql, plan in plans.items():
        steps = [str(row[-1]) for row in plan]
        walks = [step for step in steps for table in LARGE if step == f"SCAN {table}"]
        assert walks == [], sql
        if ask is not facts:
            assert [step for step in steps if "B-TREE FOR ORDER BY" in step] == [], sql
