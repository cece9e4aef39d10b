"""Whom the register of kin bars: by the household's id, and by head and village where a case knows none."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert

from casework import kin
from casework.tables import areas, household_members, households, kinship, persons
from engine import before_step
from engine.db import Database, Tx

VILLAGE, OTHER = "1/2/3", "1/2/4"


def registered(tx: Tx) -> None:
    """王某乙 of one village with a son, declared brother of 甲; a namesake in the next, of nobody."""
    day = {"valid_from": date(2026, 1, 1), "tier": "village", "kind": "village"}
    tx.run(insert(areas), [{"path": p, "code": p[-1], "name": p, **day} for p in (VILLAGE, OTHER)])
    home: dict[str, Any] = {"head": "王某乙", "size": 2, "focus": [], "programmes": []}
    tx.run(
        insert(households), [{"id": "w", "area": VILLAGE, **home}, {"id": "namesake", "area": OTHER, **home}]
    )
    tx.run(insert(household_members), {"id": "m", "household": "w", "name": "王小某"})
    person = {"name": "甲", "username": "a", "password": "", "disabled": False, "failures": 0}
    tx.run(insert(persons), {"id": "p", **person})
    tx.run(insert(kinship), {"person": "p", "household": "w", "relation": "兄弟姐妹"})


def test_a_household_is_known_by_its_id_else_by_head_and_village(db: Database) -> None:
    known = Database(db.engine, db.world.with_(related=kin.related))
    with known.begin() as tx:
        registered(tx)
        barred = {"p": "兄弟姐妹"}
        for subject, title, area, expected in (
            ("w", "查处：王某乙", OTHER, barred),
            ("namesake", "王某乙", VILLAGE, {}),
            (None, "王某乙", VILLAGE, barred),
            (None, "王某乙", f"{VILLAGE}/1", barred),
            (None, "王某乙", OTHER, {}),
            (None, "查处：王某乙", VILLAGE, {}),
        ):
            assert before_step.relations(tx, ["p"], subject, title, area) == expected, (subject, title, area)
            related = {one.person: one.relation for one in kin.relatives(tx, subject, title, area)}
            assert related == expected
        assert kin.members(tx, "w", "别的", OTHER) == ["王小某"]
        assert kin.household_of(tx, None, f"{VILLAGE}/1", "王小某") == "w"
