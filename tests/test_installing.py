"""A district's own installation: everything that is wrong is named and nothing written; what is right can be worked with."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from casework import corps, installing, sessions, staff, standards
from casework.tables import areas as areas_table
from casework.tables import changes
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Conflict, Forbidden, Invalid
from engine.routing import Actor, Appointment

NOW = datetime(2026, 9, 14, 10, tzinfo=ZONE)
DISTRICT, TOWN = "990101", "990101/990101100"
GOOD = "code,name,kind,parent\n990101,某区,district,\n990101100,某镇,town,990101\n990101100201,某村,village,990101100\n"
BUREAU = Actor("b", "局", (Appointment("district_bureau", "district", DISTRICT),))


def table(folder: Path, text: str) -> Path:
    found = folder / "areas.csv"
    found.write_text(text, encoding="utf-8")
    return found


def install(tx: Tx, folder: Path, text: str = GOOD, **given: Any) -> installing.Installed:
    wanted = {
        "username": "guanli",
        "name": "某管理",
        "dibao": Decimal(1100),
        "source": "某文〔2026〕1号",
        **given,
    }
    return installing.install(tx, data=table(folder, text), now=NOW, **wanted)


def test_the_first_administrator_can_log_in_and_appoint(tx: Tx, tmp_path: Path) -> None:
    done = install(tx, tmp_path)
    assert (done.district, done.areas) == ("某区", 3)
    known = sessions.login(tx, "guanli", done.password, NOW)
    person = sessions.person_of(tx, known.token or "", NOW)
    actor = staff.actor_of(tx, person or "", NOW)
    assert corps.add(tx, actor, "某民政", None, NOW, area=TOWN)
    assert standards.standard(tx, f"{TOWN}/990101100201", "dibao", NOW.date()) == Decimal(1100)
    assert sorted(tx.run(select(changes.c.kind)).scalars()) == ["installed", "person_added", "standard_set"]


def test_a_database_with_people_is_left_alone(tx: Tx, tmp_path: Path) -> None:
    install(tx, tmp_path)
    with pytest.raises(Conflict) as refused:
        install(tx, tmp_path, username="another")
    assert refused.value.code == "not_empty"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("code;name\n", "表头须是"),
        ("code,name,kind,parent\n", "区划表是空的"),
        (GOOD + "990101100,又一镇,town,990101\n", "第 5 行：代码 990101100 重复"),
        (GOOD + "990101200,某城,city,990101\n", "第 5 行：类别“city”不是"),
        (GOOD + "990101201,某村,village,990101\n", "第 5 行：上级 990101 不是高一层的单位"),
        (GOOD + "990101200,某镇,town,990199\n", "第 5 行：上级 990199 不在前面的行里"),
        (GOOD + "990102,另一区,district,\n", "第 5 行：只能有一个区"),
        (GOOD + "990101200,,town,990101\n", "第 5 行：没有名称"),
        (GOOD + "99/01,某镇,town,990101\n", "第 5 行：代码须是数字或字母"),
    ],
)
def test_a_wrong_table_of_areas_names_its_line(tx: Tx, tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        install(tx, tmp_path, text)
    assert why in refused.value.message
    assert tx.run(select(func.count()).select_from(areas_table)).scalar_one() == 0


@pytest.mark.parametrize("username", ["ab", "管理员", "a b c", "x" * 41])
def test_a_user_name_that_nobody_can_type_is_refused(tx: Tx, tmp_path: Path, username: str) -> None:
    with pytest.raises(Invalid):
        install(tx, tmp_path, username=username)


# ------------------------------------------------------------------------------------------ standards
def put(tx: Tx, amount: str, day: date, actor: Actor = BUREAU, **given: Any) -> None:
    wanted = {"area": DISTRICT, "key": "dibao", "source": "某文〔2026〕2号", **given}
    standards.put(tx, actor, standards.Standard(valid_from=day, amount=Decimal(amount), **wanted), NOW)


def test_a_new_standard_counts_from_its_day_and_the_old_one_before(tx: Tx, tmp_path: Path) -> None:
    install(tx, tmp_path)
    put(tx, "1150", date(2026, 10, 1))
    on = {day: standards.standard(tx, TOWN, "dibao", day) for day in (date(2026, 9, 30), date(2026, 10, 1))}
    assert list(on.values()) == [Decimal(1100), Decimal(1150)]
    entries = standards.listing(tx)
    assert standards.in_force(entries, NOW) == {("dibao", DISTRICT, date(2026, 1, 1))}


def test_a_wrong_entry_is_put_right_and_both_figures_are_told(tx: Tx, tmp_path: Path) -> None:
    install(tx, tmp_path)
    put(tx, "1200", date(2026, 1, 1))
    told = tx.run(select(changes.c.text).where(changes.c.kind == "standard_set")).scalars().all()
    assert (
        told[-1]
        == "某区最低生活保障标准自 2026-01-01 起为 1200 元/人·月，更正原登记的 1100（某文〔2026〕2号）"
    )
    with pytest.raises(Conflict):
        put(tx, "1200", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"amount": "0"}, ["amount"]),
        ({"area": TOWN}, ["area"]),
        ({"key": "registered_residents", "area": TOWN, "amount": "10.5"}, ["amount"]),
        ({"key": "unheard_of", "source": "某"}, ["key", "source"]),
    ],
)
def test_a_wrong_standard_names_its_fields(
    tx: Tx, tmp_path: Path, given: dict[str, Any], paths: list[str]
) -> None:
    install(tx, tmp_path)
    with pytest.raises(Invalid) as refused:
        put(tx, **{"amount": "1", "day": date(2026, 10, 1), **given})
    assert [field.path for field in refused.value.fields] == paths


def test_nobody_sets_the_standard_of_another_place(tx: Tx, tmp_path: Path) -> None:
    install(tx, tmp_path)
    clerk = Actor("c", "镇", (Appointment("town_service_office", "town", TOWN),))
    with pytest.raises(Forbidden):
        put(tx, "1", date(2026, 10, 1), clerk)
