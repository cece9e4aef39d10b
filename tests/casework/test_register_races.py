"""Two writers of the register in the same moment, on both databases: one wins, the other is told, and nothing is overwritten or entered twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from casework import household_changes as changes
from casework import households, imports, reorganising, seed, staff
from casework.tables import areas, household_members
from casework.tables import households as table
from engine.db import Database, Tx
from engine.errors import Conflict
from engine.routing import Actor, Appointment
from tests.casework.test_imports import book
from tests.tasks.rig import NOW

ADMIN = Actor("p_guanli", "巳管理", (Appointment("system_admin", "district", seed.DISTRICT),))
NUMBER = "11010519491231002X"
VILLAGE_CODE = seed.VILLAGE.rpartition("/")[2]
Do = Callable[[Tx], Any]


def at_once(db: Database, *doing: Do) -> list[str]:
    """Several people act in the same moment: for each `won`, or the code of what he is told."""
    barrier, results = threading.Barrier(len(doing)), ["" for _ in doing]

    def run(n: int, do: Do) -> None:
        barrier.wait()
        try:
            with db.transaction() as tx:
                do(tx)
            results[n] = "won"
        except Conflict as told:
            results[n] = told.code

    threads = [threading.Thread(target=run, args=each) for each in enumerate(doing)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def keeper(tx: Tx) -> Actor:
    return staff.actor_of(tx, "p_lianluo", NOW)


def home(db: Database, household: str) -> Any:
    with db.reading() as tx:
        return households.get(tx, household)


def correct(household: str, revision: int, **given: str) -> Do:
    return lambda tx: changes.correct(tx, keeper(tx), household, revision, given, NOW)


def join(household: str, revision: int, **given: str) -> Do:
    return lambda tx: changes.join(tx, keeper(tx), household, revision, given, NOW)


def add(head: str, **given: str) -> Do:
    return lambda tx: changes.add(tx, keeper(tx), seed.VILLAGE, {"head": head, **given}, [], NOW)


def previewed(db: Database, *rows: dict[str, object]) -> str:
    content = book(*({"village": VILLAGE_CODE, **row} for row in rows))
    with db.transaction() as tx:
        return imports.preview(tx, staff.actor_of(tx, "p_minzheng1", NOW), "a.xlsx", content, NOW)


def confirm(made: str) -> Do:
    return lambda tx: imports.confirm(tx, staff.actor_of(tx, "p_minzheng1", NOW), made, NOW)


def test_of_two_who_correct_one_household_one_is_told_and_nothing_of_his_is_there(district: Database) -> None:
    revision = home(district, "h_l").revision
    first, second = {"phone": "13800000001", "address": "一号"}, {"phone": "13800000002", "note": "二"}
    told = at_once(district, correct("h_l", revision, **first), correct("h_l", revision, **second))
    assert sorted(told) == ["stale_revision", "won"]
    row = home(district, "h_l")
    assert row.revision == revision + 1
    one, other = (
        tuple({"phone": row.phone, "address": row.address, "note": row.note, **given}.values())
        for given in (first, second)
    )
    assert (row.phone, row.address, row.note) in (one, other)
    assert (row.address is None) or (row.note is None), "of one of them all, of the other nothing"


def test_of_two_who_enter_a_member_and_one_who_ends_the_household_one_wins(district: Database) -> None:
    revision = home(district, "h_l").revision

    def ends(tx: Tx) -> None:
        households.kept(tx, keeper(tx), "h_l", revision)
        households.end(tx, keeper(tx), "h_l", NOW.date(), "迁出", NOW)

    told = at_once(district, join("h_l", revision, name="何某"), ends)
    assert sorted(told) in (["stale_revision", "won"], ["household_ended", "won"])


def test_a_number_given_twice_in_one_moment_is_one_households(district: Database) -> None:
    revision = home(district, "h_w").revision
    told = at_once(
        district,
        add("何某甲", number="310"),
        add("何某乙", number="310"),
        correct("h_w", revision, number="310"),
    )
    assert sorted(told) == ["number_taken", "number_taken", "won"]


def test_a_person_entered_twice_in_one_moment_lives_in_one_household(district: Database) -> None:
    first, second = (home(district, one).revision for one in ("h_l", "h_w"))
    told = at_once(
        district,
        join("h_l", first, name="何某", id_no=NUMBER),
        join("h_w", second, name="何某", id_no=NUMBER),
    )
    assert sorted(told) == ["person_known", "won"]
    m = household_members.c
    with district.reading() as tx:
        assert tx.run(select(func.count()).where(m.id_no == NUMBER)).scalar_one() == 1


@pytest.mark.parametrize("how", ["telephone", "number"])
def test_a_workbook_and_a_hand_at_one_household_never_overwrite_each_other(
    district: Database, how: str
) -> None:
    """By number the hand needs the village too: nobody waits in a circle."""
    made = previewed(district, {"number": "001", "head": "李某甲", "name": "李某甲", "phone": "13800000009"})
    revision = home(district, "h_l").revision
    given = {"phone": "13800000001"} if how == "telephone" else {"number": "311"}
    told = at_once(district, confirm(made), correct("h_l", revision, **given))
    assert sorted(told) in (["import_changed", "won"], ["stale_revision", "won"])
    assert home(district, "h_l").revision == revision + 1


def test_a_workbook_and_a_hand_that_enter_one_family_enter_it_once(district: Database) -> None:
    made = previewed(district, {"number": "310", "head": "何某甲", "name": "何某甲"})
    told = at_once(district, confirm(made), add("何某甲", number="310"))
    assert sorted(told) in (["import_changed", "won"], ["number_taken", "won"])
    with district.reading() as tx:
        assert households.named(tx, seed.VILLAGE, "何某甲") == [
            tx.run(select(table.c.id).where(table.c.number == "310")).scalar_one()
        ]


def test_no_household_is_entered_in_a_village_that_is_merged_meanwhile(district: Database) -> None:
    made = previewed(district, {"number": "310", "head": "何某甲", "name": "何某甲"})
    wanted = {"sources": [seed.VILLAGE], "into": seed.NEXT_VILLAGE}

    def merged(tx: Tx) -> None:
        reorganising.plan(tx, ADMIN, "merge", NOW.date(), wanted, "津宝政〔2026〕1号", NOW)

    told = at_once(district, confirm(made), merged)
    assert told in (["won", "won"], ["import_changed", "won"])
    with district.reading() as tx:
        query = select(table.c.area).join(areas, areas.c.path == table.c.area)
        assert set(tx.run(query).scalars()) == {seed.NEXT_VILLAGE}
        entered = tx.run(select(func.count()).where(table.c.head == "何某甲")).scalar_one()
    assert entered == (told[0] == "won")


def test_a_workbook_confirmed_twice_in_one_moment_is_entered_once(district: Database) -> None:
    made = previewed(district, {"number": "310", "head": "何某甲", "name": "何某甲"})
    assert at_once(district, confirm(made), confirm(made)) == ["won", "won"]
    with district.reading() as tx:
        assert tx.run(select(func.count()).where(table.c.number == "310")).scalar_one() == 1
