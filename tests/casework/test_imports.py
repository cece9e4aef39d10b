"""A workbook becomes the register: looked at row by row, entered whole or not at all, and again without doubles."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select

from casework import following, household_changes, households, import_checks, imports, members, seed, staff
from casework.tables import household_focus, household_imports, household_members
from casework.tables import households as table
from engine.db import Tx
from engine.errors import Conflict, Forbidden, Invalid
from engine.routing import Actor

NOW = datetime(2026, 9, 24, 2, tzinfo=UTC)
HEAD = list(import_checks.COLUMNS.values())
VILLAGE_CODE = seed.VILLAGE.rpartition("/")[2]


def book(*rows: dict[str, object], heading: list[str] | None = None) -> bytes:
    sheet = (made := Workbook()).active
    assert sheet is not None
    sheet.append(["某镇户册（表题）"])
    sheet.append(heading or HEAD)
    for row in rows:
        sheet.append([row.get(key) for key in import_checks.COLUMNS])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def person(name: str, head: str = "何某甲", **values: object) -> dict[str, object]:
    return {"village": VILLAGE_CODE, "number": "210", "head": head, "name": name, **values}


@pytest.fixture
def officer(tx: Tx) -> Actor:
    return staff.actor_of(tx, "p_minzheng1", NOW)


def counts(**some: int) -> dict[str, int]:
    return {**dict.fromkeys(("new", "changed", "same", "restored", "skipped"), 0), **some}


def entered(tx: Tx, officer: Actor, content: bytes) -> dict[str, int]:
    return imports.confirm(tx, officer, imports.preview(tx, officer, "a.xlsx", content, NOW), NOW)


def test_members_lists_and_programmes_of_a_household(tx: Tx, officer: Actor) -> None:
    content = book(
        person("何某甲", relation="户主", id_no="11010519491231002X", category="独居、重病", source="医保局", since="2026年3月1日",
               programme="低保", illness="尿毒症", address="二排三号"),
        person("何某乙", relation="子", birth_date=datetime(2015, 6, 1), disability="肢体二级"),
    )  # fmt: skip
    assert entered(tx, officer, content) == counts(new=1)
    row = tx.run(select(table).where(table.c.number == "210")).one()
    assert (row.head, row.size, row.address, row.programmes) == ("何某甲", 2, "二排三号", [{"code": "DIBAO"}])
    assert row.focus == ["elderly_alone", "serious_illness"]
    assert row.next_due == date(2026, 4, 1), "monthly for serious illness, from the day on the list"
    first, second = households.people(tx, row.id)
    assert (first.relation, first.sex, first.birth_date) == ("head", "2", date(1949, 12, 31))
    assert (second.relation, second.birth_date, second.disability) == ("son", date(2015, 6, 1), "肢体二级")
    assert {(f.category, f.source, f.since) for f in households.lists(tx, row.id)} == {
        ("elderly_alone", "医保局", date(2026, 3, 1)), ("serious_illness", "医保局", date(2026, 3, 1)),
    }  # fmt: skip


def test_again_it_updates_and_makes_no_doubles(tx: Tx, officer: Actor) -> None:
    rows = [person("何某甲", id_no="11010519491231002X"), person("何某乙", relation="子")]
    assert entered(tx, officer, book(*rows))["new"] == 1
    assert entered(tx, officer, book(*rows)) == counts(same=1)
    changed = book(
        person("何某甲", id_no="11010519491231002X", phone="13800000000"), person("何某丙", relation="女")
    )
    assert entered(tx, officer, changed) == counts(changed=1)
    row = tx.run(select(table).where(table.c.number == "210")).one()
    assert (row.phone, row.size) == ("13800000000", 3), "who is not in the second workbook stays"
    again = book(person("何某丙", head="何某丙"))
    assert entered(tx, officer, again)["changed"] == 1, "who lived there is the new head"
    assert households.get(tx, row.id).head == "何某丙"


def test_a_number_does_not_make_two_families_one(tx: Tx, officer: Actor) -> None:
    entered(tx, officer, book(person("何某甲", id_no="11010519491231002X")))
    made = imports.preview(tx, officer, "b.xlsx", book(person("曹某", head="曹某")), NOW)
    assert [(f["level"], f["column"]) for f in imports.get(tx, officer, made).findings] == [
        ("error", "number")
    ]


def test_two_people_of_one_name_are_two_households(tx: Tx, officer: Actor) -> None:
    first = person("何某甲", number=None, id_no="11010519491231002X")
    other = person("何某甲", number=None, id_no="440524188001010014")
    assert entered(tx, officer, book(first))["new"] == 1
    assert entered(tx, officer, book(other))["new"] == 1


def test_what_is_wrong_is_said_by_row_and_keeps_the_whole_out(tx: Tx, officer: Actor) -> None:
    content = book(
        person("何某甲", id_no="110105194912310021"),
        person("何某乙", id_no="110105194912310021", birth_date="三月"),
        {**person("何某丙"), "village": "没有的村"},
        person("", category="富裕户"),
        {**person("吴某"), "village": seed._village(seed.OTHER_TOWN, 0).rpartition("/")[2]},
        person("郑某", category="失独"),
    )
    before = tx.run(select(func.count()).select_from(table)).scalar_one()
    made = imports.preview(tx, officer, "a.xlsx", content, NOW)
    found = [(f["row"], f["level"], f["column"]) for f in imports.get(tx, officer, made).findings]
    assert found == [
        (3, "warning", "id_no"), (4, "error", "birth_date"), (4, "error", "id_no"), (4, "warning", "id_no"), (5, "error", "village"),
        (6, "error", "category"), (6, "error", "name"), (6, "error", "source"), (7, "error", "village"), (8, "error", "source"),
    ]  # fmt: skip
    with pytest.raises(Conflict, match="wrong"):
        imports.confirm(tx, officer, made, NOW)
    assert tx.run(select(func.count()).select_from(table)).scalar_one() == before


def test_a_wrong_check_digit_warns_and_refuses_nobody(tx: Tx, officer: Actor) -> None:
    assert entered(tx, officer, book(person("何某甲", id_no="110105194912310021")))["new"] == 1


def test_who_lives_in_another_register_is_pointed_out(tx: Tx, officer: Actor) -> None:
    entered(tx, officer, book(person("何某甲", id_no="11010519491231002X")))
    there = {**person("何某甲", id_no="11010519491231002X"), "village": seed.NEXT_VILLAGE.rpartition("/")[2]}
    found = imports.get(tx, officer, imports.preview(tx, officer, "b.xlsx", book(there), NOW)).findings
    assert [(f["level"], "户册中" in f["message"]) for f in found] == [("warning", True)]


def test_confirming_twice_answers_the_same_and_keeps_no_copy(tx: Tx, officer: Actor) -> None:
    made = imports.preview(tx, officer, "a.xlsx", book(person("何某甲")), NOW)
    first = imports.confirm(tx, officer, made, NOW)
    assert imports.confirm(tx, officer, made, NOW) == first
    row = tx.run(select(household_imports).where(household_imports.c.id == made)).one()
    assert row.rows == []
    assert (
        tx.run(
            select(func.count()).select_from(household_members).where(household_members.c.name == "何某甲")
        ).scalar_one()
        == 1
    )


def test_who_does_not_keep_the_register_imports_nothing(tx: Tx) -> None:
    grid = staff.actor_of(tx, "p_wangge", NOW)
    with pytest.raises(Forbidden):
        imports.preview(tx, grid, "a.xlsx", book(person("何某甲")), NOW)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no workbook", "not_a_workbook"),
        (book(heading=["甲", "乙"]), "no_heading"),
        (book(heading=["村（居）", "姓名"]), "column_missing"),
        (book(), "no_rows"),
    ],
)
def test_what_is_no_register_is_refused_with_a_reason(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        imports.read(content)
    assert refused.value.code == code


def test_published_samples_of_the_standard() -> None:
    assert members.number_holds("11010519491231002X")
    assert members.number_holds("440524188001010014")
    assert not members.number_holds("440524188001010015")
    assert not members.number_holds("12345")


@given(st.integers(0, 10**17 - 1))
def test_exactly_one_check_digit_fits(number: int) -> None:
    assert sum(members.number_holds(f"{number:017d}{check}") for check in "0123456789X") == 1


def test_a_list_that_ends_stays_with_its_end(tx: Tx) -> None:
    keeper = staff.actor_of(tx, "p_lianluo", NOW)
    household_changes.mark(tx, keeper, "h_l", households.Listed("disabled", "残联", date(2026, 9, 1)), NOW)
    household_changes.strike(tx, keeper, "h_l", "disabled", date(2026, 9, 20), NOW)
    household_changes.mark(tx, keeper, "h_l", households.Listed("disabled", "残联", date(2026, 9, 1)), NOW)
    f = household_focus.c
    kept = tx.run(select(f.since, f.ended_on).where(f.household == "h_l").order_by(f.since)).all()
    assert [tuple(row) for row in kept] == [(date(2026, 9, 1), date(2026, 9, 20)), (date(2026, 9, 24), None)]
    assert households.get(tx, "h_l").focus == ["disabled"]
    with pytest.raises(Forbidden):
        households.end(tx, staff.actor_of(tx, "p_wangge", NOW), "h_l", date(2026, 9, 24), "迁出", NOW)
    households.end(tx, keeper, "h_l", date(2026, 9, 24), "迁出", NOW)
    assert households.get(tx, "h_l").next_due is None
    assert "h_l" not in {h.id for h in households.search(tx, "", [seed.VILLAGE], 50)}


def test_villages_that_merge_keep_their_numbers_apart(tx: Tx, officer: Actor) -> None:
    there = {**person("何某甲", number="001"), "village": seed.NEXT_VILLAGE.rpartition("/")[2]}
    entered(tx, officer, book(there))
    step = following.Step(seed.NEXT_VILLAGE, seed.VILLAGE, date(2026, 9, 24), "并村")
    assert following.records(tx, step, NOW)["households"] == 2
    numbers = tx.run(select(table.c.head, table.c.number).where(table.c.area == seed.VILLAGE)).all()
    old = seed.NEXT_VILLAGE[-6:]
    assert {tuple(row) for row in numbers} >= {("李某甲", "001"), ("何某甲", f"{old}-001"), ("田某丙", "003")}


def said(tx: Tx, officer: Actor, *rows: dict[str, object]) -> list[tuple[int, str, str]]:
    look = imports.preview(tx, officer, "a.xlsx", book(*rows), NOW)
    kept = tx.run(select(household_imports.c.findings).where(household_imports.c.id == look)).scalar_one()
    return [(one["row"], one["level"], one["column"]) for one in kept]


def test_two_families_under_one_number_are_an_error_on_the_second_row(tx: Tx, officer: Actor) -> None:
    one, two = person("何某甲", relation="户主"), person("李某", head="李某", relation="户主")
    assert said(tx, officer, one, two) == [(4, "error", "head")]
    assert said(tx, officer, one, person("何某乙", relation="户主")) == [(4, "error", "relation")]
    assert said(tx, officer, one, one) == [(4, "error", "relation")]
    assert said(tx, officer, one, person("何某乙", relation="子")) == []


def test_days_ahead_and_cells_too_long_are_errors_and_name_their_row(tx: Tx, officer: Actor) -> None:
    listed = {"category": "残疾", "source": "残联"}
    assert said(tx, officer, person("何某甲", since="2030-01-01", **listed)) == [(3, "error", "since")]
    assert said(tx, officer, person("何某甲", since="2026-09-24", **listed)) == []
    assert said(tx, officer, person("何某甲", birth_date="2999-01-01")) == [(3, "error", "birth_date")]
    phones = "13800001111、13800002222"
    assert said(tx, officer, person("何某甲", phone=phones)) == []
    assert said(tx, officer, person("何某甲", phone=f"{phones}、13800003333")) == [(3, "error", "phone")]
    assert said(tx, officer, person("何某甲", number="1" * 41)) == [(3, "error", "number")]


def test_what_contradicts_the_citizen_number_and_an_odd_telephone_are_warnings(
    tx: Tx, officer: Actor
) -> None:
    woman = {"id_no": "11010519491231002X"}
    assert said(tx, officer, person("何某甲", birth_date="1949-12-31", sex="女", **woman)) == []
    wrong = person("何某甲", birth_date="1999-01-01", sex="男", phone="12345", **woman)
    assert said(tx, officer, wrong) == [(3, "warning", key) for key in ("birth_date", "phone", "sex")]
    assert said(tx, officer, person("何某甲", id_no="1101051949123100²X")) == [(3, "warning", "id_no")]
    assert said(tx, officer, person("何某甲", phone="022-29240000")) == []


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_damaged_workbook_is_refused_in_words(tx: Tx, officer: Actor, part: str) -> None:
    damaged = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(person("何某甲")))) as whole, zipfile.ZipFile(damaged, "w") as to:
        for name in whole.namelist():
            to.writestr(name, b"<broken" if name == part else whole.read(name))
    with pytest.raises(Invalid) as refused:
        imports.preview(tx, officer, "a.xlsx", damaged.getvalue(), NOW)
    assert refused.value.code == "not_a_workbook"
