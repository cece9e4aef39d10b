"""What a drawing must keep to before it is compiled: pure questions about one process, each answer a refusal."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from engine import feel
from engine.errors import Refusal, XunzhenError
from engine.model import Event, Flow, Node, Process
from engine.runner.timing import length, repeats

LONGEST = 200
"""Characters of an id or of a message's name: what a column of the ledgers holds."""
ODD = re.compile(r"[\s/#:\[\]]")
"""Paths of document sections and references are made of ids with these marks between them."""
LITERAL_CYCLE = re.compile(r"R(\d{0,9})/(?:(\d{4}-[^/]+)/)?(P.+)")
HOSTS = ("task", "Task", "callActivity", "subProcess", "transaction", "adHocSubProcess")
CATCHES = ("intermediateCatchEvent", "receiveTask")


def check(process: Process) -> Iterator[Refusal]:
    """Every refusal of a process that needs no compiled graph."""
    incoming, outgoing = defaultdict[str, list[Flow]](list), defaultdict[str, list[Flow]](list)
    for flow in process.flows.values():
        incoming[flow.target].append(flow)
        outgoing[flow.source].append(flow)
    if reason := _odd_id(process.id):
        yield Refusal(process.id[:80], *reason, process.name, process.line, process.file)
    for node in process.nodes.values():
        for message, remedy, *rule in (
            *_ids(process, node),
            *_flows(process, node, incoming[node.id], outgoing[node.id]),
            *_starts(process, node),
            *_kinds(process, node),
            *_links(process, node),
            *_events(process, node),
            *_work(node),
        ):
            yield Refusal(
                node.id[:80],
                message,
                remedy,
                node.name,
                node.line,
                process.file,
                rule=rule[0] if rule else "refused",
            )


Found = Iterator[tuple[str, ...]]


def _odd_id(text: str) -> tuple[str, str] | None:
    if len(text) > LONGEST:
        return f"id 超过 {LONGEST} 个字符", "改用较短的 id"
    if ODD.search(text):
        return "id 含有空格或 / # : [ ] 等不允许的字符", "只用字母、数字、_、- 和 ."
    return None


def _ids(process: Process, node: Node) -> Found:
    if reason := _odd_id(node.id):
        yield reason
    if node.id == process.id and node.type == "subProcess":
        yield "子流程与流程同用一个 id", "给子流程另一个 id"


def _links(process: Process, node: Node) -> Found:
    names = {e.name for e in node.events if e.kind == "link"}
    if names and node.type == "intermediateCatchEvent":
        alike = (n for n in process.in_scope(node.scope) if n.type == node.type)
        first = next(n for n in alike if names & {e.name for e in n.events if e.kind == "link"})
        if first is not node:
            yield "有两个同名的链接捕获事件，不知接到哪一个", "只留一个，或改名"


def _flows(process: Process, node: Node, incoming: list[Flow], outgoing: list[Flow]) -> Found:
    if node.type == "startEvent" and incoming:
        yield "有连线通向开始事件", "把连线接到开始之后的环节"
    if node.type == "endEvent" and outgoing:
        yield "结束事件后面还有连线", "改用中间事件，或删除连线"
    if node.type == "boundaryEvent" and incoming:
        yield "有连线通向边界事件", "边界事件由所附活动触发，删除这条连线"
    if node.for_compensation and (incoming or outgoing):
        yield "补偿任务有连线", "补偿任务只用关联线连到补偿边界事件，删除连线"
    if node.triggered_by_event and (incoming or outgoing):
        yield "事件子流程有连线", "事件子流程由自己的开始事件触发，删除连线"
    if node.type in ("parallelGateway", "eventBasedGateway") and any(f.condition for f in outgoing):
        yield "并行网关和事件网关的出口不能有条件", "去掉条件，或改用排他、相容网关"
    if node.type in ("exclusiveGateway", "inclusiveGateway") and len(outgoing) > 1:
        for flow in outgoing:
            if not flow.condition and not flow.default:
                name = f"“{flow.name}”" if flow.name else flow.id
                yield f"网关的出口{name}没有条件", "填写条件，或设为默认出口", "gap"
    if node.type == "eventBasedGateway":
        if node.instantiate:
            yield "启动流程的事件网关不能执行", "画几个消息开始事件"
        targets = [process.nodes[f.target] for f in outgoing if f.target in process.nodes]
        if any(t.type not in CATCHES for t in targets) or not targets:
            yield "事件网关后面只能是捕获事件或接收任务", "在网关后先画一个捕获事件"
        guarded = {n.attached_to for n in process.nodes.values() if n.attached_to}
        if any(t.id in guarded for t in targets):
            yield "事件网关后的接收任务上有边界事件", "把边界事件改画成网关的另一个分支"


