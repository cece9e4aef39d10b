"""Names in models: with dots, numbers and apostrophes in them, and variables that are called otherwise than their element."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pytest

from engine import dmn

DMN = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"


def text(expression: str) -> str:
    return f"<literalExpression><text>{escape(expression)}</text></literalExpression>"


def model(body: str) -> dmn.Model:
    return dmn.load(f'<definitions xmlns="{DMN}" namespace="n" name="n" id="n">{body}</definitions>'.encode())


DOTTED = """
<inputData id="p" name="人"><variable name="人"/></inputData>
<decision id="d" name="老人"><variable name="老人"/><informationRequirement><requiredInput href="#p"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>
<invocation><literalExpression><text>够老</text></literalExpression>
<binding><parameter name="人.年龄"/><literalExpression><text>人.年龄</text></literalExpression></binding></invocation></decision>
<businessKnowledgeModel id="k" name="够老"><variable name="够老"/><encapsulatedLogic><formalParameter name="人.年龄"/>
<literalExpression><text>人.年龄 >= 60</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"""


@pytest.mark.parametrize(("age", "old"), [(70, True), (5, False)])
def test_a_parameter_may_have_a_dot_in_its_name_where_its_argument_is_a_path(age: int, old: bool) -> None:
    made = model(DOTTED).decide("老人", {"人": {"年龄": age}})
    assert (made.value, made.errors) == (old, ())


def test_an_element_is_found_by_its_variable_s_name_and_by_its_own() -> None:
    body = (
        '<inputData id="i" name="the income"><variable name="income"/></inputData>'
        '<decision id="x" name="Level two"><variable name="level 2.1"/><informationRequirement><requiredInput href="#i"/>'
        f"</informationRequirement>{text('income * 2')}</decision>"
        '<decision id="y" name="Twice"><variable name="Twice"/><informationRequirement><requiredDecision href="#x"/>'
        f"</informationRequirement>{text('level 2.1 * 2')}</decision>"
    )
    given: tuple[dict[str, Any], ...] = ({"income": 5}, {"the income": 5}, {"i": 5})
    for inputs in given:
        assert model(body).decide("Level two", inputs).value == 10
        assert model(body).decide("level 2.1", inputs).value == 10
        assert model(body).decide("Twice", inputs).value == 20
