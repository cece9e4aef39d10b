"""Types of a model: what is allowed, what is converted, and what of it functions, services, tables and boxes hold to."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pytest

from engine import dmn, feel

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"
TYPES = """
<itemDefinition name="Tier"><typeRef>string</typeRef><allowedValues><text>"village", "town"</text></allowedValues></itemDefinition>
<itemDefinition name="Office"><typeRef>Tier</typeRef><allowedValues><text>"bureau"</text></allowedValues></itemDefinition>
<itemDefinition name="Tiers" isCollection="true"><typeRef>Tier</typeRef></itemDefinition>
<itemDefinition name="Pair" isCollection="true"><typeRef>number</typeRef><allowedValues><text>&gt; 0</text></allowedValues>
<typeConstraint><text>count(?) = 2</text></typeConstraint></itemDefinition>
<itemDefinition name="Post"><itemComponent name="at"><typeRef>Tier</typeRef></itemComponent></itemDefinition>
<itemDefinition name="Posts" isCollection="true"><typeRef>Post</typeRef></itemDefinition>
<itemDefinition name="Route"><functionItem outputTypeRef="Tier"><parameters name="to"/></functionItem></itemDefinition>
<itemDefinition name="Ask"><functionItem><parameters name="asked" typeRef="Tier"/></functionItem></itemDefinition>
<itemDefinition name="Count"><functionItem outputTypeRef="Numbers"/></itemDefinition>
<itemDefinition name="Numbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>
<inputData id="to" name="to"><variable name="to"/></inputData>
"""


def text(expression: str, of: str = "") -> str:
    typed = f' typeRef="{of}"' if of else ""
    return f"<literalExpression{typed}><text>{escape(expression)}</text></literalExpression>"


def decision(logic: str, of: str = "", needs: str = "", knows: str = "", name: str = "d") -> str:
    typed = f' typeRef="{of}"' if of else ""
    required = f'<informationRequirement><requiredInput href="#to"/></informationRequirement>{needs}'
    known = (
        f'<knowledgeRequirement><requiredKnowledge href="#{knows}"/></knowledgeRequirement>' if knows else ""
    )
    return f'<decision id="{name}" name="{name}"><variable name="{name}"{typed}/>{required}{known}{logic}</decision>'


def made(body: str, name: str = "d", **given: Any) -> tuple[Any, bool]:
    """The value and whether there were errors."""
    file = f'<definitions xmlns="{DMN}" namespace="n" name="n" id="n">{TYPES}{body}</definitions>'
    result = dmn.load(file.encode()).decide(name, given)
    return feel.to_json(result.value), bool(result.errors)


@pytest.mark.parametrize(
    ("expression", "of", "value"),
    [
        ('"town"', "Tier", "town"),
        ('"moon"', "Tier", None),
        # the values a type allows take the place of those its base allows
        ('"bureau"', "Office", "bureau"),
        ('"town"', "Office", None),
        ('["town", "village"]', "Tiers", ["town", "village"]),
        ('["town", "moon"]', "Tiers", None),
        ('{at: "town"}', "Post", {"at": "town"}),
        ('{at: "moon"}', "Post", None),
        # allowed values speak of each element, a type constraint of the whole list
        ("[1, 2]", "Pair", [1, 2]),
        ("[1, 2, 3]", "Pair", None),
        ("[1, -2]", "Pair", None),
        ("7", "Numbers", [7]),
        ("[7]", "number", 7),
        ("[7, 8]", "number", None),
        ('date("2026-09-14")', "date and time", "2026-09-14T00:00:00Z"),
    ],
)
def test_a_variable_holds_what_its_type_allows_after_the_standards_conversions(
    expression: str, of: str, value: Any
) -> None:
    assert made(decision(text(expression), of)) == (value, value is None)


def function(logic: str, of: str = "") -> str:
    typed = f' typeRef="{of}"' if of else ""
    body = f'<functionDefinition{typed}><formalParameter name="a"/>{logic}</functionDefinition>'
    return f"<context><contextEntry><variable name='f'/>{body}</contextEntry><contextEntry>{text('f(to)')}</contextEntry></context>"


def knowledge(of: str = "", logic: str = "", parameter: str = "") -> str:
    typed, inner, asked = (f' typeRef="{t}"' if t else "" for t in (of, logic, parameter))
    return (
        f'<businessKnowledgeModel id="k" name="k"><variable name="k"{typed}/><encapsulatedLogic{inner}>'
        f'<formalParameter name="a"{asked}/>{text("a")}</encapsulatedLogic></businessKnowledgeModel>'
    )


def invocation(of: str = "", parameter: str = "") -> str:
    typed, asked = (f' typeRef="{t}"' if t else "" for t in (of, parameter))
    return f'<invocation{typed}>{text("function(a) a")}<binding><parameter name="a"{asked}/>{text("to")}</binding></invocation>'


CALL = decision(text("k(to)"), knows="k")
PLACES = {
    "a parameter in FEEL": decision(text("(function(a: Tier) a)(to)")),
    "a function of a type": decision(
        f"<context><contextEntry><variable name='f' typeRef='Route'/>{text('function(a) a')}</contextEntry>"
        f"<contextEntry>{text('f(to)')}</contextEntry></context>"
    ),
    "a boxed function of a type": decision(function(text("a"), "Route")),
    "a parameter of a knowledge model": knowledge(parameter="Tier") + CALL,
    "the logic of a knowledge model": knowledge(logic="Route") + CALL,
    "the variable of a knowledge model": knowledge(of="Route") + CALL,
    "a knowledge model of DMN 1.1": knowledge(of="Tier") + CALL,
    "the parameter of an invocation": decision(invocation(parameter="Tier")),
    "an invocation": decision(invocation(of="Tier")),
    "a literal expression": decision(text("to", "Tier")),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_typed_place_of_functions_is_held_to(place: str) -> None:
    assert made(PLACES[place], to="town") == ("town", False)
    assert made(PLACES[place], to="moon") == (None, True)


BOXES = {
    "a context entry": (
        f"<context><contextEntry><variable name='at' typeRef='Tier'/>{text('to')}</contextEntry></context>",
        {"at": "town"},
        {"at": None},
    ),
    "a context": (
        f"<context typeRef='Post'><contextEntry><variable name='at'/>{text('to')}</contextEntry></context>",
        {"at": "town"},
        None,
    ),
    "a column of a relation": (
        f"<relation><column name='at' typeRef='Tier'/><row>{text('to')}</row></relation>",
        [{"at": "town"}],
        [{"at": None}],
    ),
    "a relation": (
        f"<relation typeRef='Posts'><column name='at'/><row>{text('to')}</row></relation>",
        [{"at": "town"}],
        None,
    ),
    "a list": (f"<list typeRef='Tiers'>{text('to')}</list>", ["town"], None),
    "an output entry": (
        """<decisionTable><output name='a'/><output name='b'/><rule><outputEntry typeRef='Tier'><text>to</text></outputEntry>
        <outputEntry><text>1</text></outputEntry></rule></decisionTable>""",
        {"a": "town", "b": 1},
        {"a": None, "b": 1},
    ),
}


@pytest.mark.parametrize("place", BOXES)
def test_every_typed_box_is_held_to(place: str) -> None:
    logic, good, bad = BOXES[place]
    assert made(decision(logic), to="town") == (good, False)
    assert made(decision(logic), to="moon") == (bad, True)


def test_a_service_is_held_to_the_function_type_of_its_variable() -> None:
    body = (
        decision(text("to"), name="echo")
        + decision(text('"never"'), name="asked")
        + decision(
            text("asked"),
            needs='<informationRequirement><requiredDecision href="#asked"/></informationRequirement>',
            name="answer",
        )
        + '<decisionService id="s" name="s"><variable name="s" typeRef="Route"/><outputDecision href="#echo"/><inputData href="#to"/></decisionService>'
        + '<decisionService id="t" name="t"><variable name="t" typeRef="Ask"/><outputDecision href="#answer"/><inputDecision href="#asked"/></decisionService>'
    )
    assert made(body, "s", to="town") == ("town", False)
    assert made(body, "s", to="moon") == (None, True)
    assert made(body, "t", asked="town") == ("town", False)
    assert made(body, "t", asked="moon") == (None, True)


def test_the_result_of_a_knowledge_model_is_converted_to_its_function_type() -> None:
    file = (
        f'<definitions xmlns="{DMN}" namespace="n" name="n" id="n">{TYPES}<businessKnowledgeModel id="k" name="k"><variable name="k" '
        f'typeRef="Count"/><encapsulatedLogic>{text("1")}</encapsulatedLogic></businessKnowledgeModel></definitions>'
    )
    assert feel.to_json(dmn.load(file.encode()).invoke("k", {}).value) == [1]


def table(value: str, allowed: str, *cells: str) -> str:
    rules = "".join(
        f'<rule><inputEntry><text>{escape(cell)}</text></inputEntry><outputEntry><text>"{n}"</text></outputEntry></rule>'
        for n, cell in enumerate(cells, 1)
    )
    listed = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
    return (
        f'<decisionTable hitPolicy="FIRST"><input><inputExpression><text>{escape(value)}</text></inputExpression>{listed}</input><output/>'
        f"{rules}</decisionTable>"
    )


@pytest.mark.parametrize(
    ("value", "allowed", "cells", "result", "wrong"),
    [
        ('"town"', '"village", "town"', ["-"], "1", False),
        # what is not among the input values is null and an error, and no dash lets it pass
        ('"moon"', '"village", "town"', ["-", "null"], "2", True),
        ('"moon"', '"village", "town"', ["-"], None, True),
        ("null", '"village", "town"', ["-"], "1", False),
        ("3", "not(3)", ["null"], "1", True),
        ("3", "? > 2", ["3"], "1", False),
        ("3", "", ["3"], "1", False),
        ("3", "1 == 1", ["null"], "1", True),
        # without `?` a test is compared with the input; a truth about something else is no test of a number
        ("3", "", ["1 < 2", "? < 4"], "2", False),
        ("true", "", ["1 < 2"], "1", False),
    ],
)
def test_input_values_and_unary_tests(
    value: str, allowed: str, cells: list[str], result: str | None, wrong: bool
) -> None:
    assert made(decision(table(value, allowed, *cells))) == (result, wrong)


def test_a_boxed_filter_wants_a_truth() -> None:
    def filtered(match: str) -> str:
        return decision(f"<filter><in>{text('[1, 2, 3]')}</in><match>{text(match)}</match></filter>")

    assert made(filtered("item > 1")) == ([2, 3], False)
    assert made(filtered('if item = 1 then true else "甲"')) == (None, True)


@pytest.mark.parametrize(
    ("box", "result", "wrong"),
    [
        (f"<conditional><if>{text('null')}</if><then>{text('1')}</then><else>{text('2')}</else></conditional>", 2, False),
        (f"<conditional><if>{text('7')}</if><then>{text('1')}</then><else>{text('2')}</else></conditional>", None, True),
        (f'<some iteratorVariable="n"><in>{text("[1, 2]")}</in><satisfies>{text("n > 1")}</satisfies></some>', True, False),
        (f'<some iteratorVariable="n"><in>{text("[1, 2]")}</in><satisfies>{text("if n = 1 then n else true")}</satisfies></some>', None, True),
        (f'<every iteratorVariable="n"><in>{text("[1, 2]")}</in><satisfies>{text("if n = 1 then null else false")}</satisfies></every>', False, False),
        (f'<every iteratorVariable="n"><in>{text("[]")}</in><satisfies>{text("7")}</satisfies></every>', True, False),
    ],
)  # fmt: skip
def test_boxed_conditions_want_a_truth(box: str, result: object, wrong: bool) -> None:
    assert made(decision(box)) == (result, wrong)