def _starts(process: Process, node: Node) -> Found:
    """Each scope knows where it begins."""
    around = process.nodes.get(node.scope)
    if node.type == "startEvent":
        if around is not None and around.type == "adHocSubProcess":
            yield "临时子流程里有开始事件", "删除它：没有前序的活动一开始就可以办理"
        elif around is not None and not around.triggered_by_event and node.events:
            yield "嵌入子流程的开始事件带有事件定义", "改为普通开始事件，或把子流程设为事件子流程"
        elif not node.events:
            plain = [n for n in process.in_scope(node.scope) if n.type == "startEvent" and not n.events]
            if plain[0] is not node:
                yield "有几个普通开始事件，不知从哪一个开始", "只留一个普通开始事件"
        elif around is None and any(e.kind == "conditional" for e in node.events):
            yield "流程不能由条件事件启动", "改用消息或定时开始事件"
    if node.type == "endEvent" and around is not None and around.type == "adHocSubProcess":
        yield "临时子流程里有结束事件", "删除它：活动办完即结束"
    if node.instantiate and node.type == "receiveTask":
        if around is not None:
            yield "子流程里的接收任务不能启动流程", "去掉“启动流程”（instantiate）"
        if any(flow.target == node.id for flow in process.flows.values()):
            yield "启动流程的接收任务前面还有连线", "删除连线，或去掉“启动流程”（instantiate）"


_SENT = frozenset({"message", "signal", "escalation", "compensation"})
_AWAITED = frozenset({"message", "signal", "timer", "conditional"})
KINDS = {
    "startEvent": _AWAITED | {"error", "escalation", "compensation"},
    "endEvent": _SENT | {"error", "terminate", "cancel"},
    "intermediateThrowEvent": _SENT | {"link"},
    "intermediateCatchEvent": _AWAITED | {"link"},
    "boundaryEvent": _AWAITED | {"error", "escalation", "compensation", "cancel"},
}
"""Which definitions each kind of event may carry (BPMN 2.0, table 10.93)."""
ALONE = ("compensation", "cancel", "terminate", "link", "error")
WORDS = {
    "message": "消息", "signal": "信号", "timer": "定时", "conditional": "条件", "error": "错误", "escalation": "升级",
    "compensation": "补偿", "cancel": "取消", "terminate": "终止", "link": "链接",
}  # fmt: skip


def _kinds(process: Process, node: Node) -> Found:
    """Which events may stand where."""
    around = process.nodes.get(node.scope)
    inner = around is not None and around.triggered_by_event
    for event in node.events:
        word = WORDS.get(event.kind, event.kind)
        if event.kind not in KINDS.get(node.type, {"message"}):
            yield f"这里不能用{word}事件", "换成这种位置允许的事件"
        elif (
            node.type == "startEvent" and not inner and event.kind in ("error", "escalation", "compensation")
        ):
            yield f"流程不能由{word}事件启动", "放进事件子流程，或改用消息开始事件"
        elif event.kind == "error" and not node.interrupting:
            yield "错误事件总是中断的", "设为中断（cancelActivity、isInterrupting 为 true）"
    thrown = node.type in ("endEvent", "intermediateThrowEvent", "boundaryEvent", "intermediateCatchEvent")
    if thrown and len(node.events) > 1:
        waits = node.type in ("boundaryEvent", "intermediateCatchEvent")
        alone = {e.kind for e in node.events}.intersection(ALONE) - ({"error"} if waits else set())
        if alone:
            yield f"{WORDS[min(alone)]}事件不能与其他定义放在一个事件里", "拆成几个事件"
    if any(e.kind == "cancel" for e in node.events):
        host = process.nodes.get(node.attached_to or "") if node.type == "boundaryEvent" else around
        if host is None or host.type != "transaction":
            yield "取消事件只用于事务子流程", "改用错误事件，或把子流程改为事务"


