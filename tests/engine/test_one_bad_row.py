"""What goes wrong with one row – a timer, job, message, reminder, date or turn – is shown to a person and stops no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from engine import cases, clocks, incidents, jobs, messages, reprojection, starting, subscriptions, worklist
from engine.calendar import ZONE
from engine.db import Database, Tx
from engine.errors import StepFailed
from engine.tables import cases as cases_table
from engine.tables import messages as messages_table
from engine.tables import timers
from tasks import sweep
from tests.engine.models import NOW, VILLAGE, bundle, flow, job, user_task
from tests.engine.test_cases import A, begin, complete, tasks
from tests.engine.test_starting import TOWNS, deploy, live, made, places

HOUR = timedelta(hours=1)
NAMES = '<bpmn:message id="m" name="told"/><bpmn:signal id="g" name="halt"/>'


def timer(duration: str) -> str:
    definition = f"<bpmn:timeDuration>{duration}</bpmn:timeDuration>"
    event = f"<bpmn:timerEventDefinition>{definition}</bpmn:timerEventDefinition>"
    return f'<bpmn:intermediateCatchEvent id="t">{event}</bpmn:intermediateCatchEvent>'


def late(db: Database, key: str, duration: str = "PT1H") -> str:
    return begin(db, bundle(key, timer(duration) + user_task("a") + flow("start", "t", "a", "end")))


def names(db: Database, case: str) -> list[str]:
    return sorted(row.element for row in tasks(db, case))


def told(db: Database, case: str) -> list[tuple[str, str, str]]:
    with db.reading() as tx:
        return [(row.kind, row.code, row.state) for row in incidents.of_case(tx, case)]


def retry(db: Database, case: str, now: datetime) -> None:
    with db.transaction() as tx:
        (row,) = [one for one in incidents.of_case(tx, case) if one.state == "open"]
        cases.retry(tx, A, row.id, row.revision, now)


def broken_for(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, which: Callable[..., bool], error: Exception
) -> None:
    """A function that fails for some of what it is given, with an error nobody foresaw."""
    whole = getattr(module, name)

    def failing(*given: Any) -> Any:
        if which(*given):
            raise error
        return whole(*given)

    monkeypatch.setattr(module, name, failing)


def test_a_timer_with_an_unforeseen_error_is_tried_thrice_and_shown_and_others_fire(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = late(db, "bad"), late(db, "good", "PT2H")
    with monkeypatch.context() as patch:
        broken_for(patch, cases, "take", lambda _tx, case, *_: case.id == bad, KeyError("nobody foresaw"))
        now = NOW + 3 * HOUR
        sweep.run_due(db, now)
        assert (names(db, good), told(db, bad)) == (["a"], [])
        for _ in range(4):
            now += HOUR
            sweep.run_due(db, now)
        assert told(db, bad) == [("timer", "unexpected", "open")]
        assert sweep.drain(db, now) == 0, "it waits for a person"
    retry(db, bad, now)
    sweep.drain(db, now)
    assert (names(db, bad), told(db, bad)) == (["a"], [("timer", "unexpected", "resolved")])


def test_a_term_nobody_knows_is_an_incident_at_its_step(db: Database) -> None:
    body = user_task("a") + user_task("b", term="=kind") + flow("start", "a", "b", "end")
    case = begin(db, bundle("two", body), kind="nonsense.term")
    with pytest.raises(StepFailed) as failed:
        complete(db, A, tasks(db, case)[0])
    assert (failed.value.element, "nonsense.term" in failed.value.message) == ("b", True)


def test_what_cannot_even_be_noted_stops_nobody_and_comes_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = late(db, "bad"), late(db, "good", "PT2H")
    now = NOW + 3 * HOUR
    with monkeypatch.context() as patch:
        broken_for(patch, cases, "take", lambda _tx, case, *_: case.id == bad, KeyError("first"))
        broken_for(patch, cases, "fail_timer", lambda *_: True, KeyError("second"))
        sweep.run_due(db, now)
        assert names(db, good) == ["a"]
    sweep.drain(db, now + jobs.LEASE + HOUR)
    assert names(db, bad) == ["a"]


def test_who_was_only_in_the_way_of_another_is_tried_again_at_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, count = late(db, "good"), iter(range(9))
    deadlock = OperationalError("", None, Exception("deadlock detected"))
    broken_for(monkeypatch, cases, "take", lambda *_: next(count) < 2, deadlock)
    sweep.drain(db, NOW + HOUR)
    assert (names(db, case), told(db, case)) == (["a"], [])


def test_a_kind_of_work_that_cannot_be_looked_at_stops_no_other_and_is_not_hidden(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = late(db, "good")
    broken_for(monkeypatch, subscriptions, "on_their_way", lambda *_: True, KeyError("first kind"))
    with pytest.raises(KeyError, match="first kind"):
        sweep.run_due(db, NOW + HOUR)
    assert names(db, case) == ["a"]


# ------------------------------------------------------------------------------------------ messages
def throw(db: Database, case: str, number: int, kind: str = "message", name: str = "told") -> str:
    with db.transaction() as tx:
        return subscriptions.put(
            tx, name, None, {"n": number}, NOW + number * HOUR, kind=kind, sender=case, ttl=timedelta(days=9)
        )


def test_a_message_with_an_unforeseen_error_is_its_senders_and_the_next_one_is_delivered(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = begin(db, bundle("sender", user_task("a") + flow("start", "a", "end")))
    bad, good = throw(db, sender, 1), throw(db, sender, 2)
    with monkeypatch.context() as patch:
        broken_for(patch, messages, "relay", lambda _tx, one, _now: one.id == bad, KeyError("nobody foresaw"))
        sweep.drain(db, NOW)
    assert told(db, sender) == [("message", "unexpected", "open")]
    states = dict(_states(db))
    assert (states[bad], states[good]) == ("expired", "waiting")
    retry(db, sender, NOW)
    sweep.drain(db, NOW)
    assert dict(_states(db))[bad] == "waiting"


def _states(db: Database) -> list[tuple[str, str]]:
    with db.reading() as tx:
        return [(row.id, row.state) for row in tx.run(select(messages_table.c.id, messages_table.c.state))]


def test_one_receiver_with_an_unforeseen_error_keeps_the_signal_and_the_others_hear_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    catch = '<bpmn:intermediateCatchEvent id="c"><bpmn:signalEventDefinition signalRef="g"/></bpmn:intermediateCatchEvent>'
    listen = bundle("listen", catch + user_task("z") + flow("start", "c", "z", "end"), NAMES)
    bad, sender = begin(db, listen), begin(db, bundle("sender", user_task("a") + flow("start", "a", "end")))
    with db.transaction() as tx:
        good = cases.start(tx, "listen", now=NOW, area=VILLAGE, number="listen-2", title="某")
    throw(db, sender, 1, "signal", "halt")
    taken = messages.take

    def half(tx: Tx, case: Any, *given: Any) -> Any:
        done = taken(tx, case, *given)
        if case.id == bad:
            raise KeyError("after all of it was written")
        return done

    with monkeypatch.context() as patch:
        patch.setattr(messages, "take", half)
        sweep.drain(db, NOW)
    assert (names(db, bad), names(db, good)) == ([], ["z"])
    assert (told(db, bad), told(db, sender)) == ([("message", "unexpected", "open")], [])
    retry(db, bad, NOW)
    assert names(db, bad) == ["z"]


def test_a_number_in_a_long_line_of_senders_is_cut(db: Database) -> None:
    start = (
        '<bpmn:startEvent id="s"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
        + user_task("a")
        + '<bpmn:intermediateThrowEvent id="say"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateThrowEvent>'
        + flow("start", "a", "say", "end")
        + flow("s", "a")
    )
    begin(db, bundle("chain", start, NAMES))
    for _ in range(15):
        with db.reading() as tx:
            open_ = tx.run(select(worklist.user_tasks).where(worklist.T.state == "open")).all()
        complete(db, A, open_[0])
        sweep.drain(db, NOW)
    with db.reading() as tx:
        numbers = list(tx.run(select(cases_table.c.number)).scalars())
    assert (len(set(numbers)), max(map(len, numbers))) == (16, 64)


# ------------------------------------------------------------------------------------------ U+0000
SCRIPT = (
    '<bpmn:scriptTask id="k"><bpmn:extensionElements><zeebe:script expression="=&quot;a{0}b&quot;" '
    'resultVariable="x"/></bpmn:extensionElements></bpmn:scriptTask>'
)


@pytest.mark.parametrize(
    ("text", "stored"), [("\\u0000", False), ("\\\\u0000", True), ("\\\\\\u0000", False)]
)
def test_a_text_with_u0000_is_refused_by_both_databases(db: Database, text: str, stored: bool) -> None:
    body = user_task("a") + SCRIPT.format(text) + user_task("b") + flow("start", "a", "k", "b", "end")
    case = begin(db, bundle("nul", body))
    if stored:  # a backslash and letters
        complete(db, A, tasks(db, case)[0])
        return
    with pytest.raises(StepFailed, match="U\\+0000"):
        complete(db, A, tasks(db, case)[0])
    assert names(db, case) == ["a"]


def test_an_error_with_u0000_in_its_words_can_be_shown(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    case = begin(db, bundle("fj", job("j", "x") + flow("start", "j", "end")))
    broken_for(monkeypatch, sweep, "_handle", lambda *_: True, ValueError("a\0b"))
    for hour in range(5):
        sweep.run_due(db, NOW + hour * HOUR)
    assert told(db, case) == [("job", "unexpected", "open")]


# ------------------------------------------------------------------------------------------ dates, reminders, turns
def stepped(db: Database, number: str) -> str:
    body = user_task("v", term="survey.assign") + user_task("z") + flow("start", "v", "z", "end")
    case = begin(db, bundle(number, body))
    assert clocks_of(db, case)
    return case


def clocks_of(db: Database, case: str) -> list[clocks.Clock]:
    with db.reading() as tx:
        return clocks.of_case(tx, case)


def test_a_case_that_cannot_be_dated_anew_is_shown_and_left_alone(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = stepped(db, "bad"), stepped(db, "good")
    newer = replace(db.world.calendar, serial=db.world.calendar.serial + 1)
    later = Database(db.engine, db.world.with_(calendar=newer))
    with monkeypatch.context() as patch:
        broken_for(patch, reprojection, "reproject", lambda _tx, case, _now: case == bad, KeyError("no date"))
        sweep.drain(later, NOW)
        assert [c.calendar for c in clocks_of(db, good)] == [newer.serial]
        assert told(db, bad) == [("dates", "unexpected", "open")]
        assert sweep.run_due(later, NOW) == 0, "it waits for a person"
    retry(later, bad, NOW)
    assert [c.calendar for c in clocks_of(db, bad)] == [newer.serial]
    assert told(db, bad) == [("dates", "unexpected", "resolved")]


def test_a_reminder_that_cannot_be_told_is_shown_and_the_others_are_told(db: Database) -> None:
    bad, good = stepped(db, "bad"), stepped(db, "good")
    heard: list[str] = []
    deaf = {bad}

    def tell(_tx: Tx, events: Any, _now: datetime) -> None:
        if any(event.case_id in deaf for event in events):
            raise KeyError("nobody foresaw")
        heard.extend(event.case_id for event in events)

    telling = Database(db.engine, db.world.with_(on_clocks=tell))
    now = max(c.next_at for case in (bad, good) for c in clocks_of(db, case) if c.next_at is not None)
    sweep.drain(telling, now)
    assert set(heard) == {good}
    assert told(db, bad) == [("clock", "unexpected", "open")]
    assert sweep.run_due(telling, now) == 0, "it waits for a person"
    deaf.clear()
    retry(telling, bad, now)
    sweep.drain(telling, now)
    assert set(heard) == {good, bad}
    assert heard.count(bad) == 1


def test_one_place_that_cannot_begin_holds_up_no_other_of_its_turn(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    towns = Database(db.engine, db.world.with_(places=places))
    deploy(towns, made())
    due = datetime(2026, 10, 1, tzinfo=ZONE)
    with monkeypatch.context() as patch:
        broken_for(
            patch, starting, "begin", lambda _tx, _row, at, _now: at.area == TOWNS[0][0], KeyError("no")
        )
        for hour in range(6):
            sweep.run_due(towns, due + hour * HOUR)
    (row,) = live(towns)
    assert (row.state, row.due_at) == ("failed", due)
    with db.reading() as tx:
        begun = set(tx.run(select(cases_table.c.area)).scalars())
    assert begun == {path for path, _ in TOWNS[1:]}


# ------------------------------------------------------------------------------------------ too late
def test_the_failure_of_a_timer_that_was_cancelled_meanwhile_is_nobodys(db: Database) -> None:
    event = (
        timer("PT1H")
        .replace('intermediateCatchEvent id="t"', 'boundaryEvent id="t" attachedToRef="a"')
        .replace("intermediateCatchEvent>", "boundaryEvent>")
    )
    body = user_task("a") + event + user_task("b") + flow("start", "a", "b", "end") + flow("t", "end")
    case = begin(db, bundle("host", body))
    with db.reading() as tx:
        key = tx.run(select(timers.c.id)).scalar_one()
    with db.transaction() as tx:
        tx.run(update(timers).values(attempt=2))
    complete(db, A, tasks(db, case)[0])
    with db.transaction() as tx:
        assert not cases.fail_timer(tx, key, "c", "m", NOW)
    with db.reading() as tx:
        assert tx.run(select(timers.c.state)).scalar_one() == "cancelled"
    assert told(db, case) == []
    assert sweep.drain(db, NOW + 9 * HOUR) == 0


def test_a_persons_step_that_failed_is_nobodys_where_another_has_done_it(db: Database) -> None:
    case = begin(db, bundle("two", user_task("a") + user_task("b") + flow("start", "a", "b", "end")))
    (row,) = tasks(db, case)
    complete(db, A, row)
    with db.transaction() as tx:
        cases.fail_task(tx, row.id, "a", "c", "m", {}, NOW)
    assert told(db, case) == []
