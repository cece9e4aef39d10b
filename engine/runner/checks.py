"""What a drawing must keep to before it is compiled: pure questions about one process, each answer a refusal."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from engine import feel
from engine.errors import Refusal, XunzhenError
from engine.model import Flow, Node, Process

LONGEST = 200
"""Characters of an id or of a message's name: what a column of the ledgers holds."""
ODD = re.compile(r"[\s/#:\[\]]")
"""Paths of document sections and references are made of ids with these marks between them."""
LITERAL_CYCLE = re.compile(r"R\d*/(?:(\d{4}-[^/]+)/)?(P.+)")
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
        for message, remedy in (
            *_ids(process, node),
            *_flows(process, node, incoming[node.id], outgoing[node.id]),
            *_events(process, node),
            *_work(node),
        ):
            yield Refusal(node.id[:80], message, remedy, node.name, node.line, process.file)


Found = Iterator[tuple[str, str]]


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


def _flows(process: Process, node: Node, incoming: list[Flow], outgoing: list[Flow]) -> Found:
    if node.type == "startEvent" and incoming:
        yield "有连线通向开始事件", "把连线接到开始之后的环节"
    if node.type == "endEvent" and outgoing:
        yield "结束事件后面还有连线", "改用中间事件，或删除连线"
    if node.type == "boundaryEvent" and incoming:
        yield "有连线通向边界事件", "边界事件由所附活动触发，删除这条连线"
    if node.type == "eventBasedGateway":
        targets = [process.nodes[f.target] for f in outgoing if f.target in process.nodes]
        if any(t.type not in CATCHES for t in targets) or not targets:
            yield "事件网关后面只能是捕获事件或接收任务", "在网关后先画一个捕获事件"


def _events(process: Process, node: Node) -> Found:
    host = process.nodes.get(node.attached_to or "")
    if node.type == "boundaryEvent" and host is not None:
        if not host.type.endswith(HOSTS):
            yield "边界事件附着的不是任务或子流程", "把它放到一个任务或子流程的边上"
        if any(e.kind == "compensation" for e in node.events):
            handlers = [b for a, b in process.associations if a == node.id]
            if handlers and not any(h in process.nodes for h in handlers):
                yield "补偿边界事件连接的补偿任务不存在", "用关联线连到补偿任务"
    for event in node.events:
        if event.activity and event.activity not in process.nodes:
            yield f"要补偿的活动 {event.activity} 不存在", "重新选择要补偿的活动"
        if event.kind in ("message", "signal") and len(event.name or "") > LONGEST:
            yield f"消息或信号的名称超过 {LONGEST} 个字符", "改用较短的名称"
        if event.kind == "timer" and event.expression and not _is_time(event.expression.strip()):
            yield (
                f"定时器的写法有误：{event.expression[:80]}",
                "填写 ISO 8601 的时长（P3D）、带时区的时刻、周期（R3/P1D），或以 = 开头的表达式",
            )


def _is_time(text: str) -> bool:
    if text.startswith("="):
        return True
    begin: str | None = text
    length: str | None = None
    if match := LITERAL_CYCLE.fullmatch(text):
        begin, length = match.groups()
    elif text.startswith(("P", "-P")):
        begin, length = None, text
    if length is not None and feel.evaluate("duration(t)", {"t": length}).value is None:
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
