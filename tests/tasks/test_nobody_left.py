"""A step that everybody in its post is barred from: somebody above hears of it when it opens."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import insert, select

from casework import seed, staff
from casework.tables import households, kinship, notifications
from engine import cases, worklist
from engine.db import Tx
from tests.engine.models import bundle, flow, user_task
from tests.tasks.rig import NOW, a_case

OFFICE = ("p_fuwuban1", "p_fuwuban2")
PARTED = bundle(
    "parted",
    "".join(user_task(each, post="town_service_office") for each in ("survey", "opinion"))
    + user_task(
        "decide", post="town_service_office", recuse="=actors(&quot;survey&quot;, &quot;opinion&quot;)"
    )
    + flow("start", "survey", "opinion", "decide", "end"),
)


def decided_by(tx: Tx, people: Sequence[str], title: str = "某") -> None:
    """A case whose survey and opinion were made by these people; it waits for a decision."""
    case = a_case(tx, title=title, made=PARTED)
    for person in people:
        (row,) = worklist.open_of_case(tx, case)
        cases.complete(tx, staff.actor_of(tx, person, NOW), row.id, row.revision, {}, NOW)


def told(tx: Tx) -> list[tuple[str, str]]:
    n = notifications.c
    rows = tx.run(select(n.person, n.text).where(n.kind == "nobody_left").order_by(n.person))
    return [(row.person, row.text) for row in rows]


def test_when_everybody_did_an_earlier_step_those_above_are_told(tx: Tx) -> None:
    assert staff.holders(tx, ["town_service_office"], seed.VILLAGE, NOW) == list(OFFICE)
    decided_by(tx, OFFICE)
    (first, *_) = found = told(tx)
    posts = {held.post for person, _ in found for held in staff.actor_of(tx, person, NOW).appointments}
    assert posts <= {"district_area_officer", "district_assistance_office"}
    assert first[1].startswith("L1“decide”：该岗位的 2 人都办理过前序环节")


@pytest.mark.parametrize("person", OFFICE)
def test_while_one_is_left_nobody_is_told_unless_that_one_is_kin(tx: Tx, person: str) -> None:
    decided_by(tx, [person, person])
    assert told(tx) == []


def test_kin_of_the_household_do_not_count_as_left(tx: Tx) -> None:
    h = households.c
    home, head = tx.run(select(h.id, h.head).where(h.area == seed.VILLAGE).order_by(h.id)).first() or ("", "")
    tx.run(insert(kinship), {"person": "p_fuwuban2", "household": home, "relation": "兄弟姐妹"})
    decided_by(tx, ["p_fuwuban1", "p_fuwuban1"], title=head)
    assert told(tx) != []
