"""Every ledger answers on both databases, with its fixed columns and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from casework import seed, staff
from casework.exports import OPEN
from casework.ledgers import BOOKS, Scope
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
