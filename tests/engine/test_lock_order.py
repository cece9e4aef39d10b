"""Who locks what first: the case before its rows, several cases in one order, so that nobody waits crosswise."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from engine import cases, incidents, messages, step
from engine.db import Database, Tx
from engine.tables import jobs, subscriptions, timers
from tasks import sweep
from tests.engine.models import NOW, bundle, flow, job
from tests.engine.test_cases import A, begin, complete, tasks
from tests.engine.test_one_bad_row import clocks_of, late, stepped

NAMES = '<bpmn:message id="m1" name="m1"/><bpmn:message id="m2" name="m2"/>'


def catch(element: str, message: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{element}"><bpmn:messageEventDefinition messageRef="{message}"/></bpmn:intermediateCatchEvent>'


def reminder(db: Database, case: str) -> datetime:
    (at,) = {c.next_at for c in clocks_of(db, case) if c.next_at is not None}
    return at


@pytest.mark.postgres
@pytest.mark.parametrize("db", ["postgres"], indirect=True)
def test_a_reminder_passes_by_a_case_somebody_works_on_and_comes_back(db: Database) -> None:
    busy, free = stepped(db, "busy"), stepped(db, "free")
    now, heard = max(reminder(db, busy), reminder(db, free)), list[str]()
    telling = Database(
        db.engine, db.world.with_(on_clocks=lambda _tx, events, _now: heard.extend(e.case_id for e in events))
    )
    with db.begin() as tx:
        step.lock(tx, busy)
        sweep.remind(telling, now)
        assert heard == [free]
    sweep.remind(telling, now)
    assert heard == [free, busy]


@pytest.mark.postgres
@pytest.mark.parametrize("db", ["postgres"], indirect=True)
def test_a_person_waits_for_the_reminders_of_the_case_and_both_go_through(db: Database) -> None:
    case = stepped(db, "busy")
    (row,), there, wrong = tasks(db, case), threading.Event(), list[BaseException]()

    def act() -> None:
        try:
            complete(db, A, row)
        except BaseException as error:
            wrong.append(error)

    person = threading.Thread(target=act)

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        # Waiting for the case – or, were it free, already past it and at the clocks.
        if threading.current_thread() is person and "FOR UPDATE" in statement.upper():
            there.set()

    def tell(tx: Tx, _events: Any, now: datetime) -> None:
        tx.send()
        person.start()
        there.wait(20)
        person.join(0.5)  # as far as it comes without us
        incidents.open_(tx, case, "busy", "v", "clock", case, "c", "m", now)  # a row that names the case

    event.listen(db.engine, "before_cursor_execute", note)
    telling = Database(db.engine, db.world.with_(on_clocks=tell))
    assert sweep._remind(telling, reminder(db, case), 10) == 1
    person.join(20)
    assert wrong == []
    assert [t.element for t in tasks(db, case)] == ["z"]


def test_receivers_of_a_message_are_locked_in_one_order(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two messages to the same two cases, which began to wait for them in opposite order."""
    ends = '<bpmn:parallelGateway id="p"/><bpmn:endEvent id="e2"/>' + catch("c1", "m1") + catch("c2", "m2")
    body = ends + flow("start", "p", "c1", "end") + flow("p", "c2", "e2")
    first, second = begin(db, bundle("pa", body, NAMES)), begin(db, bundle("pb", body, NAMES))
    s, locked, whole = subscriptions.c, list[str](), step.lock
    with db.transaction() as tx:
        for name, case in (("m1", first), ("m2", second)):
            older = update(subscriptions).where(s.name == name, s.case_id == case)
            tx.run(older.values(created_at=NOW - timedelta(hours=1)))

    def lock(tx: Tx, case_id: str) -> step.Case:
        locked.append(case_id)
        return whole(tx, case_id)

    monkeypatch.setattr(step, "lock", lock)
    for name in ("m1", "m2"):
        locked.clear()
        with db.transaction() as tx:
            assert len(messages.deliver(tx, name, None, {}, now=NOW)) == 2
        assert locked == sorted({first, second})


@pytest.mark.parametrize("kind", ["job", "timer"])
def test_a_failure_is_noted_under_the_lock_of_its_case(db: Database, kind: str) -> None:
    if kind == "job":
        begin(db, bundle("fj", job("j", "no.such") + flow("start", "j", "end")))
        table, fail = jobs, cases.fail_job
    else:
        late(db, "late")
        table, fail = timers, cases.fail_timer
    with db.transaction() as tx:
        key = tx.run(select(table.c.id)).scalar_one()
        tx.run(update(table).values(attempt=2))
    sent: list[str] = []
    event.listen(
        db.engine,
        "before_cursor_execute",
        lambda _c, _k, text, *_: sent.append(" ".join(text.lower().split())),
    )
    with db.transaction() as tx:
        assert fail(tx, key, "c", "m", NOW)
    held = next(n for n, text in enumerate(sent) if text.startswith("select cases.id"))
    read = [n for n, text in enumerate(sent) if text.startswith(f"select {table.name}.id")]
    written = next(n for n, text in enumerate(sent) if text.startswith("update"))
    assert held < read[-1] < written, "locked, read again, written"
