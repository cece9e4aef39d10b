"""Forms as a format: what is accepted, in which normal form, and what is told when it is not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import forms
from engine.errors import Invalid

ROOT = Path(__file__).parents[2] / "processes"
CODES = orjson.loads((ROOT / "common/codes.json").read_bytes())
FILES = sorted(ROOT.rglob("*.form"))
NOW = datetime(2026, 9, 25, 12, 30, tzinfo=UTC)
FUNCTIONS = {
    "deadline": lambda _term, _start=None: NOW,
    "now": lambda: NOW,
    "today": NOW.date,
    "parameter": {"verify.min_staff": 2}.get,
    "register": lambda _topic, _key: [],
    "standard": lambda _key: 1000,
}
EXAMPLES = [
    (path.stem, example)
    for path in sorted((Path(__file__).parent / "examples").glob("*.json"))
    for example in orjson.loads(path.read_bytes())
]


def one(**component: Any) -> forms.Form:
    component = {"key": "x", "label": "甲", **component}
    return forms.load({"id": "f", "type": "default", "components": [component]})


def errors(checked: forms.Checked) -> list[tuple[str, str]]:
    return [(error.path, error.message) for error in checked.errors]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_form_of_the_repository_loads_and_finds_its_options(path: Path) -> None:
    form = forms.load(path.read_bytes())
    assert form.id == path.stem
    assert form.section
    shown = orjson.dumps(form.resolve(CODES, {}, FUNCTIONS))
    assert b"valuesExpression" not in shown
    for question in form.fields:
        for expression in (question.check, question.check_words, question.prefill, *question.hide):
            assert expression is None or not expression.unknown_functions(FUNCTIONS)


def test_form_ids_are_unique_across_bundles() -> None:
    assert len({path.stem for path in FILES}) == len(FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_empty_form_names_every_plainly_required_question(path: Path) -> None:
    form = forms.load(path.read_bytes())
    wrong = {error.path for error in form.check({}, {}, FUNCTIONS, codes=CODES).errors}
    plain = {q.key for q in form.fields if q.required and not q.hide and q.default is None}
    assert plain <= wrong


@pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=lambda part: part if isinstance(part, str) else part["name"]
)
def test_shared_examples(name: str, example: dict[str, Any]) -> None:
    form = forms.load(next(path for path in FILES if path.stem == name).read_bytes())
    checked = form.check(example["values"], example.get("context", {}), FUNCTIONS, codes=CODES)
    assert {error.path for error in checked.errors} == set(example["errors"])
    if not example["errors"]:
        again = form.check(checked.values, example.get("context", {}), FUNCTIONS, codes=CODES)
        assert again == checked


@pytest.mark.parametrize(
    ("component", "given", "made"),
    [
        ({"type": "textfield"}, " 张 ", "张"),
        ({"type": "number"}, 3.0, 3),
        ({"type": "number"}, 2.5, 2.5),
        ({"type": "number", "properties": {"kind": "money"}}, 12.5, Decimal("12.50")),
        ({"type": "datetime", "subtype": "date"}, "2026-02-28", "2026-02-28"),
        ({"type": "datetime", "subtype": "datetime"}, "2026-09-25T12:30:00Z", "2026-09-25T20:30:00+08:00"),
        ({"type": "filepicker"}, ["a", "b", "a"], ["a", "b"]),
        ({"type": "textfield", "properties": {"kind": "signature"}}, "王", "王"),
        ({"type": "taglist", "properties": {"kind": "persons"}}, ["u1"], ["u1"]),
    ],
)
def test_accepted_and_normal(component: dict[str, Any], given: Any, made: Any) -> None:
    checked = one(**component).check({"x": given})
    assert errors(checked) == []
    assert checked.values == {"x": made}
    assert type(checked.values["x"]) is type(made)


@pytest.mark.parametrize(
    ("component", "given"),
    [
        ({"type": "textfield"}, 3),
        ({"type": "textfield", "validate": {"pattern": "[0-9]+"}}, "12a"),
        ({"type": "number"}, True),
        ({"type": "number"}, float("nan")),
        ({"type": "number"}, "3"),
        ({"type": "number", "validate": {"min": 1}}, 0),
        ({"type": "number", "properties": {"kind": "money"}}, -0.01),
        ({"type": "number", "properties": {"kind": "money"}}, 0.001),
        ({"type": "datetime", "subtype": "date"}, "2026-02-30"),
        ({"type": "datetime", "subtype": "date"}, "20260228"),
        ({"type": "datetime", "subtype": "datetime"}, "2026-09-25T12:30:00"),
        ({"type": "radio", "properties": {"kind": "boolean"}}, 1),
        ({"type": "radio", "values": [{"value": 1, "label": "一"}]}, True),
        ({"type": "select", "values": [{"value": "a", "label": "甲"}]}, "b"),
        ({"type": "filepicker"}, "a"),
        ({"type": "taglist", "properties": {"kind": "persons", "atLeast": 2}}, ["u1", "u1"]),
        ({"type": "textfield", "properties": {"kind": "signature"}}, "data:text/html;base64,AAAA"),
        ({"type": "textfield", "properties": {"kind": "position"}}, {"latitude": 91, "longitude": 0}),
    ],
)
def test_refused(component: dict[str, Any], given: Any) -> None:
    assert [error.path for error in one(**component).check({"x": given}).errors] == ["x"]


def test_unknown_keys_and_no_object_at_all() -> None:
    form = one(type="textfield")
    assert errors(form.check({"y": 1})) == [("y", "没有这一项")]
    assert errors(form.check([])) == [("", "内容无法识别")]


TABLE = {
    "type": "dynamiclist",
    "properties": {"atLeast": 1},
    "components": [
        {"type": "textfield", "key": "name", "label": "姓名", "validate": {"required": True}},
        {"type": "number", "key": "age", "label": "年龄"},
    ],
}


def test_rows_are_checked_with_their_place() -> None:
    form = one(**TABLE)
    assert errors(form.check({"x": [{"name": "甲"}, {"age": "x", "z": 1}]})) == [
        ("x[1].z", "没有这一项"),
        ("x[1].name", "请填写姓名"),
        ("x[1].age", "请填写数字"),
    ]


CONDITIONAL = {
    "id": "f",
    "type": "default",
    "components": [
        {"type": "radio", "key": "ok", "label": "通过", "properties": {"kind": "boolean"}, "values": []},
        {
            "type": "textfield",
            "key": "why",
            "label": "理由",
            "conditional": {"hide": "=ok != false"},
            "validate": {"required": True},
        },
    ],
}


def test_a_hidden_question_is_neither_required_nor_kept() -> None:
    form = forms.load(CONDITIONAL)
    assert form.check({"ok": True, "why": "多写的"}).values == {"ok": True, "why": None}
    assert errors(form.check({"ok": False})) == [("why", "请填写理由")]


def test_a_check_sees_the_case_behind_a_question_of_the_same_name() -> None:
    form = one(type="number", properties={"check": "=x <= case.x", "checkMessage": "太大"})
    assert errors(form.check({"x": 3}, {"x": 2})) == [("x", "太大")]
    assert errors(form.check({"x": 2}, {"x": 2})) == []


def test_a_check_that_cannot_be_computed_does_not_pass() -> None:
    form = one(type="number", properties={"check": "=unheard_of(x)", "checkMessage": "不行"})
    assert errors(form.check({"x": 3})) == [("x", "不行")]


def test_the_sentence_of_a_check_may_be_computed() -> None:
    words = '=if x > 9 then "最多 9" else null'
    form = one(type="number", properties={"check": "=x <= 5", "checkMessage": words})
    assert errors(form.check({"x": 10})) == [("x", "最多 9")]
    assert errors(form.check({"x": 6})) == [("x", "请核对甲")]
    with pytest.raises(forms.FormRefused):
        one(type="number", properties={"check": "=true", "checkMessage": "=1 +"})


def test_prefill_leaves_out_what_would_not_pass() -> None:
    form = one(type="number", properties={"prefill": "=amount * 2", "kind": "money"}, validate={"max": 10})
    assert form.prefill({"amount": 4}) == {"x": Decimal(8)}
    assert form.prefill({"amount": 9}) == {}
    assert form.prefill({}) == {}


def test_a_form_without_its_code_list_is_broken() -> None:
    form = one(type="select", valuesExpression="=codes.nothing")
    with pytest.raises(Invalid) as raised:
        form.check({"x": "a"}, codes={})
    assert raised.value.code == "codes_missing"


@pytest.mark.parametrize(
    "component",
    [
        {"type": "iframe"},
        {"type": "textfield", "key": "a.b"},
        {"type": "textfield", "properties": {"check": "=1 +", "checkMessage": "不"}},
        {"type": "textfield", "properties": {"check": "=true"}},
        {"type": "select"},
        {"type": "textfield", "validate": {"pattern": "("}},
    ],
)
def test_a_wrong_file_is_refused_with_its_place(component: dict[str, Any]) -> None:
    with pytest.raises(forms.FormRefused) as raised:
        one(**component)
    assert raised.value.fields


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["2026-09-25", "2026-09-25T10:00:00+08:00", "confirmed", "11", "data:image/png;base64,AA"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PROBED = [
    forms.load(path.read_bytes())
    for path in FILES
    if path.stem in {"verify_on_site", "application", "survey"}
]


SINGLE = [
    one(**component)
    for component in (
        {"type": "textfield"},
        {"type": "number"},
        {"type": "number", "properties": {"kind": "money"}},
        {"type": "datetime", "subtype": "date"},
        {"type": "datetime", "subtype": "datetime"},
        {"type": "radio", "properties": {"kind": "boolean"}, "defaultValue": False},
        {"type": "checklist", "valuesExpression": "=codes.hardship_cause"},
        {"type": "taglist", "properties": {"kind": "persons"}},
        {"type": "textfield", "properties": {"kind": "signature"}},
        TABLE,
    )
]


@given(st.sampled_from(SINGLE), JUNK)
@settings(max_examples=400, deadline=None)
def test_what_is_accepted_is_accepted_again_unchanged(form: forms.Form, value: Any) -> None:
    first = form.check({"x": value}, codes=CODES)
    if not first.errors:
        assert form.check(first.values, codes=CODES) == first


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_junk_never_raises(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(PROBED))
    values = data.draw(st.fixed_dictionaries({}, optional={q.key: JUNK for q in form.fields}) | JUNK)
    checked = form.check(values, {}, FUNCTIONS, codes=CODES)
    assert checked.errors
    assert set(checked.values) == {q.key for q in form.fields}
