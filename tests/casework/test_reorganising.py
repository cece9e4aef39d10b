"""区划调整: what follows to the new place, what stays at the old, one liaison, planned days, and trees that agree."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from casework import areas, rediscovery, reorganising, seed, staff, tree
from casework.tables import appointments, households, notifications
from casework.tables import area_changes as changes_table
from casework.tables import areas as areas_table
from engine import history, worklist
from engine.db import Database, Tx
from engine.errors import Conflict, Forbidden, Invalid
from engine.routing import Actor, Appointment
from engine.tables import cases as cases_table
from engine.tables import user_tasks
from tasks import sweep
from tests.engine.models import bundle, flow, user_task
from tests.tasks.rig import NOW, STEPPED, a_case, a_lead

ADMIN = Actor("p_guanli", "巳管理", (Appointment("system_admin", "district", seed.DISTRICT),))
TODAY = NOW.date()
A, B = seed.VILLAGE, seed.NEXT_VILLAGE
NEW = {"name": "合新村", "kind": "village"}
VILLAGE_STEP = bundle(
    "at_village", user_task("look", tier="village", post="village_liaison") + flow("start", "look", "end")
)
AT_TOWN = bundle(
    "at_town", user_task("check", tier="town", post="town_civil_officer") + flow("start", "check", "end")
)


def change(tx: Tx, kind: str, on: date = TODAY, /, **plan: Any) -> Any:
    """Plan a change (for today: carried out at once) and read it back."""
    made = reorganising.plan(tx, ADMIN, kind, on, plan, "津宝政〔2026〕1号", NOW)
    return tx.run(select(changes_table).where(changes_table.c.id == made)).one()


def merged(tx: Tx, **more: Any) -> Any:
    return change(tx, "merge", sources=[A, B], new=NEW, **more)


def liaison(tx: Tx, person: str, area: str) -> None:
    row = {"id": f"a_{person}_{area[-3:]}", "person": person, "post": "village_liaison", "tier": "village"}
    tx.run(insert(appointments), {**row, "area": area, "valid_from": seed.SINCE})


def held(tx: Tx, area: str, on: date = TODAY) -> set[tuple[str, str]]:
    a = appointments.c
    rows = tx.run(select(a.person, a.post, a.valid_from, a.valid_to).where(a.area == area))
    return {
        (r.person, r.post) for r in rows if r.valid_from <= on and (r.valid_to is None or on < r.valid_to)
    }


def test_what_is_open_follows_and_what_is_closed_stays(tx: Tx) -> None:
    lead = a_lead(tx, "L1", made=STEPPED)
    closed = a_case(tx, "L2", area=B)
    tx.run(cases_table.update().where(cases_table.c.id == closed).values(status="completed"))
    (task,) = worklist.open_of_case(tx, lead)
    worklist.change(tx, task.id, holder="p_minzheng1")
    row = merged(tx)
    place = row.result["area"]
    assert (row.state, row.result["cases"], row.result["households"]) == ("applied", 1, 3)
    where = {r.id: r.area for r in tx.run(select(cases_table.c.id, cases_table.c.area))}
    assert (where[lead], where[closed]) == (place, B)
    (task,) = worklist.open_of_case(tx, lead)
    assert (task.area, task.holder) == (place, "p_minzheng1"), "the same people go on with what they hold"
    assert set(tx.run(select(households.c.area)).scalars()) == {place}
    last = history.entries(tx, lead)[-1]
    assert (last.kind, last.payload and last.payload["from"]) == ("case.moved", A)
    assert history.verify(tx, lead) is None
    ended = tx.run(select(areas_table).where(areas_table.c.path == A)).one()
    assert (ended.valid_to, ended.successor) == (TODAY, place)
    assert A not in {area.path for area in areas.children(tx, seed.TOWN, NOW)}


def test_posts_follow_and_one_liaison_remains(tx: Tx) -> None:
    liaison(tx, "p_minzheng2", B)
    place = merged(tx).result
    assert held(tx, A) == held(tx, B) == set()
    posts = held(tx, place["area"])
    assert ("p_wangge", "grid_worker") in posts
    assert [person for person, post in posts if post == "village_liaison"] == ["p_lianluo"]
    assert (place["liaison"], place["no_longer_liaison"]) == ("乙联络", ["己民政"])


def test_the_liaison_may_be_named_and_the_merged_village_may_be_one_of_them(tx: Tx) -> None:
    liaison(tx, "p_minzheng2", B)
    change(tx, "merge", sources=[A], into=B, liaison="p_lianluo")
    assert [p for p, post in held(tx, B) if post == "village_liaison"] == ["p_lianluo"]
    assert held(tx, A) == set()


def test_whoever_takes_over_a_village_reads_its_closed_cases(tx: Tx) -> None:
    old = a_case(tx, "L2", area=B)
    tx.run(cases_table.update().where(cases_table.c.id == old).values(status="completed"))
    before = staff.actor_of(tx, "p_lianluo", NOW)
    merged(tx)
    after = staff.actor_of(tx, "p_lianluo", NOW)
    seen = select(cases_table.c.id)
    assert not tx.run(seen.where(worklist.in_sight(before, cases_table.c.area))).scalars().all()
    assert tx.run(seen.where(worklist.in_sight(after, cases_table.c.area))).scalars().all() == [old]
    assert after.formerly == tuple(sorted([A, B]))


def test_a_split_takes_the_households_named_and_their_cases(tx: Tx) -> None:
    goes, stays = a_case(tx, "L1", title="王某乙"), a_case(tx, "L2", title="李某甲")
    parts = [{"name": "北村", "kind": "village", "households": ["h_w"]}]
    (north,) = change(tx, "split", area=A, parts=parts, keep=True).result["made"]
    where = {r.id: r.area for r in tx.run(select(cases_table.c.id, cases_table.c.area))}
    assert (where[goes], where[stays]) == (north, A)
    homes = {r.id: r.area for r in tx.run(select(households.c.id, households.c.area))}
    assert (homes["h_w"], homes["h_l"]) == (north, A)
    assert ("p_lianluo", "village_liaison") in held(tx, A)


def test_a_village_moves_to_another_town_with_all_it_has(tx: Tx) -> None:
    lead = a_lead(tx, made=STEPPED)
    place = change(tx, "move", area=A, parent=seed.OTHER_TOWN).result["area"]
    assert place == f"{seed.OTHER_TOWN}/{A.rpartition('/')[2]}"
    (task,) = worklist.open_of_case(tx, lead)
    assert task.area == place
    assert ("p_lianluo", "village_liaison") in held(tx, place)


def test_grids_are_founded_and_go_along(tx: Tx) -> None:
    grid = change(tx, "found", parent=A, name="第一网格", kind="grid").result["area"]
    assert grid.startswith(A + "/")
    place = merged(tx).result["area"]
    now_grids = [area.name for area in areas.children(tx, place, NOW)]
    assert now_grids == ["第一网格"]


def test_a_new_name_is_the_name_and_the_old_tree_keeps_the_old(tx: Tx) -> None:
    old = areas.names(tx, [A])[A]
    change(tx, "rename", area=A, name="新名社区", kind="community")
    assert areas.names(tx, [A])[A].endswith("新名社区")
    assert old.endswith(tree.of_day(tx, TODAY - timedelta(days=1)).names[A])
    assert tree.of_day(tx, TODAY).names[A] == "新名社区"


@pytest.mark.parametrize(
    ("kind", "plan"),
    [
        ("merge", {"sources": [A], "new": NEW}),
        ("merge", {"sources": [A, seed.TOWN], "new": NEW}),
        ("merge", {"sources": [A, B], "new": {"name": "某镇", "kind": "town"}}),
        ("merge", {"sources": [A], "into": A}),
        ("move", {"area": A, "parent": seed.TOWN}),
        ("move", {"area": A, "parent": B}),
        ("split", {"area": A, "parts": [NEW]}),
        ("found", {"parent": seed.TOWN, "name": "x", "kind": "grid"}),
        ("rename", {"area": A, "name": "x", "kind": "town"}),
    ],
)
def test_a_plan_that_does_not_fit_the_tree_is_refused(tx: Tx, kind: str, plan: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        change(tx, kind, **plan)
    assert refused.value.fields


def test_only_the_district_changes_the_tree(tx: Tx) -> None:
    office = Actor("p_fuwuban1", "庚服务", (Appointment("town_service_office", "town", seed.TOWN),))
    with pytest.raises(Forbidden):
        reorganising.plan(
            tx, office, "found", TODAY, {"parent": A, "name": "一", "kind": "grid"}, "文号", NOW
        )


def test_a_later_day_is_planned_and_the_worker_carries_it_out(district: Database) -> None:
    later = TODAY + timedelta(days=10)
    with district.transaction() as tx:
        first = change(tx, "merge", later, sources=[A, B], new=NEW)
        second = change(tx, "rename", later + timedelta(days=1), area=B, name="并不存在")
        dropped = change(tx, "rename", later, area=A, name="不改了")
        reorganising.cancel(tx, ADMIN, dropped.id, NOW)
        with pytest.raises(Conflict):
            reorganising.cancel(tx, ADMIN, dropped.id, NOW)
    sweep.drain(district, NOW + timedelta(days=9))
    with district.reading() as tx:
        assert B in {area.path for area in areas.children(tx, seed.TOWN, NOW + timedelta(days=9))}
    sweep.drain(district, NOW + timedelta(days=11))
    with district.reading() as tx:
        state = {r.id: (r.state, r.result) for r in tx.run(select(changes_table))}
        assert state[first.id][0] == "applied"
        assert state[second.id][0] == "failed"
        assert "不存在" in state[second.id][1]["error"]
        assert state[dropped.id][0] == "cancelled"
        (new,) = tx.run(select(areas_table).where(areas_table.c.name == "合新村"))
        assert new.valid_from == later


def test_no_day_has_two_liaisons_whatever_the_use_case_forgets(district: Database) -> None:
    row = {"id": "x", "person": "p_wangge", "post": "village_liaison", "tier": "village", "area": A}
    for begins, until in (
        (TODAY, None),
        (TODAY, TODAY + timedelta(days=1)),
        (date(2025, 1, 1), date(2026, 1, 2)),
    ):
        with district.begin() as tx, pytest.raises(IntegrityError):
            tx.run(insert(appointments), {**row, "valid_from": begins, "valid_to": until})
    with district.begin() as tx:
        tx.run(insert(appointments), {**row, "valid_from": date(2025, 1, 1), "valid_to": seed.SINCE})
        with pytest.raises(IntegrityError):
            tx.run(appointments.update().where(appointments.c.id == "x").values(valid_to=None))


def test_open_tasks_of_a_merged_village_reach_its_people(tx: Tx) -> None:
    case = a_case(tx, area=B, made=VILLAGE_STEP)
    merged(tx)
    row = tx.run(select(user_tasks).where(user_tasks.c.case_id == case)).one()
    worklist.require_actor(row, staff.actor_of(tx, "p_lianluo", NOW))


def test_a_split_knows_namesakes_apart_and_takes_along_what_a_case_has_started(tx: Tx) -> None:
    """Two families of one name: only the one named goes, with the file of its fraud and a case that names no household but is surely its."""
    other = {"id": "h_w2", "area": A, "head": "王某乙", "size": 2, "focus": [], "programmes": []}
    tx.run(insert(households), {**other, "number": "901"})
    goes, stays = a_case(tx, "L1", subject="h_w"), a_case(tx, "L2", subject="h_w2")
    ended = a_case(tx, "L1-F1", title="查处：王某乙", parent=goes)
    below = a_case(tx, "L1-F1-T", title="追回", parent=ended)
    tx.run(cases_table.update().where(cases_table.c.id == ended).values(status="completed"))
    alone, unclear = a_case(tx, "L3", title="李某甲"), a_case(tx, "L4", title="王某乙")
    parts = [{"name": "北村", "kind": "village", "households": ["h_w", "h_l"]}]
    (north,) = change(tx, "split", area=A, parts=parts, keep=True).result["made"]
    where = {r.id: r.area for r in tx.run(select(cases_table.c.id, cases_table.c.area))}
    assert {where[one] for one in (goes, below, alone)} == {north}
    assert {where[one] for one in (stays, ended, unclear)} == {A}, (
        "what is closed stays, and whose it is not is not guessed"
    )


def test_who_does_not_reach_the_new_place_gives_up_what_they_hold_there(tx: Tx) -> None:
    """A village goes to another town: its people go on, the old town's do not; nor does the liaison of what was split off."""
    lead, kept = a_lead(tx, made=AT_TOWN), a_case(tx, "L2", made=VILLAGE_STEP)
    (at_town,), (at_village,) = worklist.open_of_case(tx, lead), worklist.open_of_case(tx, kept)
    worklist.change(tx, at_town.id, holder="p_minzheng1")
    worklist.change(tx, at_village.id, holder="p_lianluo")
    there = change(tx, "move", area=A, parent=seed.OTHER_TOWN).result["area"]
    (at_town,), (at_village,) = worklist.open_of_case(tx, lead), worklist.open_of_case(tx, kept)
    assert (at_town.area, at_town.holder, at_village.holder) == (there, None, "p_lianluo")
    note = notifications.c
    told = select(note.person).where(note.title == "区划调整转来的任务")
    assert list(tx.run(told).scalars()) == ["p_linzhen1"]
    tx.run(cases_table.update().where(cases_table.c.id == kept).values(title="王某乙"))
    parts = [{"name": "北村", "kind": "village", "households": ["h_w"]}]
    change(tx, "split", area=there, parts=parts, keep=True)
    (at_village,) = worklist.open_of_case(tx, kept)
    assert at_village.holder is None


def test_what_became_of_somebody_before_is_known_after_their_village_has_another_name(tx: Tx) -> None:
    """C-8 asks how often somebody was helped this year: a merger of villages does not begin to count anew."""
    closed = a_lead(tx, "L1")
    tx.run(cases_table.update().where(cases_table.c.id == closed).values(status="completed"))
    place = merged(tx).result["area"]
    past = rediscovery.history(tx, subject="王某乙", area=place)
    assert [one.number for one in past] == ["L1"]
