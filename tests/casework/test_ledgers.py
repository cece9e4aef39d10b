"""Every ledger answers on both databases, with its fixed columns and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from casework import exports, seed, staff
from casework.exports import OPEN
from casework.ledgers import BOOKS, Scope
from casework.tables import exports as exports_table
from casework.words import Words
from engine.db import Tx
from tests.tasks.rig import NOW, a_lead

LINES = {"discovery": 1, "focus": 2, "reserve": 1}
"""What the demo town has before any work but one lead."""


@pytest.mark.parametrize("key", list(BOOKS))
def test_a_ledger_has_its_columns_for_each_line(tx: Tx, key: str) -> None:
    a_lead(tx, "L1")
    actor = staff.actor_of(tx, "p_fuwuban1", NOW)
    scope = Scope(tx, actor, NOW, seed.TOWN, date(2026, 9, 1), date(2026, 9, 30), 0, 20, OPEN, Words())
    lines, total = BOOKS[key].lines(scope)
    assert (len(lines), total) == (LINES.get(key, 0),) * 2
    for line in lines:
        assert set(BOOKS[key].columns) <= set(line)
        assert all(isinstance(line[column], str) for column in BOOKS[key].columns)
        assert "case_id" in line


def test_the_book_of_the_reserve_has_the_columns_of_the_policy_in_its_order() -> None:
    """policy.md D.11: opening, in, out, case, balance."""
    official = ["上期余额", "收入", "支出", "办件编号", "余额"]
    assert [label for label in BOOKS["reserve"].columns.values() if label in official] == official


def test_ones_own_export_is_listed_however_many_others_there_are_since(tx: Tx) -> None:
    """And of others' only those about areas one sees."""
    actor = staff.actor_of(tx, "p_fuwuban1", NOW)
    row = {
        "book": "reserve",
        "filters": {},
        "unmasked": False,
        "purpose": "",
        "state": "ready",
        "revision": 1,
    }
    made = [
        {**row, "id": f"e{n}", "name": str(n), "area": seed.OTHER_TOWN, "asked_by": "p_linzhen2", "asked_at": NOW + timedelta(minutes=n)}
        for n in range(1, 60)
    ]  # fmt: skip
    own = {**row, "id": "own", "name": "own", "area": None, "asked_by": actor.id, "asked_at": NOW}
    here = {
        **row,
        "id": "here",
        "name": "here",
        "area": seed.VILLAGE,
        "asked_by": "p_lianluo",
        "asked_at": NOW - timedelta(1),
    }
    tx.run(insert(exports_table), [*made, own, here])
    assert [one.id for one in exports.listed(tx, actor, 10)] == ["own", "here"]
