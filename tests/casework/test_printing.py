"""Papers made of a case's file: they say what the file says, and how each date was counted."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from casework import printing, seed
from casework.tables import persons
from engine import cases, step
from engine.db import Tx
from engine.errors import NotFound
from tests.casework.test_letters import text
from tests.tasks.rig import NOW

MEETING = {
    "held_at": "2026-09-14T14:00:00+08:00",
    "place": "村委会会议室",
    "chair": "p_minzheng1",
    "panel": [{"name": "甲某", "role": "resident"}, {"name": "乙某", "role": "committee"}],
    "agenda": [{"application": "A1", "programme": "TEMP_EXPENDITURE"}],
    "present": 9,
    "residents": 6,
    "recused": 1,
    "agree": 8,
    "against": 0,
    "abstain": 1,
    "minutes": "一致认为情况属实",
}


def filed(tx: Tx) -> step.Case:
    case_id = cases.start(
        tx,
        "active_discovery",
        now=NOW,
        area=seed.VILLAGE,
        number="L1",
        title="王某乙",
        document={"appraisal": MEETING},
    )
    return step.lock(tx, case_id)


def test_the_minutes_have_the_meeting_in_numbers_and_words(tx: Tx) -> None:
    case = filed(tx)
    assert [(p.key, p.name) for p in printing.menu(tx, case, district=False)] == [
        ("appraisal-1", "民主评议记录")
    ]
    name, content = printing.paper(tx, case, "appraisal-1", NOW)
    said = text(content)
    chair = tx.run(select(persons.c.name).where(persons.c.id == "p_minzheng1")).scalar_one()
    for one in (
        "2026-09-1414:00",
        chair,
        "同意8不同意0弃权1",
        "甲某居民代表",
        "支出型临时救助",
        "打印于2026-09-14",
    ):
        assert one in said, one
    assert name == "民主评议记录 L1.pdf"


@pytest.mark.parametrize("key", ["receipt-1", "appraisal-2", "verification", "nothing", "appraisal-x"])
def test_what_is_not_in_the_file_is_not_printed(tx: Tx, key: str) -> None:
    with pytest.raises(NotFound):
        printing.paper(tx, filed(tx), key, NOW)
