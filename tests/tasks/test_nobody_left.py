"""A step that everybody in its post is barred from: somebody above hears of it when it opens."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import insert, select

from casework import seed, staff
from casework.tables import households, kinship, notifications
from engine import cases, worklist
from engine.bundle import Bundle
from engine.db import Tx
from tests.engine.models import bundle, flow, user_task
from tests.tasks.rig import NOW, a_case

OFFICE = ("p_fuwuban1", "p_fuwuban2")


def parted(together: int) -> Bundle:
    """Survey, opinion, and a decision by so many who made neither."""
    recuse = "=actors(&quot;survey&quot;, &quot;opinion&quot;)"
    steps = [user_task(each, post="town_service_office") for each in ("survey", "opinion")]
    last = user_task("decide", post="town_service_office", recuse=recuse, together=str(together))
    return bundle("parted", "".join(steps) + last + flow("start", "survey", "opinion", "decide", "end"))


def decided_by(tx: Tx, people: Sequence[str], title: str = "某", together: int = 1) -> None:
    """A case whose survey and opinion were made by these people; it waits for a decision."""
    case = a_case(tx, title=title, made=parted(together))
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
    assert first[1].startswith("L1“decide”须 1 人办理；该岗位 2 人中 2 人办理过前序环节")


@pytest.mark.parametrize("person", OFFICE)
def test_while_one_is_left_nobody_is_told_unless_that_one_is_kin(tx: Tx, person: str) -> None:
    decided_by(tx, [person, person])
    assert told(tx) == []


def test_where_two_must_act_one_is_too_few(tx: Tx) -> None:
    decided_by(tx, [OFFICE[0], OFFICE[0]], together=2)
    assert [text.partition("；")[0] for _, text in told(tx)][:1] == ["L1“decide”须 2 人办理"]


def test_kin_of_the_household_do_not_count_as_left(tx: Tx) -> None:
    h = households.c
    home, head = tx.run(select(h.id, h.head).where(h.area == seed.VILLAGE).order_by(h.id)).first() or ("", "")
    tx.run(insert(kinship), {"person": "p_fuwuban2", "household": home, "relation": "兄弟姐妹"})
    decided_by(tx, ["p_fuwuban1", "p_fuwuban1"], title=head)
    assert told(tx) != []
