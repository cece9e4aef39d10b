"""Opinions, copies, urgings and moves by two, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engine import asking, cases, requests
from engine.db import Database, Tx
from engine.errors import Conflict, Forbidden, Invalid
from engine.tables import user_tasks
from tests.engine.models import NOW, bundle, flow, user_task
from tests.engine.test_cases import begin, complete
from tests.engine.test_hands import (
    FORK,
    HOUR,
    STRANGER,
    TWO,
    A,
    B,
    C,
    D,
    E,
    act,
    ask,
    back,
    names,
    refused,
    staged,
    story,
    the,
)  # fmt: skip


def test_an_opinion_is_asked_only_of_who_may_see_the_case_and_once(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    row = the(db, case, "a")
    for wrong, kind in ((STRANGER, Forbidden), (A, Invalid)):
        refused(
            kind,
            db,
            lambda tx, who=wrong: asking.ask(tx, A, row.id, row.revision, "opinion", [who], "?", NOW),
        )  # type: ignore[misc]
    refused(Invalid, db, lambda tx: asking.ask(tx, A, row.id, row.revision, "opinion", [], "?", NOW))
    ask(db, A, row, B)
    held = the(db, case, "a")
    assert (held.holder, held.awaits) == ("甲", 1)
    refused(Invalid, db, lambda tx: asking.ask(tx, A, held.id, held.revision, "opinion", [B], "?", NOW))
    refused(Conflict, db, lambda tx: cases.release(tx, A, held.id, held.revision, NOW))
    refused(Conflict, db, lambda tx: cases.claim(tx, B, held.id, held.revision, NOW))


def test_what_was_asked_about_a_cancelled_task_waits_for_nobody(db: Database) -> None:
    case = begin(db, bundle("fork", FORK))
    complete(db, A, the(db, case, "a"))
    (asked,) = ask(db, A, the(db, case, "b"), C)
    back(db, B, the(db, case, "c"), "a")
    refused(Conflict, db, lambda tx: asking.answer(tx, C, asked, 1, None, "迟到的意见", NOW))
    with db.reading() as tx:
        everywhere = user_tasks.c.id.is_not(None)
        assert requests.page(tx, "丙", "answer", everywhere) == ([], 0)
        assert requests.waiting(tx, "丙", everywhere)["answer"] == 0


def test_a_copy_is_read_once_and_only_by_whom_it_was_sent_to(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    refused(Forbidden, db, lambda tx: asking.copy(tx, A, case, [STRANGER], "请阅", NOW))
    (sent,) = act(db, lambda tx: asking.copy(tx, A, case, [B], "请阅", NOW))
    refused(Forbidden, db, lambda tx: asking.read(tx, C, sent, NOW))
    for _ in range(2):
        assert act(db, lambda tx: asking.read(tx, B, sent, NOW)) == case
    assert [kind for kind, _ in story(db, case)] == ["case.started", "case.copied", "case.copy_read"]
    complete(db, A, the(db, case, "a"))


def test_urging_once_a_day_on_record_and_not_while_the_clock_is_paused(db: Database) -> None:
    inner = user_task("a") + user_task("wait", pauses="supplement") + user_task("b")
    stage = staged(inner, "a", "wait", "b")
    case = begin(db, bundle("paused", stage + flow("start", "stage", "end")))
    row = the(db, case, "a")
    act(db, lambda tx: asking.urge(tx, B, row.id, "请抓紧", NOW))
    refused(Conflict, db, lambda tx: asking.urge(tx, C, row.id, "", NOW + HOUR), "urged_today")
    act(db, lambda tx: asking.urge(tx, B, row.id, "", NOW + timedelta(days=1)))
    with db.reading() as tx:
        first = requests.of_task(tx, row.id)[0]
    refused(Forbidden, db, lambda tx: asking.read(tx, STRANGER, first.id, NOW))
    act(db, lambda tx: asking.read(tx, A, first.id, NOW))
    complete(db, A, the(db, case, "a"))
    paused = the(db, case, "wait")
    refused(Conflict, db, lambda tx: asking.urge(tx, B, paused.id, "", NOW), "clock_paused")
    assert [kind for kind, _ in story(db, case)].count("task.urged") == 2


def test_two_at_once_urge_one_task_once(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    row, barrier, results = the(db, case, "a"), threading.Barrier(2), list[str]()

    def run(actor: Any) -> None:
        barrier.wait()
        try:
            act(db, lambda tx: asking.urge(tx, actor, row.id, "", NOW))
            results.append("done")
        except Conflict as conflict:
            results.append(conflict.code)

    threads = [threading.Thread(target=run, args=(actor,)) for actor in (B, C)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "urged_today"]


def test_a_move_by_hand_needs_a_second_person(db: Database) -> None:
    body = user_task("a") + user_task("m") + user_task("b") + flow("start", "a", "m", "b", "end")
    case = begin(db, bundle("three", body))
    row = the(db, case, "a")
    propose: Callable[[Tx, str], Any] = lambda tx, to: asking.propose_jump(  # noqa: E731
        tx, D, row.id, row.revision, to, "系统改造", NOW
    )
    refused(Invalid, db, lambda tx: propose(tx, "nowhere"))
    asked = act(db, lambda tx: propose(tx, "b"))
    refused(Conflict, db, lambda tx: propose(tx, "m"))
    refused(Forbidden, db, lambda tx: asking.decide_jump(tx, D, asked, 1, True, "", NOW), "second_person")
    refused(Invalid, db, lambda tx: asking.decide_jump(tx, E, asked, 1, False, "", NOW))
    act(db, lambda tx: asking.decide_jump(tx, E, asked, 1, False, "依据不足", NOW))
    assert names(db, case) == ["a"]
    again = act(db, lambda tx: propose(tx, "b"))
    act(db, lambda tx: asking.decide_jump(tx, E, again, 1, True, "", NOW))
    assert names(db, case) == ["b"]
    assert [k for k, _ in story(db, case)] == [
        "case.started", "jump.proposed", "jump.refused", "jump.proposed", "task.jumped",
    ]  # fmt: skip
