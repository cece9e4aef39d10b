"""The register kept by hand: who is entered twice, what an empty value means, who leaves, who heads the household then."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select

from casework import audit, households, seed, staff
from casework import household_changes as changes
from casework.tables import household_members
from casework.tables import households as table
from engine.db import Tx
from engine.errors import Conflict, Forbidden, Invalid, StaleRevision
from engine.routing import Actor
from tests.tasks.rig import NOW

NUMBER, ELSE = (
    "11010519491231002X",
    "120115195005010030",
)  # invented: a woman of 1949, a man of 1950
TODAY = NOW.date()


@pytest.fixture
def keeper(tx: Tx) -> Actor:
    return staff.actor_of(tx, "p_lianluo", NOW)


@pytest.fixture
def home(tx: Tx, keeper: Actor) -> str:
    """何某甲 with wife, son and daughter."""
    people = [
        {"name": "何某甲", "id_no": ELSE, "illness": "高血压"},
        {"name": "李某", "relation": "spouse"},
        {"name": "何某乙", "relation": "son"},
        {"name": "何某丙", "relation": "daughter"},
    ]
    given = {"head": "何某甲", "number": "310", "phone": "13800000000", "account": "6200000000000000"}
    return changes.add(tx, keeper, seed.VILLAGE, given, people, NOW).household


def row(tx: Tx, household: str) -> Any:
    return tx.run(select(table).where(table.c.id == household)).one()


def person(tx: Tx, household: str, name: str) -> Any:
    return next(p for p in households.people(tx, household) if p.name == name)


def relations(tx: Tx, household: str) -> dict[str, str | None]:
    return {p.name: p.relation for p in households.people(tx, household)}


def correct(tx: Tx, actor: Actor, household: str, **given: Any) -> changes.Written:
    return changes.correct(tx, actor, household, row(tx, household).revision, given, NOW)


def correct_member(
    tx: Tx, actor: Actor, household: str, member_name: str, /, **given: Any
) -> changes.Written:
    member = person(tx, household, member_name).id
    return changes.correct_member(tx, actor, household, member, row(tx, household).revision, given, NOW)


def join(tx: Tx, actor: Actor, household: str, **given: Any) -> changes.Written:
    confirmed = given.pop("confirmed", False)
    return changes.join(tx, actor, household, row(tx, household).revision, given, NOW, confirmed=confirmed)


def leave(tx: Tx, actor: Actor, household: str, member_name: str, /, **how: Any) -> changes.Written:
    member = person(tx, household, member_name).id
    given: dict[str, Any] = {"on": TODAY, "why": "married", **how}
    return changes.leave(tx, actor, household, member, row(tx, household).revision, NOW, **given)


# ------------------------------------------------------------------------------------------ a new household
def test_a_household_is_entered_with_its_members_and_its_head_among_them(tx: Tx, home: str) -> None:
    found = row(tx, home)
    assert (found.area, found.head, found.number, found.size) == (seed.VILLAGE, "何某甲", "310", 4)
    assert relations(tx, home) == {"何某甲": "head", "李某": "spouse", "何某乙": "son", "何某丙": "daughter"}
    head = person(tx, home, "何某甲")
    assert (head.sex, head.birth_date) == ("1", date(1950, 5, 1))


def test_a_head_nobody_names_as_a_member_is_one(tx: Tx, keeper: Actor) -> None:
    made = changes.add(tx, keeper, seed.VILLAGE, {"head": " 何某丁 "}, [{"name": "何某戊"}], NOW).household
    assert relations(tx, made) == {"何某丁": "head", "何某戊": None}
    assert row(tx, made).size == 2


def test_two_heads_are_refused_at_the_one_who_is_not(tx: Tx, keeper: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        changes.add(
            tx, keeper, seed.VILLAGE, {"head": "何某丁"}, [{"name": "何某戊", "relation": "head"}], NOW
        )
    assert refused.value.fields[0].path == "members[0].relation"


def test_a_number_of_another_household_is_refused_with_that_household(
    tx: Tx, keeper: Actor, home: str
) -> None:
    for confirmed in (False, True):
        with pytest.raises(Conflict) as refused:
            changes.add(
                tx, keeper, seed.VILLAGE, {"head": "何某丁", "number": "310"}, [], NOW, confirmed=confirmed
            )
        assert (refused.value.code, refused.value.data) == ("number_taken", {"household": home})
    with pytest.raises(Conflict):
        correct(tx, keeper, "h_w", number="310")


def test_a_namesake_is_asked_for_and_entered_when_confirmed(tx: Tx, keeper: Actor, home: str) -> None:
    with pytest.raises(Conflict) as refused:
        changes.add(tx, keeper, seed.VILLAGE, {"head": "何某甲"}, [], NOW)
    assert (refused.value.code, refused.value.data) == ("namesake", {"household": home})
    other = changes.add(tx, keeper, seed.VILLAGE, {"head": "何某甲"}, [], NOW, confirmed=True).household
    assert households.named(tx, seed.VILLAGE, "何某甲") == sorted([home, other])


def test_nobody_lives_in_two_households_the_keeper_sees(tx: Tx, keeper: Actor, home: str) -> None:
    people = [{"name": "何某丁", "id_no": "120115 195005010030"}]
    for confirmed in (False, True):
        with pytest.raises(Conflict) as refused:
            changes.add(tx, keeper, seed.VILLAGE, {"head": "何某丁"}, people, NOW, confirmed=confirmed)
        assert (refused.value.code, refused.value.data) == ("person_known", {"household": home})
    leave(tx, keeper, home, "何某甲", new_head=person(tx, home, "李某").id)
    changes.add(tx, keeper, seed.VILLAGE, {"head": "何某丁"}, people, NOW)


def test_a_number_that_cannot_be_one_keeps_nobody_out_once_confirmed(
    tx: Tx, keeper: Actor, home: str
) -> None:
    correct_member(tx, keeper, home, "李某", id_no="不详")
    with pytest.raises(Conflict):
        join(tx, keeper, home, name="何某丁", id_no="不详")
    written = join(tx, keeper, home, name="何某丁", id_no="不详", confirmed=True)
    assert any("校验不符" in text for text in written.warnings)
    assert person(tx, home, "何某丁").id_no == "不详"


def test_who_is_registered_beyond_the_keepers_sight_is_pointed_out(tx: Tx, keeper: Actor) -> None:
    tx.run(
        insert(table),
        {"id": "h_far", "area": seed.OTHER_TOWN, "head": "何某", "size": 1, "focus": [], "programmes": []},
    )
    far = staff.actor_of(tx, "p_linzhen1", NOW)
    changes.join(tx, far, "h_far", 1, {"name": "何某", "id_no": NUMBER}, NOW)
    written = changes.add(
        tx, keeper, seed.VILLAGE, {"head": "何某"}, [{"name": "何某", "id_no": NUMBER}], NOW
    )
    assert any("也在" in text for text in written.warnings)


@pytest.mark.parametrize("area", [seed.TOWN, seed.VILLAGE + "/none"])
def test_a_household_stands_in_a_village(tx: Tx, area: str) -> None:
    officer = staff.actor_of(tx, "p_minzheng1", NOW)
    with pytest.raises(Invalid) as refused:
        changes.add(tx, officer, area, {"head": "何某丁"}, [], NOW)
    assert refused.value.fields[0].path == "area"


# ------------------------------------------------------------------------------------------ correcting
def test_only_what_is_sent_changes_and_an_empty_value_clears(tx: Tx, keeper: Actor, home: str) -> None:
    correct(tx, keeper, home, phone=" 13800000001 ", address="二排三号")
    correct(tx, keeper, home, address="", account="")
    found = row(tx, home)
    assert (found.phone, found.address, found.number, found.account) == (
        "13800000001",
        None,
        "310",
        "6200000000000000",
    )
    with pytest.raises(Invalid):
        correct(tx, keeper, home, head="")


def test_sensitive_fields_are_written_and_an_empty_one_stays(tx: Tx, keeper: Actor, home: str) -> None:
    correct_member(tx, keeper, home, "何某甲", illness="", id_no=None, health="体弱", work="务农")
    found = person(tx, home, "何某甲")
    assert (found.illness, found.id_no, found.health, found.work) == ("高血压", ELSE, "体弱", "务农")
    correct_member(tx, keeper, home, "何某甲", work=None)
    assert person(tx, home, "何某甲").work is None


@pytest.mark.parametrize("given", [{"name": "李*"}, {"id_no": "120***0039"}])
def test_what_is_still_masked_is_not_entered(tx: Tx, keeper: Actor, home: str, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        correct_member(tx, keeper, home, "李某", **given)
    assert refused.value.fields[0].path in given


def test_a_number_tells_sex_and_birthday_and_what_contradicts_it_warns(
    tx: Tx, keeper: Actor, home: str
) -> None:
    assert correct_member(tx, keeper, home, "李某", id_no=NUMBER.lower()).warnings == ()
    found = person(tx, home, "李某")
    assert (found.id_no, found.sex, found.birth_date) == (NUMBER, "2", date(1949, 12, 31))
    warnings = correct_member(tx, keeper, home, "李某", sex="1").warnings
    assert len(warnings) == 1
    assert "性别" in warnings[0]
    assert person(tx, home, "李某").sex == "1"
    assert any(
        "校验不符" in w for w in correct_member(tx, keeper, home, "何某乙", id_no=NUMBER[:-1] + "1").warnings
    )
    assert person(tx, home, "何某乙").id_no == NUMBER[:-1] + "1"


def test_the_heads_corrected_name_is_the_households(tx: Tx, keeper: Actor, home: str) -> None:
    correct_member(tx, keeper, home, "何某甲", name="何某家")
    assert row(tx, home).head == "何某家"


def test_another_head_is_a_member_and_the_relations_follow_or_are_asked_for(
    tx: Tx, keeper: Actor, home: str
) -> None:
    with pytest.raises(Invalid):
        correct(tx, keeper, home, head="何某庚")
    with pytest.raises(Invalid):
        correct_member(tx, keeper, home, "李某", relation="head")
    join(tx, keeper, home, name="王某", relation="grandchild")
    warnings = correct(tx, keeper, home, head="何某乙").warnings
    assert relations(tx, home) == {
        "何某乙": "head", "何某甲": "parent", "李某": "parent", "何某丙": "sibling", "王某": None,
    }  # fmt: skip
    assert any("重新填写" in text for text in warnings)
    assert row(tx, home).head == "何某乙"


def test_a_page_that_is_no_longer_so_overwrites_nothing(tx: Tx, keeper: Actor, home: str) -> None:
    seen = row(tx, home).revision
    correct(tx, keeper, home, phone="13800000001")
    member = person(tx, home, "李某").id
    with pytest.raises(StaleRevision):
        changes.correct(tx, keeper, home, seen, {"phone": "13800000002"}, NOW)
    with pytest.raises(StaleRevision):
        changes.leave(tx, keeper, home, member, seen, NOW, on=TODAY, why="died")
    assert (row(tx, home).phone, row(tx, home).size) == ("13800000001", 4)


# ------------------------------------------------------------------------------------------ who comes and goes
def test_who_leaves_lowers_the_size_and_keeps_the_reason(tx: Tx, keeper: Actor, home: str) -> None:
    leave(tx, keeper, home, "何某丙", on=date(2026, 9, 1))
    found = person(tx, home, "何某丙")
    assert (found.left_on, found.left_why, row(tx, home).size) == (date(2026, 9, 1), "married", 3)
    changes.come_back(tx, keeper, home, found.id, row(tx, home).revision, NOW)
    back = person(tx, home, "何某丙")
    assert (back.left_on, back.left_why, row(tx, home).size) == (None, None, 4)


def test_the_size_counts_members_nobody_has_named_yet(tx: Tx, keeper: Actor) -> None:
    tx.run(
        insert(table),
        {"id": "h_n", "area": seed.VILLAGE, "head": "何某", "size": 4, "focus": [], "programmes": []},
    )
    member = {"household": "h_n", "relation": "head"}
    tx.run(insert(household_members), {"id": "n1", "name": "何某", **member})
    join(tx, keeper, "h_n", name="何某乙", relation="son")
    assert row(tx, "h_n").size == 4
    leave(tx, keeper, "h_n", "何某乙")
    assert row(tx, "h_n").size == 3


def test_other_reasons_are_written_down_and_nobody_leaves_tomorrow(tx: Tx, keeper: Actor, home: str) -> None:
    for how, field in (({"why": "other"}, "said"), ({"on": date(2026, 9, 15)}, "on")):
        with pytest.raises(Invalid) as refused:
            leave(tx, keeper, home, "何某丙", **how)
        assert refused.value.fields[0].path == field
    leave(tx, keeper, home, "何某丙", why="other", said="服兵役")
    assert person(tx, home, "何某丙").left_note == "服兵役"


def test_a_head_leaves_to_a_member_who_lives_there(tx: Tx, keeper: Actor, home: str) -> None:
    gone = person(tx, home, "何某丙").id
    leave(tx, keeper, home, "何某丙")
    for new_head in (None, gone):
        with pytest.raises(Invalid) as refused:
            leave(tx, keeper, home, "何某甲", why="died", new_head=new_head)
        assert refused.value.fields[0].path == "new_head"
    leave(tx, keeper, home, "何某甲", why="died", new_head=person(tx, home, "李某").id)
    assert (row(tx, home).head, row(tx, home).size) == ("李某", 2)
    assert relations(tx, home)["何某乙"] == "son"
    assert row(tx, home).ended_on is None


def test_a_household_that_ends_with_its_head_takes_nothing_more_until_it_is_back(
    tx: Tx, keeper: Actor
) -> None:
    alone = changes.add(tx, keeper, seed.VILLAGE, {"head": "何某丁"}, [], NOW).household
    with pytest.raises(Invalid):
        leave(tx, keeper, alone, "何某丁", why="died")
    leave(tx, keeper, alone, "何某丁", why="died", ends=True)
    assert (row(tx, alone).ended_on, row(tx, alone).ended_why) == (TODAY, "户主死亡")
    member = person(tx, alone, "何某丁").id
    with pytest.raises(Conflict):
        correct(tx, keeper, alone, phone="13800000001")
    with pytest.raises(Conflict):
        changes.come_back(tx, keeper, alone, member, row(tx, alone).revision, NOW)
    changes.reopen(tx, keeper, alone, row(tx, alone).revision, NOW)
    changes.come_back(tx, keeper, alone, member, row(tx, alone).revision, NOW)
    assert (row(tx, alone).ended_on, row(tx, alone).size, relations(tx, alone)) == (
        None,
        1,
        {"何某丁": "head"},
    )


def test_who_left_is_offered_back_before_being_entered_again(tx: Tx, keeper: Actor, home: str) -> None:
    leave(tx, keeper, home, "何某丙")
    with pytest.raises(Conflict) as refused:
        join(tx, keeper, home, name="何某丙")
    assert "回到本户" in refused.value.message


def test_a_household_that_receives_aid_is_reminded_of_its_review(tx: Tx, keeper: Actor) -> None:
    aided = (
        tx.run(select(table.c.id).where(table.c.area == seed.VILLAGE, table.c.programmes != []))
        .scalars()
        .first()
    )
    assert aided is not None
    assert any("在享救助" in text for text in join(tx, keeper, aided, name="何某辛").warnings)


# ------------------------------------------------------------------------------------------ trace and rights
def test_every_change_leaves_its_line_without_names_or_values(tx: Tx, keeper: Actor, home: str) -> None:
    correct(tx, keeper, home, phone="13800000009", account="6299999999999999")
    correct_member(tx, keeper, home, "李某", illness="尿毒症")
    leave(tx, keeper, home, "何某丙")
    correct(tx, keeper, home, phone="13800000009")
    lines = audit.of_household(tx, home, 10)
    assert [(one.kind, one.details["what"]) for one in lines] == [
        ("member_left", "婚嫁"), ("member_changed", "患病情况"), ("home_changed", "联系电话、发放账户"), ("home_added", "4 人"),
    ]  # fmt: skip
    assert {one.by for one in lines} == {"p_lianluo"}
    told = str([(one.text, one.details) for one in lines])
    assert not [word for word in ("何某", "李某", "尿毒症", "13800000009", "6299") if word in told]
    supervisor = staff.actor_of(tx, "p_jiuzhu1", NOW)
    assert [one.id for one in audit.page(tx, supervisor, kind="member_left")[0]] == [lines[0].id]


def test_who_does_not_keep_the_register_changes_nothing(tx: Tx, home: str) -> None:
    grid = staff.actor_of(tx, "p_wangge", NOW)
    with pytest.raises(Forbidden) as refused:
        correct(tx, grid, home, phone="1")
    assert refused.value.code == "not_keeper"
    with pytest.raises(Forbidden):
        changes.add(tx, grid, seed.VILLAGE, {"head": "何某丁"}, [], NOW)
