"""A workbook that names who has ended or left: a person decides, nothing is swallowed – and nothing is entered but what was shown."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from casework import audit, households, imports, matching, reorganising, seed, staff
from casework import household_changes as changes
from casework.tables import appointments, household_members
from casework.tables import households as table
from engine.db import Tx
from engine.errors import Conflict, Forbidden, Invalid
from engine.routing import Actor, Appointment
from tests.casework.test_imports import NOW, book, counts, person

HEAD, OTHER = "11010519491231002X", "440524188001010014"
TODAY = NOW.date()
ADMIN = Actor("p_guanli", "巳管理", (Appointment("system_admin", "district", seed.DISTRICT),))


@pytest.fixture
def officer(tx: Tx) -> Actor:
    return staff.actor_of(tx, "p_minzheng1", NOW)


@pytest.fixture
def home(tx: Tx, officer: Actor) -> str:
    """何某甲, number 210, with a wife and a son."""
    entered(
        tx,
        officer,
        person("何某甲", id_no=HEAD),
        person("李某", relation="配偶"),
        person("何某乙", relation="子"),
    )
    return str(tx.run(select(table.c.id).where(table.c.number == "210")).scalar_one())


def previewed(tx: Tx, officer: Actor, *rows: dict[str, object]) -> str:
    return imports.preview(tx, officer, "a.xlsx", book(*rows), NOW)


def found(tx: Tx, officer: Actor, made: str, level: str = "choice") -> list[dict[str, Any]]:
    return [f for f in imports.get(tx, officer, made).findings if f["level"] == level]


def entered(tx: Tx, officer: Actor, *rows: dict[str, object], **choices: str) -> dict[str, int]:
    """`home` and `member`: what is chosen for the household or person that is asked about."""
    made = previewed(tx, officer, *rows)
    for kind, value in choices.items():
        (asked,) = (f for f in found(tx, officer, made) if f["key"].startswith(f"{kind}:"))
        imports.decide(tx, officer, made, {asked["key"]: value}, NOW)
    return imports.confirm(tx, officer, made, NOW)


def ended(tx: Tx, officer: Actor, home: str, why: str = "误注销") -> None:
    households.end(tx, officer, home, TODAY, why, NOW)


def left(tx: Tx, home: str, name: str, why: str = "moved") -> str:
    m = household_members.c
    where = (m.household == home, m.name == name)
    tx.run(update(household_members).where(*where).values(left_on=date(2026, 5, 1), left_why=why))
    tx.run(update(table).where(table.c.id == home).values(size=table.c.size - 1))
    return str(tx.run(select(m.id).where(*where)).scalar_one())


def living(tx: Tx, home: str) -> list[str]:
    return sorted(p.name for p in households.people(tx, home) if p.left_on is None)


# ------------------------------------------------------------------------------------------ who has ended
def test_an_ended_household_is_asked_about_and_nothing_is_entered_before(
    tx: Tx, officer: Actor, home: str
) -> None:
    ended(tx, officer, home)
    made = previewed(tx, officer, person("何某甲", id_no=HEAD, phone="13800000000"))
    (asked,) = found(tx, officer, made)
    assert (asked["row"], asked["column"], asked["key"]) == (3, "head", "home:3")
    assert "误注销" in asked["message"]
    assert [one["label"] for one in asked["choices"]] == ["恢复本户", "作为新户", "不导入此户"]
    with pytest.raises(Conflict) as told:
        imports.confirm(tx, officer, made, NOW)
    assert told.value.code == "undecided"
    assert households.get(tx, home).phone is None


def test_it_stands_again_with_what_the_workbook_says(tx: Tx, officer: Actor, home: str) -> None:
    ended(tx, officer, home)
    done = entered(
        tx,
        officer,
        person("何某甲", id_no=HEAD, phone="13800000000"),
        person("何某丙", relation="女"),
        home=home,
    )
    assert done == counts(restored=1)
    row = households.get(tx, home)
    assert (row.ended_on, row.ended_why, row.phone, row.number) == (None, None, "13800000000", "210")
    assert set(living(tx, home)) == {"何某甲", "李某", "何某乙", "何某丙"}
    assert home in {one.id for one in households.search(tx, "", [seed.VILLAGE], 50)}
    last = audit.of_household(tx, home, 5)[0]
    assert (last.kind, last.by, last.details["what"]) == ("home_reopened", officer.id, "户册导入")


def test_as_another_household_it_has_the_number_and_the_old_one_stays_ended(
    tx: Tx, officer: Actor, home: str
) -> None:
    ended(tx, officer, home, "迁出")
    assert entered(tx, officer, person("何某甲", id_no=OTHER), person("李某"), home=matching.NEW) == counts(
        new=1
    )
    rows = {r.id: (r.number, r.ended_on) for r in tx.run(select(table).where(table.c.head == "何某甲"))}
    assert rows.pop(home) == ("旧-210", TODAY)
    assert list(rows.values()) == [("210", None)]
    assert audit.of_household(tx, home, 5)[0].details["what"] == "户编号，户册导入"
    assert entered(tx, officer, person("何某甲", id_no=OTHER), person("李某")) == counts(same=1), (
        "again it is the new one"
    )


def test_left_out_it_stays_as_it_is_and_the_rest_is_entered(tx: Tx, officer: Actor, home: str) -> None:
    ended(tx, officer, home)
    more = person("何某丁", head="何某丁", number="211")
    assert entered(tx, officer, person("何某甲", phone="1"), more, home="skip") == counts(new=1, skipped=1)
    assert (households.get(tx, home).ended_on, households.get(tx, home).phone) == (TODAY, None)


@pytest.mark.parametrize("by", ["number", "identity", "name"])
def test_the_living_are_meant_before_who_has_ended(tx: Tx, officer: Actor, home: str, by: str) -> None:
    ended(tx, officer, home)
    tx.run(update(table).where(table.c.id == home).values(number=None))
    same: dict[str, object] = {"number": "210" if by == "number" else None}
    same |= {"id_no": HEAD} if by == "identity" else {}
    assert entered(tx, officer, person("何某甲", **same), home=matching.NEW) == counts(new=1)
    assert entered(tx, officer, person("何某甲", **same, phone="138")) == counts(changed=1)
    assert households.get(tx, home).phone is None


def test_several_that_ended_are_told_apart(tx: Tx, officer: Actor, home: str) -> None:
    ended(tx, officer, home)
    entered(tx, officer, person("何某甲", number="212"), home=matching.NEW)
    other = tx.run(select(table.c.id).where(table.c.number == "212")).scalar_one()
    households.end(tx, officer, other, TODAY - timedelta(days=9), "并户", NOW)
    (asked,) = found(tx, officer, previewed(tx, officer, person("何某甲", number=None)))
    assert [one["value"] for one in asked["choices"]] == [home, other, "new", "skip"]


def test_whose_people_live_elsewhere_does_not_stand_again(tx: Tx, officer: Actor, home: str) -> None:
    ended(tx, officer, home)
    entered(tx, officer, person("何某甲", head="何某甲", number="215", id_no=HEAD), home=matching.NEW)
    made = previewed(tx, officer, person("李某", head="李某"))
    (asked,) = found(tx, officer, made)
    imports.decide(tx, officer, made, {asked["key"]: home}, NOW)
    (wrong,) = found(tx, officer, made, "error")
    assert "户编号 215" in wrong["message"]
    with pytest.raises(Conflict, match="wrong"):
        imports.confirm(tx, officer, made, NOW)


def test_a_number_nobody_uses_any_more_goes_to_who_has_it_now(tx: Tx, officer: Actor, home: str) -> None:
    ended(tx, officer, home)
    made = previewed(tx, officer, person("曹某", head="曹某"))
    (said,) = found(tx, officer, made, "warning")
    assert "原属已迁出或注销的“何某甲”户" in said["message"]
    assert imports.confirm(tx, officer, made, NOW) == counts(new=1)
    assert households.get(tx, home).number == "旧-210"


# ------------------------------------------------------------------------------------------ who has left
def test_a_member_who_left_is_asked_about_and_comes_back(tx: Tx, officer: Actor, home: str) -> None:
    gone = left(tx, home, "何某乙")
    rows = (person("何某甲", id_no=HEAD), person("何某乙", relation="子", illness="哮喘"))
    made = previewed(tx, officer, *rows)
    (asked,) = found(tx, officer, made)
    assert (asked["key"], [one["label"] for one in asked["choices"]]) == (
        "member:4",
        ["回到本户", "新成员", "不导入此人"],
    )
    assert "2026-05-01 离开（迁出）" in asked["message"]
    assert entered(tx, officer, *rows, member=gone) == counts(changed=1)
    assert living(tx, home) == sorted(["何某甲", "李某", "何某乙"])
    assert households.get(tx, home).size == 3
    back = next(p for p in households.people(tx, home) if p.id == gone)
    assert (back.left_why, back.illness) == (None, "哮喘")
    assert audit.of_household(tx, home, 5)[0].kind == "member_back"


@pytest.mark.parametrize(("choice", "names"), [("new", ["何某乙", "何某乙"]), ("skip", ["何某乙"])])
def test_or_is_another_person_or_is_left_out(
    tx: Tx, officer: Actor, home: str, choice: str, names: list[str]
) -> None:
    left(tx, home, "何某乙", "died")
    entered(tx, officer, person("何某甲"), person("何某乙", relation="子"), member=choice)
    people = [p for p in households.people(tx, home) if p.name == "何某乙"]
    assert [p.name for p in people] == names
    assert [p.left_on is None for p in people] == ([True, False] if choice == "new" else [False])


def test_of_two_of_one_name_each_is_who_was_decided(tx: Tx, officer: Actor, home: str) -> None:
    gone = left(tx, home, "何某乙")
    rows = (
        person("何某甲"),
        person("何某乙", relation="子", note="长子"),
        person("何某乙", relation="子", note="次子"),
    )
    made = previewed(tx, officer, *rows)
    imports.decide(tx, officer, made, {"member:4": "new", "member:5": gone}, NOW)
    imports.confirm(tx, officer, made, NOW)
    assert {p.note: p.id == gone for p in households.people(tx, home) if p.name == "何某乙"} == {
        "长子": False,
        "次子": True,
    }


def test_the_head_himself_is_not_left_out_and_nobody_heads_beside_another(
    tx: Tx, officer: Actor, home: str
) -> None:
    gone = left(tx, home, "何某甲")
    tx.run(update(table).where(table.c.id == home).values(head="李某"))
    tx.run(update(household_members).where(household_members.c.name == "李某").values(relation="head"))
    (asked,) = found(tx, officer, previewed(tx, officer, person("何某甲")))
    assert [one["value"] for one in asked["choices"]] == [gone, "new"]
    entered(tx, officer, person("李某", head="李某"), person("何某甲", head="李某"), member=gone)
    assert {p.name: p.relation for p in households.people(tx, home)}["何某甲"] is None


def test_who_left_and_heads_a_household_of_his_own_is_not_the_old_one(
    tx: Tx, officer: Actor, home: str
) -> None:
    tx.run(
        update(household_members).where(household_members.c.name == "何某乙").values(id_hash="h", id_no="x")
    )
    left(tx, home, "何某乙", "split")
    own = person("何某乙", head="何某乙", number="216")
    assert entered(tx, officer, own) == counts(new=1)
    assert households.get(tx, home).head == "何某甲"


def test_one_person_in_two_households_of_the_village_is_pointed_out(
    tx: Tx, officer: Actor, home: str
) -> None:
    made = previewed(
        tx, officer, person("何某甲", id_no=HEAD), person("何某丁", head="何某丁", number="217", id_no=OTHER)
    )
    assert found(tx, officer, made, "warning") == []
    imports.confirm(tx, officer, made, NOW)
    twice = person("何某丁", head="何某甲", number="210", relation="女", id_no=OTHER)
    (said,) = found(tx, officer, previewed(tx, officer, person("何某甲", id_no=HEAD), twice), "warning")
    assert (said["row"], "本村（居）何某丁户（户编号 217）" in said["message"]) == (4, True)


# ------------------------------------------------------------------------------------------ looked at again
def refused(tx: Tx, officer: Actor, made: str) -> list[str]:
    with pytest.raises(Conflict) as told:
        imports.confirm(tx, officer, made, NOW)
    assert told.value.code == "import_changed"
    changed: list[str] = told.value.data["changed"]
    return changed


def test_a_household_changed_by_hand_after_the_preview_is_looked_at_first(
    tx: Tx, officer: Actor, home: str
) -> None:
    made = previewed(tx, officer, person("何某甲", phone="13800000000"))
    revision = households.get(tx, home).revision
    changes.correct(tx, officer, home, revision, {"phone": "13900000000"}, NOW)
    assert refused(tx, officer, made) == ["第 3 行何某甲户：户册中已有更新"]
    assert households.get(tx, home).phone == "13900000000"
    imports.decide(tx, officer, made, {}, NOW)
    assert imports.confirm(tx, officer, made, NOW) == counts(changed=1)


def test_a_family_entered_or_ended_meanwhile_is_no_longer_what_was_shown(
    tx: Tx, officer: Actor, home: str
) -> None:
    made = previewed(tx, officer, person("何某甲"), person("何某丁", head="何某丁", number="218"))
    changes.add(tx, officer, seed.VILLAGE, {"head": "何某丁", "number": "218"}, [], NOW)
    ended(tx, officer, home)
    told = refused(tx, officer, made)
    assert len(told) == 2
    assert "第 3 行：何某甲户（户编号 210）已于" in told[0]
    assert told[1] == "第 4 行何某丁户：与户册中的户对应已变"
    assert households.get(tx, home).ended_on == TODAY


def test_nothing_is_entered_in_a_village_that_is_no_more(tx: Tx, officer: Actor) -> None:
    made = previewed(tx, officer, person("何某甲"))
    wanted = {"sources": [seed.VILLAGE], "into": seed.NEXT_VILLAGE}
    reorganising.plan(tx, ADMIN, "merge", TODAY, wanted, "津宝政〔2026〕1号", NOW)
    assert "没有“" in refused(tx, officer, made)[0]
    imports.decide(tx, officer, made, {}, NOW)
    with pytest.raises(Conflict, match="wrong"):
        imports.confirm(tx, officer, made, NOW)


def test_who_no_longer_keeps_the_register_confirms_nothing(tx: Tx, officer: Actor) -> None:
    made = previewed(tx, officer, person("何某甲"))
    a = appointments.c
    tx.run(update(appointments).where(a.person == officer.id).values(post="town_director"))
    with pytest.raises(Forbidden):
        imports.confirm(tx, staff.actor_of(tx, officer.id, NOW), made, NOW)


def test_only_what_was_asked_is_chosen(tx: Tx, officer: Actor, home: str) -> None:
    ended(tx, officer, home)
    made = previewed(tx, officer, person("何某甲"))
    for wrong in ({"home:3": "h_l"}, {"home:9": "new"}):
        with pytest.raises(Invalid):
            imports.decide(tx, officer, made, wrong, NOW)


def test_a_handmade_entry_nobody_decided_is_refused(tx: Tx, officer: Actor, home: str) -> None:
    """Whoever writes the register: the rule is in the register itself."""
    ended(tx, officer, home)
    register = households.Register(tx, [seed.VILLAGE], officer.id, NOW)
    with pytest.raises(Conflict, match="decide"):
        register.write(households.Entry(seed.VILLAGE, "何某甲", "210"))


@pytest.mark.parametrize("number", range(6))
def test_everybody_of_the_workbook_lives_on_the_register_or_was_left_out(
    tx: Tx, officer: Actor, number: int
) -> None:
    """Households ended and members gone at random, decisions at random (R31: 不漏户、不漏人)."""
    dice = random.Random(number)
    rows = [
        person(f"人{n}{k}", head=f"人{n}0", number=dice.choice([f"3{n}", None]))
        for n in range(8) for k in range(3)
    ]  # fmt: skip
    for one in rows:
        one["number"] = rows[3 * (rows.index(one) // 3)]["number"]
    entered(tx, officer, *rows)
    for row in list(tx.run(select(table).where(table.c.head.startswith("人")))):
        if dice.random() < 0.4:
            ended(tx, officer, row.id)
        for one in households.people(tx, row.id):
            if dice.random() < 0.3:
                left(tx, row.id, one.name)
    made = previewed(tx, officer, *rows)
    out: set[str] = set()
    while open_ := [f for f in found(tx, officer, made) if f["chosen"] is None]:
        imports.decide(tx, officer, made, {f["key"]: dice.choice(f["choices"])["value"] for f in open_}, NOW)
    for f in found(tx, officer, made):
        if f["chosen"] == "skip":
            at = f["row"] - 3
            family = 3 * (at // 3)
            out |= {
                str(one["name"])
                for one in (rows[family : family + 3] if f["column"] == "head" else [rows[at]])
            }
    imports.confirm(tx, officer, made, NOW)
    m = household_members.c
    query = (
        select(m.name)
        .join(table, table.c.id == m.household)
        .where(m.left_on.is_(None), table.c.ended_on.is_(None))
    )
    here = list(tx.run(query).scalars())
    assert {str(one["name"]) for one in rows} - out <= set(here)
    assert len(here) == len(set(here)), "and nobody twice"
    for row in tx.run(select(table).where(table.c.head.startswith("人"), table.c.ended_on.is_(None))):
        assert row.size >= len(living(tx, row.id))
