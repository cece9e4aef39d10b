"""Models that import models: types, input data, decisions, functions and services under the import's name."""

from __future__ import annotations

from typing import Any

import pytest

from engine import dmn
from engine.errors import ModelRefused

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(namespace: str, body: str, *imports: tuple[str, str]) -> bytes:
    named = "".join(
        f'<import id="i_{n}" name="{name}" namespace="{space}" importType="{DMN}"/>'
        for n, (name, space) in enumerate(imports)
    )
    return f'<definitions xmlns="{DMN}" id="d" name="{namespace}" namespace="{namespace}">{named}{body}</definitions>'.encode()


def need(kind: str, what: str, href: str) -> str:
    return f'<{kind}Requirement><required{what} href="{href}"/></{kind}Requirement>'


def decision(name: str, text: str, *needs: str, of: str = "Any") -> str:
    return (
        f'<decision id="{name.replace(" ", "_")}" name="{name}"><variable name="{name}" typeRef="{of}"/>{"".join(needs)}'
        f"<literalExpression><text>{text}</text></literalExpression></decision>"
    )


BASE = model(
    "urn:base",
    '<itemDefinition name="tPerson"><itemComponent name="full name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="age"><typeRef>tAge</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues><text>[0..150]</text></allowedValues></itemDefinition>'
    '<inputData id="person" name="A Person"><variable name="A Person" typeRef="tPerson"/></inputData>'
    + decision("Is Adult", "A Person.age &gt;= 18", need("information", "Input", "#person"))
    + '<businessKnowledgeModel id="hello" name="Say Hello"><variable name="Say Hello"/><encapsulatedLogic>'
    '<formalParameter name="who" typeRef="tPerson"/><literalExpression><text>"Hello " + who.full name</text></literalExpression>'
    "</encapsulatedLogic></businessKnowledgeModel>"
    '<decisionService id="service" name="Adult Service"><variable name="Adult Service"/><outputDecision href="#Is_Adult"/>'
    '<inputData href="#person"/></decisionService>',
)
USING = model(
    "urn:using",
    '<inputData id="mine" name="Somebody"><variable name="Somebody" typeRef="my base.tPerson"/></inputData>'
    + decision("Greeting", "my base.Say Hello(Somebody)", need("information", "Input", "#mine"), need("knowledge", "Knowledge", "urn:base#hello"))
    + decision("Old Enough", "my base.Is Adult and my base.A Person.age &lt; 60",
               need("information", "Decision", "urn:base#Is_Adult"), need("information", "Input", "urn:base#person"))
    + decision("Served", "my base.Adult Service(Somebody)", need("information", "Input", "#mine"), need("knowledge", "Knowledge", "urn:base#service")),
    ("my base", "urn:base"),
)  # fmt: skip
TOP = model(
    "urn:top",
    decision("Twice", "mid.Old Enough", need("information", "Decision", "urn:using#Old_Enough")),
    ("mid", "urn:using"),
)
PERSON = {"full name": "李某甲", "age": 30}


@pytest.mark.parametrize(
    ("name", "inputs", "value"),
    [
        ("Greeting", {"Somebody": PERSON}, "Hello 李某甲"),
        ("Old Enough", {"my base": {"A Person": PERSON}}, True),
        ("Old Enough", {"my base": {"A Person": {**PERSON, "age": 70}}}, False),
        ("Served", {"Somebody": {**PERSON, "age": 3}}, False),
    ],
)
def test_what_is_imported_is_seen_under_its_name(name: str, inputs: dict[str, Any], value: object) -> None:
    made = dmn.load(USING, [USING, BASE]).decide(name, inputs)
    assert (made.value, made.errors) == (value, ())


def test_an_imported_type_is_held_to() -> None:
    made = dmn.load(USING, [BASE]).decide("Greeting", {"Somebody": {**PERSON, "age": 200}})
    assert made.value is None
    assert made.errors


def test_an_import_of_an_import() -> None:
    made = dmn.load(TOP, [BASE, USING, TOP])
    assert made.decide("Twice", {"mid": {"my base": {"A Person": PERSON}}}).value is True


def test_an_import_without_name_joins_the_file_s_own_names() -> None:
    using = model(
        "urn:plain",
        decision("Greeting", "Say Hello(A Person)", need("information", "Input", "urn:base#person"), need("knowledge", "Knowledge", "urn:base#hello")),
        ("", "urn:base"),
    )  # fmt: skip
    assert dmn.load(using, [BASE]).decide("Greeting", {"A Person": PERSON}).value == "Hello 李某甲"


FAR = model("urn:far", decision("Level", '"far"') + decision("Only Far", '"only far"'))
NEAR = model("urn:near", decision("Level", '"near"'), ("", "urn:far"))
JOINED = model(
    "urn:joined",
    '<itemDefinition name="tAge"><typeRef>string</typeRef></itemDefinition>'
    + decision("Mine", "Level", need("information", "Decision", "#Level"))
    + decision("Deep", "Only Far", need("information", "Decision", "#Only_Far"))
    + decision("Age", '"seventy"', of="tAge")
    + decision("Called", "Say Hello(A Person)", need("information", "Input", "#person"), need("knowledge", "Knowledge", "#hello")),
    ("", "urn:near"),
    ("", "urn:base"),
    ("", "urn:joined"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Mine", "near"),  # of elements of one name the nearest counts
        ("Deep", "only far"),  # through an import without name of an import without name
        ("Age", "seventy"),  # the file's own type goes before an imported one of its name
        ("Called", "Hello 李某甲"),
        ("Only Far", "only far"),  # what is taken in is the file's own to the outside
    ],
)
def test_imports_without_name_take_everything_in(name: str, value: str) -> None:
    made = dmn.load(JOINED, [JOINED, NEAR, FAR, BASE]).decide(name, {"A Person": PERSON})
    assert (made.value, made.errors) == (value, ())


def test_models_without_name_may_lead_back_to_each_other() -> None:
    one = model("urn:one", decision("D", "E", need("information", "Decision", "#E")), ("", "urn:two"))
    two = model("urn:two", decision("E", "1"), ("", "urn:one"))
    assert dmn.load(one, [one, two]).decide("D", {}).value == 1


@pytest.mark.parametrize(
    ("data", "others", "message"),
    [
        (USING, [], "找不到引用的模型 urn:base"),
        (model("urn:a", decision("D", "1"), ("b", "urn:b")), [model("urn:b", decision("E", "1"), ("b", "urn:b"))], "互相引用"),
        (model("urn:a", decision("D", "1", need("information", "Decision", "urn:base#nothing")), ("b", "urn:base")), [BASE], "里没有 nothing"),
        (model("urn:a", decision("D", "1", need("information", "Decision", "#nowhere")), ("", "urn:base")), [BASE], "里没有 nowhere"),
        (USING.replace(f'importType="{DMN}"'.encode(), b'importType="http://www.dmg.org/PMML-4_2"'), [BASE], "只能引用 DMN 文件"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_refused(data: bytes, others: list[bytes], message: str) -> None:
    with pytest.raises(ModelRefused) as caught:
        dmn.load(data, others)
    assert any(message in refusal.message for refusal in caught.value.refusals)
