"""Reading terms.toml: what cannot be right is refused with entry, attribute, value and remedy; of a key one version for every day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.calendar import year_of_toml
from engine.errors import Invalid, NotFound
from engine.lint.rules import terms as rule
from engine.terms import Terms
from engine.terms_file import load_terms

GOOD = {"key": '"a.b"', "name": '"某时限"', "n": "10", "unit": '"wd"'}
EXTENSION = '{{ n = {n}, unit = "wd", who = {who}, how_often = {often} }}'


def entry(table: str = "term", /, **values: str) -> str:
    given = {**(GOOD if table == "term" else {"key": '"p.q"'}), **values}
    return f"[[{table}]]\n" + "".join(f"{name} = {value}\n" for name, value in given.items() if value)


def read(folder: Path, *entries: str) -> Terms:
    file = folder / "terms.toml"
    file.write_text("\n".join(entries), "utf-8")
    return load_terms(file)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"n": "0"}, "n = 0，须是 1 至"),
        ({"n": "-3"}, "n = -3，"),
        ({"n": '"3"'}, 'n = "3"，'),
        ({"n": "2.5"}, "n = 2.5，"),
        ({"n": "true"}, "n = true，"),
        ({"n": ""}, "n，没有写"),
        ({"unit": '"days"'}, 'unit = "days"，只能是 wd、cd、wh、h、m'),
        ({"unit": '"h"'}, 'start，以小时计的时限即时起算，请写 start = "moment"'),
        ({"roll": '"yes"'}, 'roll = "yes"，须是 true 或 false'),
        ({"kind": '"most"'}, 'kind = "most"，至迟写 max'),
        ({"start": '"then"'}, "start"),
        ({"counts": '"nett"'}, 'counts = "nett"，全计写 "gross"'),
        ({"counts": '{ net_of = ["holiday"] }'}, "counts = "),
        ({"net_of": '["notice"]'}, "net_of"),
        ({"pauses": '"supplement"'}, 'pauses = "supplement"，须是列表'),
        ({"pauses": '["lunch"]'}, "只能列 supplement、"),
        ({"expiry": '"E1"'}, "expiry"),
        ({"expiry": '["E9"]'}, "expiry"),
        ({"bounds": "{ min_n = 9, max_n = 2 }"}, "min_n 不能大于 max_n"),
        ({"bounds": '{ min_n = "a" }'}, "min_n、max_n 须是"),
        ({"bounds": "{ max_n = 5 }"}, "不在自己的 bounds 之内"),
        ({"extension": EXTENSION.format(n=-5, who='"a"', often=1)}, "n 须是大于 0 的整数"),
        ({"extension": EXTENSION.format(n=5, who='"a"', often='"x"')}, "how_often 须是大于 0 的整数"),
        ({"extension": EXTENSION.format(n=5, who='""', often=1)}, "who 须是 posts.toml 中岗位的代码"),
        ({"extension": "{ n = 5 }"}, "须写明 n、unit、who、how_often"),
        ({"confidence": '"Q"'}, 'confidence = "Q"，只能是 H、M、L、D、MEM'),
        ({"citation": "5"}, "citation = 5，须是文字"),
        ({"valid_from": '"2026-01-01"'}, 'valid_from = "2026-01-01"，须是日期且不加引号'),
        ({"valid_from": "2026-05-01", "valid_to": "2026-01-01"}, "valid_to = 2026-01-01，须晚于生效日"),
        ({"vaild_from": "2026-01-01"}, "没有这个属性，是否为 valid_from"),
        ({"key": '"5wd"'}, 'key = "5wd"，'),
    ],
)
def test_what_cannot_be_right_in_a_term_is_named(tmp_path: Path, wrong: dict[str, str], said: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(tmp_path, entry(**wrong))
    assert said in caught.value.message
    assert caught.value.message.startswith("terms.toml 的时限 ")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"value": ""}, "value，没有写"),
        ({"value": "{ a = 1 }"}, "value = { a = 1 }，须是数"),
        ({"value": "1", "bounds": "{ min = 3, max = 2 }"}, "min 不能大于 max"),
        ({"value": "1", "bounds": '{ min = "0" }'}, "min、max 须是数"),
        ({"value": "1", "bounds": "{ min = 2 }"}, "不能低于 2"),
        ({"value": "1.5", "whole": "true"}, "value = 1.5，请填写整数"),
        ({"value": '"off"', "choices": '{ on = "组织" }'}, "只能是：组织"),
        ({"value": '["9-12"]', "form": '"hours"'}, "请按先后写明每段时间"),
        ({"value": "1", "valid_to": '"2026-01-01"'}, "须是日期且不加引号"),
        ({"value": "1", "unit": '"wd"'}, "没有这个属性"),
    ],
)
def test_what_cannot_be_right_in_a_parameter_is_named(
    tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    with pytest.raises(Invalid) as caught:
        read(tmp_path, entry("parameter", **wrong))
    assert said in caught.value.message
    assert caught.value.message.startswith("terms.toml 的参数 p.q 有误：")


def test_a_misspelt_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="terms") as caught:
        read(tmp_path, entry().replace("[[term]]", "[[terms]]"))
    assert "只能写 [[term]] 或 [[parameter]]" in caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({}, {}, "有两条都没有写 valid_from"),
        ({}, {"valid_from": "2026-06-01"}, "请在旧条写 valid_to = 2026-06-01"),
        ({"valid_to": "2026-07-01"}, {"valid_from": "2026-06-01"}, "2026-06-01 起有两条同时有效"),
        ({"valid_to": "2026-01-01"}, {"valid_from": "2026-06-01"}, "2026-01-01 至 2026-06-01 之间没有"),
    ],
)
def test_versions_follow_one_another_without_gap(
    tmp_path: Path, old: dict[str, str], new: dict[str, str], said: str
) -> None:
    with pytest.raises(Invalid) as caught:
        read(tmp_path, entry(**new), entry(**old))
    assert said in caught.value.message
    with pytest.raises(Invalid) as caught:
        read(tmp_path, entry("parameter", value="1", **old), entry("parameter", value="2", **new))
    assert said in caught.value.message


def test_a_lapsed_law_gives_no_number(tmp_path: Path) -> None:
    ends = {"valid_from": "2026-01-01", "valid_to": "2027-01-01"}
    table = read(
        tmp_path,
        entry(valid_to="2026-01-01"),
        entry(**{**ends, "n": "20"}),
        entry("parameter", value="1", **ends),
    )
    assert [table.get("a.b", date(*day)).n for day in ((2025, 5, 1), (2026, 1, 1), (2026, 12, 31))] == [
        10,
        20,
        20,
    ]
    for asked in (lambda day: table.get("a.b", day), lambda day: table.parameter("p.q", day)):
        with pytest.raises(NotFound) as caught:
            asked(date(2027, 1, 1))
        assert caught.value.code == "lapsed"
        assert "在 2027年1月1日 没有有效的规定：最近的一条到 2027-01-01 为止" in caught.value.message
    assert table.parameter("p.q", date(2025, 1, 1)) == 1, "before the first version the first stands in"
    assert table.name("a.b", date(2028, 1, 1)) == "某时限"


def test_a_term_may_be_nought_where_its_bounds_say_so(tmp_path: Path) -> None:
    assert read(tmp_path, entry(n="0", bounds="{ min_n = 0, max_n = 5 }")).get("a.b", date(2026, 1, 1)).n == 0


def test_who_extends_is_a_post_there_is(tmp_path: Path) -> None:
    table = read(tmp_path, entry(extension=EXTENSION.format(n=5, who='"district_bureau, mayr"', often=1)))
    found = list(rule.deciders(table, {"district_bureau": {}, "mayor": {}}))
    assert [(f.severity, f.message, f.remedy) for f in found] == [
        ("error", "时限 a.b 的 extension.who 写的岗位 mayr 不存在", "是否为 mayor？")
    ]


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ('notice = "通知"', "缺少 notice，请写明通知的名称或文号"),
        ("year = 2027", "缺少 year，请写明年份"),
        ("to = 2027-05-17", "[[rest]] 中缺少 to，请写明最后一天"),
        ('name = "停办"', "[[rest]] 中缺少 name，请写明节日名称"),
    ],
)
def test_a_calendar_file_says_what_it_lacks(gone: str, said: str) -> None:
    whole = 'year = 2027\narea = "120115"\nnotice = "通知"\nsource = "区政府办"\n[[rest]]\nname = "停办"\nfrom = 2027-05-17\nto = 2027-05-17\n'
    assert year_of_toml(whole, "2027.toml").rest == {date(2027, 5, 17): "停办"}
    with pytest.raises(Invalid) as caught:
        year_of_toml(whole.replace(gone, ""), "2027.toml")
    assert f"2027.toml 有误：{said}" in caught.value.message
    quoted = whole.replace("to = 2027-05-17", 'to = "2027-05-17"')
    with pytest.raises(Invalid, match="2027") as caught:
        year_of_toml(quoted, "2027.toml")
    assert "to = '2027-05-17' 不对，请写明最后一天，不加引号" in caught.value.message
