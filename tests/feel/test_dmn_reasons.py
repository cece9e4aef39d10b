"""Why a table said what it said: the facts it saw, the rules that held, their results."""

from __future__ import annotations

from engine import dmn

TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="level" name="定级"><decisionTable id="t" hitPolicy="{policy}">
<input id="i1" label="人均收入"><inputExpression id="e1"><text>income</text></inputExpression></input>
<input id="i2"><inputExpression id="e2"><text>persons</text></inputExpression></input>
<output id="o1" name="level" label="等级"/>
<rule id="r1"><annotationEntry><text>收入低</text></annotationEntry>
<inputEntry id="a1"><text>&lt; 500</text></inputEntry><inputEntry id="a2"><text>-</text></inputEntry>
<outputEntry id="x1"><text>"甲"</text></outputEntry></rule>
<rule id="r2"><description>人口多</description>
<inputEntry id="b1"><text>-</text></inputEntry><inputEntry id="b2"><text>&gt;= 4</text></inputEntry>
<outputEntry id="x2"><text>"乙"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def explained(policy: str, **given: object) -> list[dict[str, object]]:
    made = dmn.load(TABLE.format(policy=policy).encode()).decide("level", given)
    return [dict(table) for table in made.explained]


def test_the_rules_that_held_stand_with_the_facts_they_asked_for() -> None:
    (table,) = explained("RULE ORDER", income=300, persons=5)
    assert table["table"] == "t"
    assert table["inputs"] == [
        {"label": "人均收入", "expression": "income", "value": "300"},
        {"label": "persons", "expression": "persons", "value": "5"},
    ]
    assert table["rules"] == [
        {
            "rule": "r1", "number": 1, "note": "收入低",
            "tests": [{"label": "人均收入", "expression": "income", "value": "300", "test": "< 500"}],
            "outputs": [{"name": "level", "label": "等级", "value": "甲"}],
        },
        {
            "rule": "r2", "number": 2, "note": "人口多",
            "tests": [{"label": "persons", "expression": "persons", "value": "5", "test": ">= 4"}],
            "outputs": [{"name": "level", "label": "等级", "value": "乙"}],
        },
    ]  # fmt: skip


def test_no_rule_leaves_the_facts() -> None:
    (table,) = explained("UNIQUE", income=900, persons=None)
    assert table["rules"] == []
    assert table["inputs"] == [
        {"label": "人均收入", "expression": "income", "value": "900"},
        {"label": "persons", "expression": "persons", "value": "null"},
    ]


def test_an_input_without_end_is_cut_and_costs_the_evaluation_nothing() -> None:
    (table,) = explained("FIRST", income=list(range(5000)), persons=4)
    inputs = table["inputs"]
    assert isinstance(inputs, list)
    assert len(inputs[0]["value"]) <= 200
