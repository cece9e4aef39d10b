"""Messages nobody waits for yet: none is lost, none is taken twice, and none stops the person whose step begins to wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from engine import cases, definitions, history, messages, moving, subscriptions
from engine.db import Database, Tx
from engine.errors import NotFound
from engine.tables import incidents, user_tasks
from engine.tables import messages as messages_table
from engine.tables import subscriptions as subscriptions_table
from tasks import sweep
from tests.engine.models import NOW, VILLAGE, bundle, flow, user_task
from tests.engine.test_cases import A, begin, complete, status, tasks
from tests.engine.test_undelivered import WHICH, mended, retry, told

NAMES = '<bpmn:message id="m1" name="m1"/><bpmn:message id="m2" name="m2"/>'
KEYED = (
    '<bpmn:message id="k" name="m1"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/>'
    "</bpmn:extensionElements></bpmn:message>"
)
DAY = timedelta(days=1)


def catch(element: str, name: str) -> str:
    return (
        f'<bpmn:intermediateCatchEvent id="{element}"><bpmn:messageEventDefinition messageRef="{name}"/>'
        "</bpmn:intermediateCatchEvent>"
    )


def buffered(db: Database, *names: str, key: str | None = None, **values: Any) -> None:
    """These messages were sent, one after the other, and nobody was there."""
    for number, name in enumerate(names):
        with db.transaction() as tx:
            assert messages.deliver(tx, name, key, values, now=NOW + timedelta(seconds=number), ttl=DAY) == []
    sweep.drain(db, NOW)
    assert {state for _, state in posted(db)} == {"waiting"}


def posted(db: Database) -> list[tuple[str, str]]:
    with db.reading() as tx:
        rows = tx.run(
            select(messages_table.c.name, messages_table.c.state).order_by(messages_table.c.created_at)
        )
        return [(row.name, row.state) for row in rows]


def names(db: Database, case: str) -> list[str]:
    return sorted(t.element for t in tasks(db, case))


ONE = user_task("a") + catch("c1", "m1") + user_task("b") + flow("start", "a", "c1", "b", "end")
GATE = (
    user_task("a")
    + '<bpmn:eventBasedGateway id="v"/>'
    + catch("c1", "m1")
    + catch("c2", "m2")
    + user_task("b")
    + flow("start", "a", "v", "c1", "b", "end")
    + flow("v", "c2", "b")
)
SIDES = (
    user_task("a")
    + '<bpmn:parallelGateway id="p"/><bpmn:endEvent id="end2"/>'
    + catch("c1", "m1")
    + catch("c2", "m2")
    + catch("c3", "m2")
    + user_task("b")
    + user_task("c")
    + flow("start", "a", "p", "c1", "c2", "b", "end")
    + flow("p", "c3", "c", "end2")
)
FAILS = user_task("a") + catch("c2", "m2") + WHICH + flow("start", "a", "c2", "which", "end")


def test_of_two_messages_at_an_event_gateway_the_older_is_taken_and_the_other_waits_on(db: Database) -> None:
    case = begin(db, bundle("gate", GATE, NAMES))
    buffered(db, "m2", "m1")
    complete(db, A, tasks(db, case)[0])
    sweep.drain(db, NOW)
    assert names(db, case) == ["b"]
    assert posted(db) == [("m2", "delivered"), ("m1", "waiting")]
    with db.reading() as tx:
        heard = [e.payload["element"] for e in history.entries(tx, case) if e.kind == "message.delivered"]
        assert heard == ["c2"]
        assert history.verify(tx, case) is None


def test_one_message_is_taken_once_however_many_paths_wait_for_it(db: Database) -> None:
    case = begin(db, bundle("sides", SIDES, NAMES))
    buffered(db, "m1", "m2")
    complete(db, A, tasks(db, case)[0])
    sweep.drain(db, NOW)
    assert len(names(db, case)) == 1
    assert posted(db) == [("m1", "delivered"), ("m2", "delivered")]
    complete(db, A, tasks(db, case)[0])
    with db.transaction() as tx:
        assert messages.deliver(tx, "m2", None, {}, now=NOW) == [case]
    assert len(names(db, case)) == 1


def test_a_person_is_not_stopped_by_a_message_that_cannot_be_taken(db: Database) -> None:
    case = begin(db, bundle("fails", FAILS, NAMES))
    buffered(db, "m2", "m2")
    complete(db, A, tasks(db, case)[0])
    assert told(db, case) == []
    sweep.drain(db, NOW)
    assert told(db, case) == [("message", "which", "open")] * 2
    assert {state for _, state in posted(db)} == {"expired"}
    mended(db, case, ok=True)
    retry(db, case)
    assert status(db, case) == "completed"


def test_what_was_delivered_before_stands_when_the_message_after_it_fails(db: Database) -> None:
    body = catch("c1", "m1") + catch("c2", "m2") + WHICH + flow("start", "c1", "c2", "which", "end")
    case = begin(db, bundle("nest", body, NAMES))
    buffered(db, "m2", v=2)
    with db.transaction() as tx:
        subscriptions.put(tx, "m1", None, {"v": 1}, NOW + DAY / 2)
    sweep.drain(db, NOW)
    assert posted(db) == [("m2", "expired"), ("m1", "delivered")]
    with db.reading() as tx:
        (incident,) = tx.run(select(incidents)).all()
        kept = subscriptions.message(tx, incident.ref)
        assert (kept.name, kept.variables) == ("m2", {"v": 2})
        assert history.verify(tx, case) is None
    mended(db, case, ok=True)
    retry(db, case)
    assert status(db, case) == "completed"


def test_a_message_that_fails_for_another_reason_is_kept_too(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = begin(db, bundle("one", ONE, NAMES))
    buffered(db, "m1")
    complete(db, A, tasks(db, case)[0])

    def unknown(*_args: Any) -> Any:
        raise NotFound("没有这个时限。", "No such term.")

    with monkeypatch.context() as patched:
        patched.setattr("engine.messages.take", unknown)
        sweep.drain(db, NOW)
    assert told(db, case) == [("message", "c1", "open")]
    retry(db, case)
    assert names(db, case) == ["b"]


def test_a_message_with_a_key_is_for_who_asks_for_it_or_for_none(db: Database) -> None:
    keyed = user_task("a") + catch("c1", "k") + user_task("b") + flow("start", "a", "c1", "b", "end")
    mine = begin(db, bundle("keyed", keyed, KEYED), key="k1")
    with db.transaction() as tx:
        other = cases.start(
            tx, "keyed", now=NOW, area=VILLAGE, number="keyed-2", title="某", variables={"key": "k2"}
        )
    open_to_all = begin(db, bundle("one", ONE, NAMES))
    buffered(db, "m1", key="k1")
    for case in (other, mine):
        complete(db, A, tasks(db, case)[0])
        sweep.drain(db, NOW)
    assert (names(db, other), names(db, mine)) == ([], ["b"])
    assert posted(db) == [("m1", "delivered")]
    with db.transaction() as tx:
        messages.deliver(tx, "m1", "k9", {}, now=NOW, ttl=DAY)
    sweep.drain(db, NOW)
    complete(db, A, tasks(db, open_to_all)[0])
    sweep.drain(db, NOW)
    assert names(db, open_to_all) == ["b"]


def test_a_message_whose_time_is_over_reaches_nobody(db: Database) -> None:
    case = begin(db, bundle("one", ONE, NAMES))
    buffered(db, "m1")
    complete(db, A, tasks(db, case)[0], now=NOW + 2 * DAY)
    sweep.drain(db, NOW + 2 * DAY)
    assert names(db, case) == []


def test_a_case_moved_to_a_version_that_waits_gets_what_lies_in_the_buffer(db: Database) -> None:
    case = begin(db, bundle("two", user_task("a") + user_task("b") + flow("start", "a", "b", "end"), NAMES))
    buffered(db, "m1")
    later = (
        '<bpmn:parallelGateway id="p"/><bpmn:endEvent id="e2"/>'
        + user_task("a")
        + user_task("b")
        + user_task("n")
        + catch("c1", "m1")
        + flow("start", "p", "a", "b", "end")
        + flow("p", "c1", "n", "e2")
    )
    with db.transaction() as tx:
        definitions.deploy(tx, bundle("two", later, NAMES), now=NOW)
    with db.transaction() as tx:
        moving.move(tx, None, case, moving.target_of(tx, "two", None, NOW), moving.Moves(), NOW)
    sweep.drain(db, NOW)
    assert names(db, case) == ["a", "n"]


def test_a_case_moved_to_a_version_that_waits_for_another_message_gets_that_one(db: Database) -> None:
    body = user_task("a") + catch("c1", "m2") + user_task("b") + flow("start", "c1", "a", "b", "end")
    case = begin(db, bundle("one", body, NAMES))
    buffered(db, "m1")
    with db.transaction() as tx:
        definitions.deploy(tx, bundle("one", body.replace('"m2"', '"m1"'), NAMES), now=NOW)
    with db.transaction() as tx:
        moving.move(tx, None, case, moving.target_of(tx, "one", None, NOW), moving.Moves(), NOW)
    sweep.drain(db, NOW)
    assert names(db, case) == ["a"]


# ------------------------------------------------------------------------------------------ at the same moment
def together(*doing: Callable[[], Any]) -> None:
    barrier, wrong = threading.Barrier(len(doing)), list[BaseException]()

    def run(do: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            do()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(do,)) for do in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def crosswise(
    db: Database, first: Callable[[Tx], Any], second: Callable[[Tx], Any], *, waits: str, commit: bool = True
) -> None:
    """`first` has written and not committed when `second` comes to the statement that begins with `waits` (or is through)."""
    there, wrong = threading.Event(), list[BaseException]()

    def later() -> None:
        try:
            with db.transaction() as tx:
                second(tx)
        except BaseException as error:
            wrong.append(error)
        finally:
            there.set()

    thread = threading.Thread(target=later)

    def watching(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if threading.current_thread() is thread and statement.lower().startswith((waits, "begin")):
            there.set()

    event.listen(db.engine, "before_cursor_execute", watching)
    with db.begin() as tx:
        first(tx)
        tx.send()
        thread.start()
        there.wait()
        if commit:
            tx.commit()
    thread.join()
    assert wrong == []


def test_one_message_reaches_one_of_two_cases_that_begin_to_wait_at_once(db: Database) -> None:
    begin(db, bundle("one", ONE, NAMES))
    for number in range(5):
        with db.transaction() as tx:
            two = [
                cases.start(tx, "one", now=NOW, area=VILLAGE, number=f"{number}-{i}", title="某")
                for i in (0, 1)
            ]
        buffered(db, "m1")
        first, second = (tasks(db, case)[0] for case in two)
        together(lambda row=first: complete(db, A, row), lambda row=second: complete(db, A, row))  # type: ignore[misc]
        together(lambda: sweep.run_due(db, NOW), lambda: sweep.run_due(db, NOW))
        assert sorted(names(db, case) for case in two) == [[], ["b"]]
        with db.transaction() as tx:  # nobody waits any more for the next round
            tx.run(subscriptions_table.update().values(state="closed"))
            tx.run(messages_table.delete())


@pytest.mark.parametrize("rolled_back", [False, True])
def test_a_message_claimed_by_another_case_that_then_fails_is_not_lost(
    db: Database, rolled_back: bool
) -> None:
    """Two workers bring the only message to two cases; the first has claimed it and does or does not commit."""
    one = begin(db, bundle("one", ONE, NAMES))
    with db.transaction() as tx:
        other = cases.start(tx, "one", now=NOW, area=VILLAGE, number="one-2", title="某")
    buffered(db, "m1")
    for case in (one, other):
        complete(db, A, tasks(db, case)[0])

    def fetch(tx: Tx, case: str) -> None:
        messages.fetch(tx, case, NOW)

    crosswise(
        db,
        lambda tx: fetch(tx, one),
        lambda tx: fetch(tx, other),
        waits="update messages",
        commit=not rolled_back,
    )
    sweep.drain(db, NOW)
    assert [names(db, one), names(db, other)] == ([[], ["b"]] if rolled_back else [["b"], []])


@pytest.mark.postgres
@pytest.mark.parametrize("db", ["postgres"], indirect=True)
@pytest.mark.parametrize("faster", ["worker", "person"])
def test_a_message_laid_down_while_a_case_begins_to_wait_is_not_lost(db: Database, faster: str) -> None:
    """Neither sees the other's row; the one who is later waits for the other's commit. SQLite has one writer."""
    case = begin(db, bundle("one", ONE, NAMES))
    with db.transaction() as tx:
        subscriptions.put(tx, "m1", None, {}, NOW)
    row = tasks(db, case)[0]

    def relays(tx: Tx) -> None:
        (key,) = subscriptions.on_their_way(tx)
        message = subscriptions.sent(tx, key)
        assert message is not None
        messages.relay(tx, message, NOW)

    def waits(tx: Tx) -> None:
        cases.complete(tx, A, row.id, row.revision, {}, NOW)

    first, second = (relays, waits) if faster == "worker" else (waits, relays)
    crosswise(db, first, second, waits="select pg_advisory")
    sweep.drain(db, NOW)
    assert (names(db, case), posted(db)) == (["b"], [("m1", "delivered")])


def test_a_step_that_begins_to_wait_asks_nothing_more_of_the_database(db: Database) -> None:
    case = begin(db, bundle("one", ONE, NAMES))
    row = tasks(db, case)[0]
    statements, commits = list[str](), list[object]()
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, text, *_: statements.append(text))
    event.listen(db.engine, "commit", commits.append)
    complete(db, A, row)
    work = [s for s in statements if not s.lower().startswith(("begin", "savepoint"))]
    assert len(work) <= 8, work
    assert len(commits) == 1
    with db.reading() as tx:
        assert tx.run(select(user_tasks.c.state)).scalars().all() == ["completed"]
