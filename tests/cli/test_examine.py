"""`xunzhen examine` on a folder as other tools leave it: what runs, what is asked, what is refused, what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from cli.main import app

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tool="urn:some:tool" targetNamespace="urn:x">'


def process(inner: str) -> str:
    return f'{HEAD}<process id="p" name="导出的流程">{inner}</process></definitions>'


PLAIN = process(
    '<startEvent id="1s"/><task id="t"/><endEvent id="e"/><tool:colour value="red"/>'
    '<sequenceFlow sourceRef="1s" targetRef="t"/><sequenceFlow sourceRef="t" targetRef="e"/>'
)
OPEN = process(
    '<startEvent id="s"/><exclusiveGateway id="g" name="谁来决定"/><task id="a"/><task id="b"/>'
    '<intermediateCatchEvent id="c" name="等多久"><timerEventDefinition/></intermediateCatchEvent><callActivity id="k"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="g"/><sequenceFlow id="f2" sourceRef="g" targetRef="a"/>'
    '<sequenceFlow id="f3" sourceRef="g" targetRef="b"/><sequenceFlow id="f4" sourceRef="b" targetRef="c"/>'
    '<sequenceFlow id="f5" sourceRef="c" targetRef="k"/>'
)
OPEN_CALL = process('<callActivity id="k" name="调用"/><subProcess id="q"/>')
COMPLEX = process(
    '<startEvent id="s"/><complexGateway id="g"/><sequenceFlow id="f" sourceRef="s" targetRef="g"/>'
)


def examined(folder: Path) -> dict[str, dict[str, Any]]:
    result = CliRunner().invoke(app, ["examine", str(folder), "--json"])
    assert result.exit_code == 1
    return {one["file"]: one for one in json.loads(result.stdout)}


def test_each_file_is_judged_by_itself(tmp_path: Path) -> None:
    (tmp_path / "tool").mkdir()
    for name, text in {
        "tool/plain.bpmn": PLAIN,
        "open.bpmn": OPEN,
        "call.bpmn": OPEN_CALL,
        "complex.bpmn": COMPLEX,
        "broken.bpmn": "<definitions",
        "empty.bpmn": HEAD + "</definitions>",
        "notes.txt": "kein Modell",
    }.items():
        (tmp_path / name).write_text(text)
    found = examined(tmp_path)
    assert sorted(found) == [
        "broken.bpmn",
        "call.bpmn",
        "complex.bpmn",
        "empty.bpmn",
        "open.bpmn",
        "tool/plain.bpmn",
    ]
    plain = found["tool/plain.bpmn"]
    assert (plain["read"], plain["runs"], plain["holds"]) == (True, True, ["导出的流程"])
    assert "tool" in plain["notes"][0]
    assert not found["broken.bpmn"]["read"]
    assert found["complex.bpmn"]["refused"][0]["element"] == "g"
    asked = {q["element"] for q in found["open.bpmn"]["questions"]}
    assert asked == {"g", "c", "k"}  # every question at once
    assert [q["element"] for q in found["call.bpmn"]["questions"]] == ["k"]
    assert found["empty.bpmn"]["questions"][0]["message"] == "文件里没有流程"
    assert all(not one["runs"] for name, one in found.items() if name != "tool/plain.bpmn")


SEVEN = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:x"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:activiti="http://activiti.org/bpmn" xmlns:sig="urn:sig">
<process id="p" camunda:historyTimeToLive="30"><extensionElements><sig:colour/></extensionElements><startEvent id="s"/>
<userTask id="t" activiti:assignee="甲"><extensionElements><camunda:formData/><sig:colour/></extensionElements>
<multiInstanceLoopCharacteristics id="m" camunda:collection="list"/></userTask><exclusiveGateway id="g"/><task id="a"/><task id="b"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="t"><extensionElements><camunda:executionListener/></extensionElements></sequenceFlow>
<sequenceFlow id="f2" sourceRef="t" targetRef="g"/><sequenceFlow id="f3" sourceRef="g" targetRef="a"/>
<sequenceFlow id="f4" sourceRef="g" targetRef="b"/></process></definitions>"""


def test_what_another_engine_added_is_named_wherever_it_stands_and_questions_are_asked_as_well(
    tmp_path: Path,
) -> None:
    """Nothing that changes how another engine runs the model is read past; what only decorates is counted."""
    (tmp_path / "seven.bpmn").write_text(SEVEN)
    (seven,) = examined(tmp_path).values()
    said = {r["element"]: r["message"].partition("：")[2] for r in seven["refused"]}
    assert said == {
        "p": "camunda:historyTimeToLive",
        "t": "activiti:assignee、camunda:formData",
        "m": "camunda:collection",
        "f1": "camunda:executionListener",
    }
    assert {r["element"] for r in seven["questions"]} == {"t", "g"}
    (tmp_path / "seven.bpmn").write_text(PLAIN.replace('<task id="t"/>', '<task id="t" tool:size="3"/>'))
    assert "p：tool:size（1 处）不起作用" in examined_one(tmp_path)["notes"]


def examined_one(folder: Path) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["examine", str(folder), "--json"])
    assert result.exit_code == 0
    (one,) = json.loads(result.stdout)
    return dict(one)


def test_a_called_process_may_lie_in_another_file_of_the_folder(tmp_path: Path) -> None:
    call = process('<callActivity id="k" name="调用" calledElement="q"/>')
    (tmp_path / "call.bpmn").write_text(call)
    (question,) = examined(tmp_path)["call.bpmn"]["questions"]
    assert (question["element"], question["message"]) == ("k", "被调用的流程 q 不在这些文件里")
    (tmp_path / "called.bpmn").write_text(
        PLAIN.replace('<process id="p" name="导出的流程"', '<process name="x" id="q"')
    )
    result = CliRunner().invoke(app, ["examine", str(tmp_path), "--json"])
    assert [one["runs"] for one in json.loads(result.stdout)] == [True, True]


def test_an_expression_read_as_feel_in_a_file_of_another_language_is_named(tmp_path: Path) -> None:
    condition = "<conditionExpression>{}</conditionExpression>"
    inner = (
        '<startEvent id="s"/><task id="a"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="a"/>'
        f'<sequenceFlow id="g" sourceRef="a" targetRef="e">{condition}</sequenceFlow>'
    )
    file = process(inner).replace("targetNamespace", 'expressionLanguage="urn:xpath" targetNamespace')
    for text, notes in (("x > 1", ["g：urn:xpath 的表达式按 FEEL 读"]), ("=x > 1", [])):
        (tmp_path / "one.bpmn").write_text(file.format(text.replace(">", "&gt;")))
        assert examined_one(tmp_path)["notes"] == notes


def test_for_people_it_counts(tmp_path: Path) -> None:
    (tmp_path / "plain.bpmn").write_text(PLAIN)
    (tmp_path / "open.bpmn").write_text(OPEN)
    result = CliRunner().invoke(app, ["examine", str(tmp_path)])
    assert "2 个文件：1 个可直接部署，1 个要先回答问题" in result.stdout
