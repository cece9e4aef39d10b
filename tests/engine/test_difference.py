"""Two versions of a bundle in words: what a publisher reads before publishing."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import orjson
import pytest

from engine.bundle import Bundle, bundle_of
from engine.difference import LABELS, OWN_SENTENCE, Names
from engine.difference_parts import differences
from engine.model import Node
from tests.engine.models import HEAD, extension, flow

NAMES = Names(
    posts={"town_civil_officer": "民政干部", "village_liaison": "联络员"},
    terms={"short": "3个工作日", "long": "5个工作日"},
    forms={"visit": "走访表", "call": "电话表"},
    stages={"aid": "救助处置"},
)
LANES = {"village": ("村(居)", "village_liaison"), "town": ("镇(街)", "town_civil_officer")}


def lane(tier: str, *nodes: str) -> str:
    name, post = LANES[tier]
    refs = "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes)
    return f'<bpmn:lane id="lane_{tier}" name="{name}">{extension(tier=tier, post=post)}{refs}</bpmn:lane>'


def task(inner: str = "", name: str = "走访", key: str = "visit", **properties: str) -> str:
    return f'<bpmn:userTask id="{key}" name="{name}">{extension("<zeebe:userTask/>" + inner, **properties)}</bpmn:userTask>'


def made(
    *parts: str, village: tuple[str, ...] = (), town: tuple[str, ...] = ("visit",), **files: bytes
) -> Bundle:
    lanes = f'<bpmn:laneSet id="lanes">{lane("village", *village)}{lane("town", *town)}</bpmn:laneSet>'
    around = '<bpmn:startEvent id="start" name="开始"/><bpmn:endEvent id="end" name="结束"/>'
    model = f'{HEAD}<bpmn:process id="p" name="流程" isExecutable="true">{lanes}{around}{"".join(parts)}</bpmn:process></bpmn:definitions>'
    listed = {name.replace("__", "."): content for name, content in files.items()}
    return bundle_of("b", {"b.bpmn": model.encode(), **listed})


def said(before: Bundle, after: Bundle) -> list[str]:
    return [change.text for change in differences(before, after, NAMES)]


PATH = flow("start", "visit", "end")


def test_the_same_says_nothing() -> None:
    assert said(made(task(), PATH), made(task(), PATH)) == []


def test_a_task_in_another_lane_is_done_by_others() -> None:
    found = differences(made(task(), PATH), made(task(), PATH, village=("visit",), town=()), NAMES)
    assert [(change.kind, change.text) for change in found] == [
        ("moved", "「走访」从泳道「镇(街)」移到泳道「村(居)」。"),
        ("routing", "「走访」的办理层级由 镇（街） 改为 村（居）。"),
        ("routing", "「走访」的办理岗位由 民政干部 改为 联络员。"),
    ]
    assert {(change.file, change.element) for change in found} == {("b.bpmn", "visit")}


def test_a_task_that_names_its_own_people_moves_without_changing_hands() -> None:
    own = task(tier="town", post="town_civil_officer")
    moved = made(own, PATH, village=("visit",), town=())
    assert said(made(own, PATH), moved) == ["「走访」从泳道「镇(街)」移到泳道「村(居)」。"]


CHANGES: list[tuple[str, str, str]] = [
    (task(term="short"), task(term="long"), "「走访」的时限由 3个工作日 改为 5个工作日。"),
    (task(term="short"), task(), "「走访」的时限由 3个工作日 改为 （没有时限）。"),
    (
        task('<zeebe:formDefinition formId="visit"/>'),
        task('<zeebe:formDefinition formId="call"/>'),
        "「走访」的表单由 走访表 改为 电话表。",
    ),
    (task(name="看望"), task(), "「走访」的名称由 看望 改为 走访。"),
    (task(), task(together="2"), "「走访」的同办人数定为 2。"),
    (task(stage="aid"), task(), "「走访」的阶段删去（原为 救助处置）。"),
    (
        task('<zeebe:assignmentDefinition candidateGroups="village_liaison"/>'),
        task(),
        "「走访」的办理岗位由 联络员 改为 民政干部。",
    ),
    (
        task('<zeebe:assignmentDefinition assignee="=a"/>'),
        task('<zeebe:assignmentDefinition assignee="=b"/>'),
        "「走访」的指定办理人由 =a 改为 =b。",
    ),
    (
        task('<zeebe:ioMapping><zeebe:output source="=x" target="y"/></zeebe:ioMapping>'),
        task('<zeebe:ioMapping><zeebe:output source="=z" target="y"/></zeebe:ioMapping>'),
        "「走访」的输出映射由 y =x 改为 y =z。",
    ),
]


@pytest.mark.parametrize(("before", "after", "sentence"), CHANGES)
def test_settings_of_a_task(before: str, after: str, sentence: str) -> None:
    assert said(made(before, PATH), made(after, PATH)) == [sentence]


def test_a_step_put_in_between() -> None:
    two = task() + task(key="ask", name="询问", term="short")
    rerouted = (
        '<bpmn:sequenceFlow id="visit_end" sourceRef="visit" targetRef="ask"/>'
        '<bpmn:sequenceFlow id="start_visit" sourceRef="start" targetRef="visit"/>'
        '<bpmn:sequenceFlow id="ask_end" sourceRef="ask" targetRef="end"/>'
    )
    longer = made(two, rerouted, town=("visit", "ask"))
    assert said(made(task(), PATH), longer) == [
        "新增环节「询问」，由 镇（街） 民政干部 办理，时限 3个工作日。",
        "连线「走访」→「结束」改接为「走访」→「询问」。",
        "新增连线「询问」→「结束」。",
    ]
    assert said(longer, made(task(), PATH)) == [
        "删除环节「询问」。",
        "连线「走访」→「询问」改接为「走访」→「结束」。",
    ], "the flow out of the removed step went with it"


def branch(condition: str, key: str = "f", default: str = "") -> str:
    text = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    gateway = f'<bpmn:exclusiveGateway id="gw" name="够吗" {default}/>'
    return f'{gateway}<bpmn:sequenceFlow id="{key}" sourceRef="gw" targetRef="end">{text}</bpmn:sequenceFlow>'


def test_conditions_and_flows_drawn_anew() -> None:
    before = made(task(), PATH, branch("=n &gt; 1"))
    assert said(before, made(task(), PATH, branch("=n &gt; 2"))) == [
        "连线「够吗」→「结束」的条件由 =n > 1 改为 =n > 2。"
    ]
    assert said(before, made(task(), PATH, branch("=n &gt; 1", key="other"))) == [
        "只调整了图面（位置、大小、线形）或文件写法，办理规则没有变化。"
    ]
    assert said(made(task(), PATH, branch("")), made(task(), PATH, branch("", default='default="f"'))) == [
        "连线「够吗」→「结束」改为默认出口。"
    ]


def test_who_a_lane_stands_for() -> None:
    after = made(task(), PATH)
    files = {
        name: content.replace(b"town_civil_officer", b"village_liaison")
        for name, content in after.files.items()
    }
    assert said(after, bundle_of("b", files)) == [
        "泳道「镇(街)」的岗位由 民政干部 改为 联络员。",
        "「走访」的办理岗位由 民政干部 改为 联络员。",
    ]


# ---------------------------------------------------------------------------------------------- tables
def table(*rows: tuple[str, str], policy: str = "FIRST", ids: bool = True) -> bytes:
    listed = "".join(
        f"<rule{f' id={chr(34)}r_{test}{chr(34)}' if ids else ''}><inputEntry><text>{test}</text></inputEntry>"
        f"<outputEntry><text>{result}</text></outputEntry></rule>"
        for test, result in rows
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">'
        f'<decision id="level" name="等级"><decisionTable hitPolicy="{policy}"><input><inputExpression><text>分数</text>'
        f'</inputExpression></input><output name="级别"/>{listed}</decisionTable></decision></definitions>'
    ).encode()


ROWS = [("1", '"a"'), ("2", '"b"'), ("3", '"c"')]
TABLES: list[tuple[list[tuple[str, str]], list[str]]] = [
    (ROWS, []),
    ([ROWS[0], ("2", '"x"'), ROWS[2]], ['第 2 行的“级别”由 "b" 改为 "x"']),
    ([*ROWS, ("-", '"d"')], ['新增第 4 行：任何情况 → 级别 "d"']),
    ([ROWS[0], ROWS[2]], ['删除原第 2 行：分数 2 → 级别 "b"']),
]


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize(("rows", "wanted"), TABLES)
def test_rows_of_a_decision_table(rows: list[tuple[str, str]], wanted: list[str], ids: bool) -> None:
    before = made(task(), PATH, level__dmn=table(*ROWS, ids=ids))
    after = made(task(), PATH, level__dmn=table(*rows, ids=ids))
    assert said(before, after) == [f"决策表「等级」{text}。" for text in wanted]


def test_order_and_policy_of_a_table() -> None:
    before = made(task(), PATH, level__dmn=table(*ROWS))
    assert said(before, made(task(), PATH, level__dmn=table(ROWS[1], ROWS[0], ROWS[2]))) == [
        "决策表「等级」的行次序有改动。"
    ]
    assert said(before, made(task(), PATH, level__dmn=table(*ROWS, policy="UNIQUE"))) == [
        "决策表「等级」的命中策略由 FIRST 改为 UNIQUE。"
    ]


def test_columns_of_a_table() -> None:
    before = table(*ROWS)
    other = before.replace("<text>分数</text>".encode(), "<text>分值</text>".encode())
    wider = before.replace(
        '<output name="级别"/>'.encode(), '<output name="级别"/><output name="理由"/>'.encode()
    )
    wider = wider.replace(b"</rule>", b"<outputEntry><text>null</text></outputEntry></rule>")
    assert said(made(task(), PATH, level__dmn=before), made(task(), PATH, level__dmn=other)) == [
        "决策表「等级」新增列 分值。",
        "决策表「等级」删除列 分数。",
    ]
    assert said(made(task(), PATH, level__dmn=before), made(task(), PATH, level__dmn=wider)) == [
        "决策表「等级」新增列 理由。",
        "决策表「等级」各行随列改写（原 3 行，现 3 行），请逐行核对。",
    ]


def test_a_column_with_a_heading_is_called_by_it() -> None:
    named = table(*ROWS).replace(b"<input>", '<input id="i" label="得分">'.encode())
    other = named.replace("<text>分数</text>".encode(), "<text>分值</text>".encode())
    assert said(made(task(), PATH, level__dmn=named), made(task(), PATH, level__dmn=other)) == [
        "决策表「等级」的列“得分”改为读取 分值（原为 分数）。"
    ]
    changed = named.replace(b"<text>2</text>", b"<text>5</text>")
    assert said(made(task(), PATH, level__dmn=named), made(task(), PATH, level__dmn=changed)) == [
        "决策表「等级」第 2 行的“得分”由 2 改为 5。"
    ]


def test_where_ways_meet_is_named_after_what_follows() -> None:
    meet = '<bpmn:exclusiveGateway id="again"/>' + flow("again", "visit", "end")
    start = '<bpmn:sequenceFlow id="f" sourceRef="start" targetRef="{}"/>'
    assert said(made(task(), meet, start.format("visit")), made(task(), meet, start.format("again"))) == [
        "连线「开始」→「走访」改接为「开始」→「走访」前的汇合点。"
    ]


# ---------------------------------------------------------------------------------------------- forms and the rest
def form(*components: dict[str, Any]) -> bytes:
    return orjson.dumps(
        {"id": "visit", "properties": {"title": "走访表"}, "type": "default", "components": list(components)}
    )


CAUSE = {
    "type": "radio",
    "key": "cause",
    "label": "原因",
    "values": [{"value": "1", "label": "重病"}, {"value": "2", "label": "失业"}],
}
FORMS: list[tuple[dict[str, Any], str]] = [
    ({"label": "困难原因"}, "改称（原为“原因”）"),
    ({"type": "select"}, "由单选改为下拉单选"),
    ({"values": [{"value": "1", "label": "重病"}]}, "去掉选项“失业”"),
    ({"values": [*CAUSE["values"], {"value": "3", "label": "火灾"}]}, "增加选项“火灾”"),
    (
        {"values": [{"value": "1", "label": "大病"}, {"value": "2", "label": "失业"}]},
        "的选项“重病”改称“大病”",
    ),
    ({"values": [{"value": "2", "label": "失业"}, {"value": "1", "label": "重病"}]}, "的选项次序有改动"),
    ({"description": "选最重的"}, "的填写帮助定为 选最重的"),
    ({"conditional": {"hide": "=minor"}}, "的不显示的条件定为 =minor"),
    ({"validate": {"required": True}}, "改为必填"),
    ({"readonly": True}, "的只读定为 是"),
    ({"strange": 1}, "有其他改动"),
]


@pytest.mark.parametrize(("change", "sentence"), FORMS)
def test_a_field_of_a_form(change: dict[str, Any], sentence: str) -> None:
    name = str(change.get("label", "原因"))
    before, after = form(CAUSE), form({**CAUSE, **change})
    assert said(made(task(), PATH, visit__form=before), made(task(), PATH, visit__form=after)) == [
        f"表单「走访表」的项目“{name}”{sentence}。"
    ]


def test_fields_that_change_places_and_notes() -> None:
    note = {"type": "text", "text": "请如实填写"}
    name = {"type": "textfield", "key": "name", "label": "姓名"}
    before = made(task(), PATH, visit__form=form(CAUSE, name))
    assert said(before, made(task(), PATH, visit__form=form(name, CAUSE, note))) == [
        "表单「走访表」的项目次序有改动。",
        "表单「走访表」的说明文字有改动。",
    ]


def test_forms() -> None:
    name = {"type": "textfield", "key": "name", "label": "姓名"}
    before = made(task(), PATH, visit__form=form(name))
    needed = {**name, "validate": {"required": True}}
    age = {
        "type": "group",
        "label": "其他",
        "components": [{"type": "number", "key": "age", "label": "年龄"}],
    }
    assert said(before, made(task(), PATH, visit__form=form(needed, age))) == [
        "表单「走访表」的项目“姓名”改为必填。",
        "表单「走访表」新增项目“年龄”（数字）。",
    ]
    assert said(before, made(task(), PATH)) == ["删除表单「走访表」。"]


def test_every_field_of_a_node_has_a_word() -> None:
    assert {spec.name for spec in fields(Node)} == set(LABELS) | OWN_SENTENCE
