"""A step that everybody in its post is barred from: somebody above hears of it when it opens."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import insert, select

from casework import able, seed, staff, transferring
from casework.tables import appointments, areas, households, kinship, notifications, persons
from engine import cases, locking, worklist
from engine.bundle import Bundle
from engine.db import Tx
from engine.tables import cases as cases_table
from tests.engine.models import bundle, flow, user_task
from tests.tasks.rig import NOW, a_case

GRID = f"{seed.VILLAGE}/01"
OFFICE = ("p_fuwuban1", "p_fuwuban2")


def parted(together: int | str, **more: str) -> Bundle:
    """Survey, opinion, and a decision by so many who made neither."""
    recuse = "=actors(&quot;survey&quot;, &quot;opinion&quot;)"
    steps = [user_task(each, post="town_service_office") for each in ("survey", "opinion")]
    last = user_task("decide", post="town_service_office", recuse=recuse, together=str(together), **more)
    return bundle("parted", "".join(steps) + last + flow("start", "survey", "opinion", "decide", "end"))


def decided_by(
    tx: Tx, people: Sequence[str], title: str = "某", together: int = 1, made: Bundle | None = None
) -> str:
    """A case whose survey and opinion were made by these people; it waits for a decision."""
    case = a_case(tx, title=title, made=made or parted(together))
    for person in people:
        (row,) = worklist.open_of_case(tx, case)
        cases.complete(tx, staff.actor_of(tx, person, NOW), row.id, row.revision, {}, NOW)
    return case


@pytest.mark.parametrize(
    ("tier", "post", "gone", "above"),
    [
        ("village", "resident_cadre", (), {"p_fuwuban1", "p_fuwuban2"}),
        ("village", "resident_cadre", OFFICE, {"p_baopian", "p_juzhang"}),
        ("town", "town_service_office", OFFICE, {"p_baopian", "p_juzhang"}),
        ("district", "district_treasury", (), {"p_juzhang", "p_guanli"}),
    ],
)
def test_a_step_that_nobody_holds_the_post_of_is_told_to_those_above_at_once(
    tx: Tx, tier: str, post: str, gone: Sequence[str], above: set[str]
) -> None:
    tx.run(appointments.delete().where(appointments.c.person.in_(gone)))
    step = user_task("post_it", post=post, tier=tier)
    a_case(tx, made=bundle("vacant", step + flow("start", "post_it", "end")))
    assert {person for person, _ in told(tx)} == above
    assert all(text.startswith("L1“post_it”无人可办：") and "空缺" in text for _, text in told(tx))


def test_a_grid_worker_holds_a_step_of_the_village_and_a_disabled_account_holds_none(tx: Tx) -> None:
    place = {
        "path": GRID,
        "code": "01",
        "name": "第一网格",
        "kind": "grid",
        "tier": "grid",
        "parent": seed.VILLAGE,
    }
    tx.run(insert(areas), {**place, "valid_from": seed.SINCE})
    tx.run(appointments.update().where(appointments.c.person == "p_wangge").values(tier="grid", area=GRID))
    step = user_task("look", post="grid_worker", tier="village")
    made = bundle("gridded", step + flow("start", "look", "end"))
    a_case(tx, made=made)
    assert told(tx) == []
    tx.run(persons.update().where(persons.c.id == "p_wangge").values(disabled=True))
    a_case(tx, "L2", made=made)
    assert {person for person, _ in told(tx)} == set(OFFICE)


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


def test_who_stands_by_where_too_few_are_left_does_not_where_the_case_goes(tx: Tx) -> None:
    """The district takes part in the town where everybody has had a hand in the case; in the next town there are people enough."""
    made = parted(1, standby="district_assistance_office")
    case = decided_by(tx, OFFICE, made=made)
    (task,) = worklist.open_of_case(tx, case)
    assert (task.tier, task.posts) == (None, ",town_service_office,district_assistance_office,")
    asker, there = staff.actor_of(tx, "p_fuwuban1", NOW), f"{seed.OTHER_TOWN}/120115103201"
    revision = locking.case_of(tx, case).revision
    offer = transferring.ask(tx, asker, case, revision, there, "本人住在该镇", NOW)
    transferring.accept(tx, staff.actor_of(tx, "p_linzhen2", NOW), offer, 1, there, "", NOW)
    (task,) = worklist.open_of_case(tx, case)
    assert (task.area, task.tier, task.posts) == (there, "town", ",town_service_office,")


@pytest.mark.parametrize(("least", "standing_by"), [(1, set()), (3, {"p_jiuzhu1", "p_jiuzhu2"})])
def test_who_may_be_named_counts_as_many_as_the_drawing_asks_for(
    tx: Tx, least: int, standing_by: set[str]
) -> None:
    """`together` may be an expression: who stands by is offered where the step's own are fewer."""
    case = a_case(tx, made=parted("=least", standby="district_assistance_office"))
    tx.run(cases_table.update().values(variables={"least": least}))
    key = {"process": "parted", "step": "decide", "case_id": case, "asked_at": NOW}
    found = {one["value"]: one["standby"] for one in able.people(tx, key) or []}
    assert found == dict.fromkeys(OFFICE, False) | dict.fromkeys(standing_by, True)
