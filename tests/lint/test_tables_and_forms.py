"""Decision tables and forms: what the linter says, and at which cell or field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.bundle import bundle_of
from engine.lint import lint_bundle, load_posts
from engine.lint.finding import Finding
from engine.terms_file import load_terms
from tests.conftest import PROCESSES

TERMS, POSTS = load_terms(PROCESSES / "terms.toml"), load_posts(PROCESSES / "posts.toml")


def table(
    test: str = '"a"', result: str = "1", reads: str = "cause", outputs: str = "", rules: bool = True
) -> bytes:
    row = f'<rule id="r"><inputEntry id="r_i"><text>{test}</text></inputEntry><outputEntry id="r_o"><text>{result}</text></outputEntry>'
    more = '<outputEntry id="r_p"><text>2</text></outputEntry>' if outputs else ""
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n"><decision id="level" name="等级">'
        f'<decisionTable id="t"><input id="i" label="原因"><inputExpression id="e"><text>{reads}</text></inputExpression></input>'
        f'<output id="o" label="级别" name="grade"/>{outputs}{row + more + "</rule>" if rules else ""}</decisionTable></decision></definitions>'
    ).encode()


def form(*components: dict[str, Any], **more: Any) -> bytes:
    made = {
        "type": "default",
        "id": "visit",
        "properties": {"title": "走访"},
        "components": list(components),
        **more,
    }
    return json.dumps(made).encode()


def field(**more: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": "note", "label": "情况", **more}


def findings(**files: bytes) -> list[Finding]:
    made = bundle_of("b", {name.replace("__", "."): content for name, content in files.items()})
    found = lint_bundle(made, terms=TERMS, posts=POSTS, codes={"cause": []})
    assert all(f.message and f.remedy and f.message_en and f.remedy_en for f in found)
    return found


def said(rule: str, **files: bytes) -> list[tuple[str | None, str | None, str]]:
    return [(f.element, f.name, f.severity) for f in findings(**files) if f.rule == rule]


@pytest.mark.parametrize(
    ("wrong", "element", "name", "severity"),
    [
        (table(test='"a",,"b"'), "r_i", "等级 第 1 行“原因”", "error"),
        (table(result="1 +"), "r_o", "等级 第 1 行“级别”", "error"),
        (table(result="wurgency(1)"), "r_o", "等级 第 1 行“级别”", "error"),
        (table(reads="lead."), "e", "等级 条件列“原因”", "error"),
        (table(reads=""), "i", "t.dmn", "error"),
        (table(outputs='<output id="o2" name=""/>'), "t", "t.dmn", "error"),
        (table(rules=False), "t", "等级", "warning"),
    ],
)  # fmt: skip
def test_a_fault_of_a_table_is_told_at_its_cell(wrong: bytes, element: str, name: str, severity: str) -> None:
    assert said("decision-table", t__dmn=wrong) == [(element, name, severity)]


def test_two_results_of_one_name_are_told_at_both_columns() -> None:
    doubled = table(outputs='<output id="o2" name="grade"/>')
    assert [element for element, _, _ in said("decision-table", t__dmn=doubled)] == ["o", "o2"]


def test_another_language_than_feel_is_refused() -> None:
    juel = table().replace(b'<inputExpression id="e">', b'<inputExpression id="e" expressionLanguage="juel">')
    assert said("decision-table", t__dmn=juel) == [("e", "t.dmn", "error")]


def test_the_sound_table_is_left_in_peace() -> None:
    assert said("decision-table", t__dmn=table()) == []


@pytest.mark.parametrize(
    ("wrong", "element", "part"),
    [
        (form({"type": "html", "content": "<script>alert(1)</script>"}), "[0]", "不支持的组件 html"),
        (form({"type": "html", "key": "h", "label": "h", "content": "<script>alert(1)</script>"}), "h", "不支持的组件 html"),
        (form(field(properties={"kind": "iban"})), "note", "不支持的组件 textfield（iban）"),
        (form(field(), field()), "note", "出现了两次"),
        (form(field(conditional={"hide": "=a ="})), "note", "表达式有误"),
        (form(field(conditional={"hide": "=wurgency(1)"})), "note", "wurgency"),
        (form({"type": "select", "key": "c", "label": "原因", "valuesExpression": "=codes.nowhere"}), "c", "代码表 nowhere 不存在"),
        (form({"type": "radio", "key": "c", "label": "原因"}), "c", "缺少选项"),
        (form({"type": "dynamiclist", "path": "rows", "label": "明细", "components": [field(properties={"kind": "x"})]}), "note", "不支持"),
    ],
)  # fmt: skip
def test_a_fault_of_a_form_is_told_at_its_field(wrong: bytes, element: str, part: str) -> None:
    found = [f for f in findings(visit__form=wrong) if f.rule == "form"]
    assert [f.element for f in found][:1] == [element]
    assert part in found[0].message
    assert found[0].severity == "error"


def test_the_sound_form_is_left_in_peace() -> None:
    sound = form(field(), {"type": "select", "key": "c", "label": "原因", "valuesExpression": "=codes.cause"})
    assert said("form", visit__form=sound) == []
