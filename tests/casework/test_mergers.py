"""A merger never makes a hardship vanish: every rule about the main lead, on both databases, and whatever old rings there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from casework import leads as records
from casework import mergers, public_leads, reorganising, seed, staff
from casework.tables import leads
from casework.tables import public_leads as public_table
from engine.db import Tx
from engine.errors import Invalid
from engine.routing import Actor, Appointment
from engine.tables import cases
from tests.tasks.rig import NOW

GRID = Actor("p_wangge", "甲网格", (Appointment("grid_worker", "village", seed.VILLAGE),))
K = leads.c


def reported(tx: Tx, area: str = seed.VILLAGE, **values: Any) -> str:
    given = {
        "source": "01",
        "place_area": area,
        "main_cause": "11",
        "subject_name": "王某乙",
        "urgent_signs": [],
        "residence_status": "1",
    }
    return records.report(tx, GRID, {**given, **values}, NOW).number


def put(tx: Tx, number: str, **values: Any) -> None:
    tx.run(update(leads).where(K.number == number).values(**values))


def merged(tx: Tx) -> dict[str, str | None]:
    return {row.number: row.merged_into for row in tx.run(select(K.number, K.merged_into))}


def test_the_main_lead_exists_in_the_same_town_and_is_another_one(tx: Tx) -> None:
    lead, elsewhere = reported(tx), reported(tx, area=seed._village(seed.OTHER_TOWN, 0))
    assert mergers.hindrance(tx, lead, None) == "请填写原线索编号"
    assert mergers.hindrance(tx, lead, lead) == "不能并入自己，请填写另一条线索的编号"
    for unknown in ("999", elsewhere):
        assert mergers.hindrance(tx, lead, unknown) == f"本镇（街）没有编号为 {unknown} 的线索"
    assert mergers.hindrance(tx, lead, reported(tx)) is None


@pytest.mark.parametrize(
    ("conclusion", "words"),
    [
        ("helped", None),
        ("referred", None),
        ("not_confirmed", "没有得到救助，本线索须另行核查"),
        ("declined_by_person", "没有得到救助，本线索须另行核查"),
        ("backstop_refused", "没有得到救助，本线索须另行核查"),
    ],
)
def test_a_closed_main_lead_has_given_aid(tx: Tx, conclusion: str, words: str | None) -> None:
    lead, main = reported(tx), reported(tx)
    put(tx, main, conclusion=conclusion, closed_at=NOW + timedelta(days=1))
    found = mergers.hindrance(tx, lead, main)
    assert found == (f"线索 {main} {words}" if words else None)


def test_what_is_found_after_the_main_lead_was_closed_is_a_new_hardship(tx: Tx) -> None:
    lead, main = reported(tx), reported(tx)
    put(tx, main, conclusion="helped", closed_at=NOW - timedelta(days=3))
    assert "此后发现的困难须另行核查" in str(mergers.hindrance(tx, lead, main))


def test_a_main_lead_that_was_stopped_by_hand_answers_nothing(tx: Tx) -> None:
    lead, main = reported(tx), reported(tx)
    tx.run(update(cases).where(cases.c.number == main).values(status="cancelled"))
    assert mergers.hindrance(tx, lead, main) == f"线索 {main} 已终止，没有结果，本线索须另行办理"


def test_a_chain_is_followed_to_its_end_and_never_closes_to_a_ring(tx: Tx) -> None:
    a, b, c, d = (reported(tx) for _ in range(4))
    assert mergers.settle(tx, a, b) == b
    assert mergers.settle(tx, b, c) == c
    assert mergers.settle(tx, d, a) == c, "joined to where the chain ends"
    assert merged(tx) == {a: b, b: c, c: None, d: c}
    for into in (a, b, d):
        assert mergers.hindrance(tx, c, into) == f"线索 {into} 已并入本线索，不能再反过来并入它"
        with pytest.raises(Invalid) as refused:
            mergers.settle(tx, c, into)
        assert [f.path for f in refused.value.fields] == ["duplicate_of"]
    assert {number: row.number for number, row in mergers.ends(tx, [a, b, c, d]).items()} == dict.fromkeys(
        (a, b, c, d), c
    )


def test_nothing_is_closed_as_merged_without_a_main_lead(tx: Tx) -> None:
    lead, other = reported(tx), reported(tx)
    for into in (None, lead, "999"):
        with pytest.raises(Invalid):
            records.close(tx, lead, "merged", NOW, into)
    assert tx.run(select(K.conclusion).where(K.number == lead)).scalar_one() is None
    records.close(tx, lead, "merged", NOW, other)
    row = tx.run(select(leads).where(K.number == lead)).one()
    assert (row.conclusion, row.merged_into) == ("merged", other)
    assert len(records.sources(tx, other)) == 2


def test_a_merger_settled_stands_when_the_main_lead_was_answered_meanwhile(tx: Tx) -> None:
    lead, main = reported(tx), reported(tx)
    mergers.settle(tx, lead, main)
    put(tx, main, conclusion="not_confirmed", closed_at=NOW)
    records.close(tx, lead, "merged", NOW, main)
    assert tx.run(select(K.conclusion).where(K.number == lead)).scalar_one() == "merged"


def test_a_main_lead_others_wait_for_is_not_ended_by_hand(tx: Tx) -> None:
    lead, main = reported(tx), reported(tx)
    case = tx.run(select(K.case_id).where(K.number == main)).scalar_one()
    assert records.unanswered(tx, case) is None
    mergers.settle(tx, lead, main)
    assert records.unanswered(tx, case) == f"线索 {lead} 已并入本线索，随本线索答复，须先核查办理。"


def test_old_rings_have_no_end_and_the_public_page_stops_at_them(tx: Tx) -> None:
    a, b, c = (reported(tx) for _ in range(3))
    put(tx, a, merged_into=b, conclusion="merged", closed_at=NOW)
    put(tx, b, merged_into=a, conclusion="merged", closed_at=NOW)
    put(tx, c, merged_into=c, conclusion="merged", closed_at=NOW)
    assert mergers.ends(tx, [a, b, c]) == {}
    assert "合并关系有误" in str(mergers.hindrance(tx, reported(tx), a))
    for number in (a, c):
        tx.run(
            insert(public_table),
            {"id": number, "lead_no": number, "token": f"t{number}", "address": None, "at": NOW},
        )
        assert public_leads.fate(tx, f"t{number}").state == "closed"


def test_villages_that_were_merged_since_are_one_town_still(tx: Tx) -> None:
    main = reported(tx)
    put(tx, main, conclusion="helped", closed_at=NOW + timedelta(days=2))
    tx.run(update(cases).where(cases.c.number == main).values(status="completed"))
    keeper = staff.actor_of(tx, "p_guanli", NOW)
    reorganising.plan(
        tx,
        keeper,
        "merge",
        NOW.date(),
        {"sources": [seed.VILLAGE], "into": seed.NEXT_VILLAGE},
        "批准文件一号",
        NOW,
    )
    assert mergers.hindrance(tx, reported(tx, area=seed.NEXT_VILLAGE), main) is None
