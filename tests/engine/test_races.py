"""Two people in the same moment, on both databases: one wins, the other reads what was faster and may go on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import cases, hands, locking, moving, worklist
from engine.db import Database, Tx
from engine.errors import Conflict, StaleRevision
from tests.engine.models import NOW, bundle
from tests.engine.test_cases import begin, complete, status, tasks
from tests.engine.test_hands import HOUR, TWO, A, B, C, act, complete_in, names, the


def lost(db: Database, do: Callable[[Tx], Any]) -> tuple[str, str]:
    """The act comes too late: its code and what the person reads."""
    with pytest.raises(Conflict) as caught, db.transaction() as tx:
        do(tx)
    return caught.value.code, caught.value.message


def at_once(db: Database, *doing: Callable[[Tx], Any]) -> list[str]:
    """Several people act in the same moment: "won" or "lost" for each."""
    barrier, results = threading.Barrier(len(doing)), list[str]()

    def run(do: Callable[[Tx], Any]) -> None:
        barrier.wait()
        try:
            act(db, do)
            results.append("won")
        except (Conflict, StaleRevision):
            results.append("lost")

    threads = [threading.Thread(target=run, args=(do,)) for do in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_7_the_race_of_taking_back_and_submitting_has_one_winner(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    mine = the(db, case, "a")
    complete(db, A, mine)
    row = the(db, case, "b")
    results = at_once(db, lambda tx: hands.take_back(tx, A, mine.id, NOW), lambda tx: complete_in(tx, B, row))
    assert sorted(results) == ["lost", "won"]
    assert (names(db, case), status(db, case)) in ((["a"], "active"), ([], "completed"))


@pytest.mark.parametrize("faster", ["taker", "claimer"])
def test_7_who_loses_the_race_of_taking_back_and_claiming_is_told_to_what_and_may_try_again(
    db: Database, faster: str
) -> None:
    case = begin(db, bundle("two", TWO))
    mine = the(db, case, "a")
    complete(db, A, mine)
    row = the(db, case, "b")

    def claimed(tx: Tx) -> None:
        cases.claim(tx, B, row.id, row.revision, NOW + HOUR)

    def taken_back(tx: Tx) -> None:
        hands.take_back(tx, A, mine.id, NOW + HOUR)

    if faster == "taker":
        act(db, taken_back)
        gone = "这项任务已撤下：上一环节的经办人已把它取回。"
        assert lost(db, claimed) == ("conflict", gone)
        assert lost(db, lambda tx: complete_in(tx, B, row)) == ("conflict", gone)
        complete(db, A, the(db, case, "a"))
        later = the(db, case, "b")
        act(db, lambda tx: cases.claim(tx, B, later.id, later.revision, NOW))
        assert the(db, case, "b").holder == "乙"
        return
    act(db, claimed)
    assert lost(db, taken_back) == ("cannot_take_back", "不能取回：下一环节已经有人在办理。")
    code, message = lost(db, lambda tx: complete_in(tx, B, row))
    assert (code, "请刷新后再提交" in message) == ("stale_revision", True)
    act(db, lambda tx: cases.release(tx, B, row.id, the(db, case, "b").revision, NOW))
    act(db, taken_back)
    assert names(db, case) == ["a"]


def test_7_taking_back_and_claiming_at_once_have_one_winner(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    mine = the(db, case, "a")
    complete(db, A, mine)
    row = the(db, case, "b")
    results = at_once(
        db,
        lambda tx: hands.take_back(tx, A, mine.id, NOW),
        lambda tx: cases.claim(tx, B, row.id, row.revision, NOW),
    )
    assert sorted(results) == ["lost", "won"]
    assert [(t.element, t.holder) for t in tasks(db, case)] in ([("a", "甲")], [("b", "乙")])


@pytest.mark.parametrize(
    ("ended", "why"),
    [
        (
            lambda tx, row: hands.send_back(tx, B, row.id, row.revision, "a", "请补充", NOW),
            "已退回前面的环节",
        ),
        (
            lambda tx, row: cases.cancel(tx, B, row.case_id, row.case_revision, "不再需要", NOW),
            "事项已经终止",
        ),
        (lambda tx, row: complete_in(tx, B, row), "已经办完"),
    ],
)
def test_who_is_too_late_is_told_why(db: Database, ended: Callable[[Tx, Any], Any], why: str) -> None:
    case = begin(db, bundle("two", TWO))
    complete(db, A, the(db, case, "a"))
    with db.reading() as tx:
        row = worklist.get(tx, the(db, case, "b").id)
    act(db, lambda tx: ended(tx, row))
    code, message = lost(db, lambda tx: cases.claim(tx, C, row.id, row.revision, NOW))
    assert (code, why in message) == ("conflict", True)


def test_every_reason_given_is_an_act_the_engine_writes_down() -> None:
    rooms = [p for p in Path(locking.__file__).parent.rglob("*.py") if p.name != "locking.py"]
    text = "\n".join(p.read_text(encoding="utf-8") for p in rooms)
    assert [kind for kind in locking.GONE if f'"{kind}"' not in text] == []
    assert (
        moving.MIGRATED in locking.GONE
    )  # moving to another area leaves tasks open, moving to another version may not
