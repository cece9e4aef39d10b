"""What two versions of a bundle do differently, in words a publisher reads. Pure: bundles in, sentences out.

Every field of `engine.model.Node` is compared (`LABELS` names those without a sentence of their own), so that no change
of meaning is silent. Positions on the drawing mean nothing and are not compared. Lanes are compared by what they do to
a task: who does it. Decision tables, forms and code lists are compared in `engine.difference_parts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from engine.bundle import Bundle
from engine.model import Event, Flow, Lane, Loop, Node, Process
from engine.routing import Route, route_of, split

TIERS = {"grid": "网格", "village": "村（居）", "town": "镇（街）", "district": "区"}
KINDS = {"callActivity": "调用环节", "subProcess": "子流程", "userTask": "环节", "serviceTask": "系统环节"}
PROPERTIES = {
    "together": "同办人数",
    "recuse": "回避",
    "standby": "人手不足时的替补岗位",
    "area": "固定的办理地区",
    "verb": "按钮文字",
    "stage": "阶段",
    "clockStart": "起算时间",
    "clockEnd": "办结时间",
    "pauses": "可中止计时的事由",
    "resumesAt": "恢复计时的时间",
    "stops": "办结时停止的时限",
    "stopsAt": "停止的时间",
    "extends": "可在本环节申请延长的时限",
    "merge": "写入事项的方式",
}
LABELS = {
    "type": "类型",
    "scope": "所在子流程",
    "documentation": "说明",
    "events": "事件",
    "loop": "多次办理",
    "attached_to": "依附的环节",
    "interrupting": "是否打断环节",
    "form": "表单",
    "assignee": "指定办理人",
    "due_date": "到期时间",
    "follow_up_date": "跟进时间",
    "priority": "优先级",
    "job_type": "后台作业",
    "retries": "重试次数",
    "headers": "作业参数",
    "script": "脚本",
    "result_variable": "结果变量",
    "called_element": "调用的流程",
    "propagate_all": "是否带回全部变量",
    "inherit_all": "是否带入全部变量",
    "binding": "版本绑定方式",
    "bound_tag": "绑定的版本标签",
    "data_in": "读取的数据对象",
    "data_out": "写入的数据对象",
    "declares": "内部的数据对象",
    "completion": "完成条件",
    "active_elements": "启动哪些活动",
    "sequential": "是否依次进行",
    "cancel_remaining": "完成时是否取消其余活动",
    "parallel_multiple": "是否要全部事件发生",
    "instantiate": "是否启动流程",
    "called_decision": "决策表",
    "inputs": "输入映射",
    "outputs": "输出映射",
    "triggered_by_event": "是否事件子流程",
    "for_compensation": "是否用于补偿",
    "ignored": "不起作用的扩展",
}
OWN_SENTENCE = {"id", "line", "name", "lane", "properties", "candidate_groups"}
"""Fields of a node that `_node` speaks of itself (or that say nothing: the line in the file)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind`: added removed renamed moved routing term condition form flow decision other."""

    file: str
    element: str | None
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called: posts, terms (`3个工作日`), forms and stages. An unknown id speaks for itself."""

    posts: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)

    def who(self, route: Route) -> str:
        return "、".join(self.posts.get(post, post) for post in route.posts) or "该层级任何人"

    def tier(self, tier: str | None) -> str:
        return TIERS.get(tier or "", tier or "（没有写明）")

    def term(self, keys: str | None) -> str:
        return "、".join(self.terms.get(key, key) for key in split(keys)) if keys else "（没有时限）"


def models(before: Bundle, after: Bundle, names: Names) -> list[Change]:
    """Differences of all processes, in the order of the newer drawing; what was removed comes last."""
    found: list[Change] = []
    for key, process in after.processes.items():
        old = before.processes.get(key)
        if old is None:
            found.append(Change(process.file or "", None, "added", f"新增流程「{process.name or key}」。"))
        else:
            found += _process(old, process, names)
    for key, process in before.processes.items():
        if key not in after.processes:
            found.append(Change(process.file or "", None, "removed", f"删除流程「{process.name or key}」。"))
    return found


def title(node: Node) -> str:
    return f"「{node.name or node.id}」"


def called(key: str, process: Process) -> str:
    """An element as people find it on the drawing; where ways meet has no name, but what follows has."""
    node = process.nodes.get(key)
    if node is None or node.name:
        return f"「{node.name if node else key}」"
    after = process.outgoing(key)
    follows = process.nodes.get(after[0].target) if len(after) == 1 else None
    return f"「{follows.name}」前的汇合点" if follows and follows.name else f"「{key}」"


# ------------------------------------------------------------------------------------------ processes
def _process(old: Process, new: Process, names: Names) -> Iterator[Change]:
    file = new.file or ""
    for attribute, label in (("name", "名称"), ("documentation", "说明"), ("executable", "是否可运行")):
        text = from_to(getattr(old, attribute), getattr(new, attribute))
        if text:
            yield Change(file, None, "other", f"流程「{new.name or new.id}」的{label}{text}。")
    for key in sorted({*old.properties, *new.properties}):
        text = from_to(old.properties.get(key), new.properties.get(key))
        if text:
            yield Change(
                file, None, "other", f"流程「{new.name or new.id}」的{PROPERTIES.get(key, key)}{text}。"
            )
    yield from _lanes(old.lanes, new.lanes, file, names)
    for key, node in new.nodes.items():
        if key not in old.nodes:
            yield Change(file, key, "added", _added(node, names))
        else:
            for kind, text in _node(old.nodes[key], node, old, new, names):
                yield Change(file, key, kind, f"{title(node)}{text}。")
    for key, node in old.nodes.items():
        if key not in new.nodes:
            word = KINDS.get(node.type, "元素")
            yield Change(file, key, "removed", f"删除{word}{title(node)}。")
    yield from _flows(old, new, file)


def _added(node: Node, names: Names) -> str:
    text = f"新增{KINDS.get(node.type, '元素')}{title(node)}"
    if node.type == "userTask":
        route = _route(node)
        text += f"，由 {names.tier(route.tier)} {names.who(route)} 办理"
        if node.properties.get("term"):
            text += f"，时限 {names.term(node.properties['term'])}"
    return text + "。"


def _lanes(old: Iterable[Lane], new: Iterable[Lane], file: str, names: Names) -> Iterator[Change]:
    before, after = {lane.id: lane for lane in old}, {lane.id: lane for lane in new}
    for key, lane in after.items():
        was = before.get(key)
        if was is None:
            yield Change(file, key, "added", f"新增泳道「{lane.name or key}」。")
            continue
        text = from_to(was.name, lane.name)
        if text:
            yield Change(file, key, "renamed", f"泳道「{was.name or key}」的名称{text}。")
        for prop, label in (("tier", "层级"), ("post", "岗位")):
            text = from_to(_lane_words(was, prop, names), _lane_words(lane, prop, names))
            if text:
                yield Change(file, key, "routing", f"泳道「{lane.name or key}」的{label}{text}。")
    for key, lane in before.items():
        if key not in after:
            yield Change(file, key, "removed", f"删除泳道「{lane.name or key}」。")


def _lane_words(lane: Lane, prop: str, names: Names) -> str | None:
    value = lane.properties.get(prop)
    if not value:
        return None
    return names.tier(value) if prop == "tier" else names.who(Route(None, split(value)))


# ------------------------------------------------------------------------------------------ nodes
def _node(old: Node, new: Node, before: Process, after: Process, names: Names) -> Iterator[tuple[str, str]]:
    if old.name != new.name:
        yield "renamed", f"的名称{from_to(old.name, new.name)}"
    outer = new.scope == after.id and old.scope == before.id
    if outer and _is_work(new) and _lane_name(old) != _lane_name(new):
        yield "moved", f"从泳道「{_lane_name(old) or '无'}」移到泳道「{_lane_name(new) or '无'}」"
    if new.type == "userTask" and old.type == "userTask":
        was, now = _route(old), _route(new)
        if was.tier != now.tier:
            yield "routing", f"的办理层级由 {names.tier(was.tier)} 改为 {names.tier(now.tier)}"
        if was.posts != now.posts:
            yield "routing", f"的办理岗位由 {names.who(was)} 改为 {names.who(now)}"
    if old.properties.get("term") != new.properties.get("term"):
        text = f"由 {names.term(old.properties.get('term'))} 改为 {names.term(new.properties.get('term'))}"
        if names.term(old.properties.get("term")) == names.term(new.properties.get("term")):
            text += f"（时限代码由 {old.properties.get('term')} 改为 {new.properties.get('term')}）"
        yield "term", f"的时限{text}"
    for key in sorted({*old.properties, *new.properties} - {"tier", "post", "term"}):
        text = from_to(_property(old, key, names), _property(new, key, names))
        if text:
            yield ("form" if key == "form" else "other"), f"的{PROPERTIES.get(key, f'属性 {key}')}{text}"
    for spec in fields(Node):
        if spec.name in OWN_SENTENCE:
            continue
        was_value, now_value = getattr(old, spec.name), getattr(new, spec.name)
        if was_value != now_value:
            text = from_to(
                _say(spec.name, was_value, before, names), _say(spec.name, now_value, after, names)
            )
            kind = "form" if spec.name == "form" else "other"
            yield kind, f"的{LABELS[spec.name]}{text or '有改动'}"


def _is_work(node: Node) -> bool:
    return node.type.lower().endswith(("task", "subprocess")) or node.type in ("callActivity", "transaction")


def _lane_name(node: Node) -> str | None:
    return (node.lane.name or node.lane.id) if node.lane else None


def _route(node: Node) -> Route:
    groups = node.candidate_groups or ""
    return route_of(node, (groups,) if groups.startswith("=") else split(groups))


def _property(node: Node, key: str, names: Names) -> str | None:
    value = node.properties.get(key)
    if value is None:
        return None
    return names.stages.get(value, value) if key == "stage" else value


def _say(attribute: str, value: Any, process: Process, names: Names) -> str | None:
    """A field's value in words."""
    if value is None or value in ((), {}):
        return None
    if attribute == "form":
        return names.forms.get(value, str(value))
    if attribute in ("attached_to", "scope"):
        return (process.name or process.id) if value == process.id else called(value, process)
    if attribute == "events":
        return "；".join(_event(event) for event in value)
    if attribute in ("inputs", "outputs"):
        return "；".join(f"{target} {source}" for source, target in value)
    if isinstance(value, Loop):
        return _loop(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "；".join(f"{key} {text}" for key, text in sorted(value.items()))
    return "、".join(value) if isinstance(value, tuple) else str(value)


def _event(event: Event) -> str:
    words = [
        event.kind,
        event.name,
        event.code,
        event.timer,
        event.expression,
        event.correlation,
        event.activity,
    ]
    return " ".join(word for word in words if word)


def _loop(loop: Loop) -> str:
    said = [
        f"{spec.name}={getattr(loop, spec.name)}"
        for spec in fields(Loop)
        if getattr(loop, spec.name) is not None
    ]
    return "，".join(said)


# ------------------------------------------------------------------------------------------ flows
def _flows(old: Process, new: Process, file: str) -> Iterator[Change]:
    """Flows by id; one whose id is new but whose ends are known is the same flow redrawn."""
    gone = {f.id: f for f in old.flows.values() if f.id not in new.flows}
    for flow in new.flows.values():
        was = old.flows.get(flow.id)
        if was is None:
            ends = (flow.source, flow.target)
            was = next((f for f in gone.values() if (f.source, f.target) == ends), None)
            if was is not None:
                del gone[was.id]
        if was is None:
            text = f"新增连线{_path(flow, new)}"
            if flow.condition:
                text += f"，条件 {flow.condition}"
            yield Change(file, flow.id, "flow", text + "。")
            continue
        if (was.source, was.target) != (flow.source, flow.target):
            yield Change(file, flow.id, "flow", f"连线{_path(was, old)}改接为{_path(flow, new)}。")
        if was.condition != flow.condition:
            text = from_to(was.condition or "（无条件）", flow.condition or "（无条件）")
            yield Change(file, flow.id, "condition", f"连线{_path(flow, new)}的条件{text}。")
        if was.default != flow.default:
            word = "改为默认出口" if flow.default else "不再是默认出口"
            yield Change(file, flow.id, "flow", f"连线{_path(flow, new)}{word}。")
        if (was.name or "") != (flow.name or ""):
            yield Change(
                file, flow.id, "renamed", f"连线{_path(flow, new)}的名称{from_to(was.name, flow.name)}。"
            )
    for flow in gone.values():
        if flow.source in new.nodes and flow.target in new.nodes:  # else it went with its element
            yield Change(file, flow.id, "flow", f"删除连线{_path(flow, old)}。")


def _path(flow: Flow, process: Process) -> str:
    return "→".join(called(key, process) for key in (flow.source, flow.target))


def from_to(old: Any, new: Any) -> str:
    """`由 X 改为 Y`; empty when nothing changed: absent, empty and no are the same."""
    if old == new or (old in (None, "", False) and new in (None, "", False)):
        return ""
    if old in (None, ""):
        return f"定为 {_short(new)}"
    if new in (None, ""):
        return f"删去（原为 {_short(old)}）"
    return f"由 {_short(old)} 改为 {_short(new)}"


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    text = " ".join(str(value).split())
    return text if len(text) <= 160 else text[:160] + "…"