def _events(process: Process, node: Node) -> Found:
    host = process.nodes.get(node.attached_to or "")
    if node.type == "boundaryEvent" and host is not None:
        if not host.type.endswith(HOSTS):
            yield "边界事件附着的不是任务或子流程", "把它放到一个任务或子流程的边上"
        if any(e.kind == "compensation" for e in node.events):
            if len(process.compensators(node.id)) > 1:
                yield "补偿边界事件连接了几个补偿任务", "只连一个；要做几件事，放进一个补偿子流程"
            if any(process.nodes[h].scope != node.scope for h in process.compensators(node.id)):
                yield "补偿任务与它所补偿的活动不在同一层", "把补偿任务画在同一子流程里"
    for event in node.events:
        if event.activity and event.activity not in process.nodes:
            yield f"要补偿的活动 {event.activity} 不存在", "重新选择要补偿的活动"
        elif event.activity and process.nodes[event.activity].scope not in _undoable(process, node):
            yield (
                f"要补偿的活动 {event.activity} 不在抛出事件这一层，补偿不会发生",
                "补偿它所在的子流程，或把抛出事件放到同一层",
            )
        if event.kind in ("message", "signal") and len(event.name or "") > LONGEST:
            yield f"消息或信号的名称超过 {LONGEST} 个字符", "改用较短的名称"
        if event.kind == "timer" and event.expression and not _is_time(event.expression.strip()):
            yield (
                f"定时器的写法有误：{event.expression[:80]}",
                "填写 ISO 8601 的时长（P3D）、带时区的时刻、周期（R3/P1D，次数不为 0），或以 = 开头的表达式",
            )
        elif event.kind == "timer" and _stands_still(event):
            yield f"定时器的周期短于一秒：{(event.expression or '')[:80]}", "填写一秒以上的周期，如 R3/P1D"


def _undoable(process: Process, thrower: Node) -> Iterator[str]:
    """The scopes whose activities a compensation thrown here may name: its own, from an event sub-process also that around it."""
    scope = thrower.scope
    yield scope
    while (around := process.nodes.get(scope)) is not None and around.triggered_by_event:
        scope = around.scope
        yield scope


def _stands_still(event: Event) -> bool:
    """A cycle that would fire again and again at one moment."""
    text = (event.expression or "").strip()
    if match := LITERAL_CYCLE.fullmatch(text):
        times, _, period = match.groups()
        return times != "1" and not repeats(period)
    return event.timer == "cycle" and text.startswith(("P", "-P")) and not repeats(text)


def _is_time(text: str) -> bool:
    if text.startswith("="):
        return True
    begin: str | None = text
    period: str | None = None
    if match := LITERAL_CYCLE.fullmatch(text):
        times, begin, period = match.groups()
        if times and int(times) == 0:
            return False
    elif text.startswith(("P", "-P")):
        begin, period = None, text
    if period is not None and not length(period):
        return False
    if begin is None:
        return True
    try:
        return datetime.fromisoformat(begin).tzinfo is not None
    except ValueError:
        return False


def _work(node: Node) -> Found:
    for word, text in (("重试次数", node.retries), ("优先级", node.priority)):
        if text and not text.lstrip().startswith("=") and not re.fullmatch(r"[0-9]{1,3}", text.strip()):
            yield f"{word}不是整数：{text[:40]}", "填写整数，或以 = 开头的表达式"
    if node.type == "scriptTask" and node.script:
        yield from _script(node.script, node.result_variable)


def _script(script: str, result: str | None) -> Found:
    texts = [script]
    if not result:
        lines = [line.partition("=") for line in script.splitlines() if line.strip()]
        if not all(name.strip() and equals for name, equals, _ in lines):
            yield "脚本没有结果变量", "填写结果变量，或每行写成 名称 = 表达式"
            return
        texts = [text for _, _, text in lines]
    for text in texts:
        try:
            feel.compile(text)
        except XunzhenError as error:
            yield f"脚本有误：{text[:80]}：{error.message}", "按 FEEL 语法改正"
