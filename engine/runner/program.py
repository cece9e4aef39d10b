"""Compiling processes: frozen values to specs of our own, and every refusal of what cannot run right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from engine import feel
from engine.errors import ModelRefused, Refusal, XunzhenError
from engine.model import Event, Flow, Node, Process
from engine.runner import graph
from engine.runner.activities import Call, Many, Sub
from engine.runner.case import Program
from engine.runner.checks import check
from engine.runner.events import Boundary, Catch, Throw, Watch
from engine.runner.nodes import (
    EndJoin,
    EventGateway,
    Exclusive,
    Inclusive,
    Inner,
    Job,
    Join,
    NodeSpec,
    Plain,
    Rule,
    ScopeStart,
    Script,
    StartEvent,
    UserTask,
)
from engine.runner.scope import END, JOIN, START, ScopeSpec

EACH, WATCH = " [each]", " [event]"
PLAIN_CLASSES: dict[str, type[NodeSpec]] = {
    "task": Plain,
    "manualTask": Plain,
    "userTask": UserTask,
    "serviceTask": Job,
    "sendTask": Job,
    "scriptTask": Script,
    "exclusiveGateway": Exclusive,
    "parallelGateway": Join,
    "inclusiveGateway": Inclusive,
    "eventBasedGateway": EventGateway,
}
NOT_RUN = {
    "complexGateway": ("复杂网关不能执行", "改用排他、并行或相容网关"),
    "adHocSubProcess": ("临时子流程（ad-hoc）不能执行", "改用多实例或并行网关"),
    "transaction": ("事务子流程不能执行", "改用普通子流程和补偿"),
}
CAUGHT = {"message", "signal", "timer", "error", "escalation", "conditional", "compensation", "link"}


def compile_program(processes: Iterable[Process]) -> Program:
    """Specs for all processes of a pin set. Raises ModelRefused with all refusals."""
    listed = {process.id: process for process in processes}
    compiler = _Compiler()
    for process in listed.values():
        compiler.process(process)
    if compiler.refusals:
        raise ModelRefused(compiler.refusals)
    digest = hashlib.sha256(repr(sorted(listed)).encode()).hexdigest()
    return Program(compiler.scopes, listed, digest)


class _Compiler:
    def __init__(self) -> None:
        self.scopes: dict[str, ScopeSpec] = {}
        self.refusals: list[Refusal] = []
        self.nodes: dict[str, list[Node]] = {}  # of the process being compiled, by scope
        self.flows_in: dict[str, list[Flow]] = {}

    def refuse(self, process: Process, node: Node, message: str, remedy: str, english: str = "") -> None:
        self.refusals.append(
            Refusal(
                node.id, message, remedy, node.name, node.line, process.file, message_en=english or message
            )
        )

    # ------------------------------------------------------------------------------ scopes
    def process(self, process: Process) -> None:
        refused = list(check(process))
        if refused:
            self.refusals.extend(refused)
            return  # what is wrong in itself would only be reported again as unreachable
        self.nodes, self.flows_in = {}, {}
        for node in process.nodes.values():
            self.nodes.setdefault(node.scope, []).append(node)
        self.ways(process)
        self.scope(process, process.id, process.id)
        if process.id not in self.nodes:
            self.refusals.append(
                Refusal(
                    process.id,
                    "流程是空的",
                    "至少画一个开始事件和一项任务",
                    process.name,
                    process.line,
                    process.file,
                )
            )

    def scope(self, process: Process, name: str, scope_id: str) -> ScopeSpec:
        spec = ScopeSpec(name, process.id, scope_id)
        self.scopes[name] = spec
        spec.start, spec.end = ScopeStart(spec, START), EndJoin(spec, JOIN)
        spec.end.link(Inner(spec, END))
        nodes, before = self.nodes.get(scope_id, []), len(self.refusals)
        made: dict[str, NodeSpec] = {}
        links: dict[str, NodeSpec] = {}
        for node in nodes:
            found = self.node(process, spec, node)
            if found is None:
                continue
            made[node.id] = found
            if node.type == "startEvent":
                spec.start.connect(found)
            if node.type == "intermediateCatchEvent" and node.events and node.events[0].kind == "link":
                links[node.events[0].name or ""] = found
        self.handlers(process, spec, nodes, made)
        self.flows(process, scope_id, made)
        self.links(process, nodes, made, links)
        self.ends(spec, nodes, made)
        self.reached(process, spec, nodes, made, sound=len(self.refusals) == before)
        return spec

    def handlers(
        self, process: Process, spec: ScopeSpec, nodes: list[Node], made: dict[str, NodeSpec]
    ) -> None:
        """Boundary events below their hosts, event sub-processes below the scope's start, compensation handlers aside."""
        codes: set[tuple[str, str | None]] = set()
        for node in nodes:
            if node.triggered_by_event and node.id in made:
                self.watch(process, spec, node, made[node.id])
            if node.attached_to is None:
                continue
            host = made.get(node.attached_to)
            if host is None:
                self.refuse(
                    process, node, "边界事件没有附着在活动上", "把它放到一个任务或子流程的边上", "no host"
                )
            elif node.events and node.events[0].kind == "compensation":
                targets = [b for a, b in process.associations if a == node.id]
                if not targets:
                    self.refuse(
                        process, node, "补偿边界事件没有连接补偿任务", "用关联线连到补偿任务", "no handler"
                    )
                else:
                    host.compensator = targets[0]
                    spec.compensates[targets[0]] = host.name
            else:
                if node.events and node.events[0].kind == "error":
                    if (host.name, node.events[0].code) in codes:
                        self.refuse(
                            process,
                            node,
                            "同一活动上有两个相同错误代码的边界事件",
                            "合并为一个",
                            "two handlers",
                        )
                    codes.add((host.name, node.events[0].code))
                host.guards.append(node.id)

    def watch(self, process: Process, spec: ScopeSpec, node: Node, target: NodeSpec) -> None:
        starts = [n for n in self.nodes.get(node.id, ()) if n.type == "startEvent"]
        event = starts[0].events[0] if len(starts) == 1 and len(starts[0].events) == 1 else None
        if event is None or event.kind in ("compensation", "link", "terminate"):
            self.refuse(
                process,
                node,
                "事件子流程须有且只有一个带事件的开始",
                "画一个消息、定时、错误等开始事件",
                "bad start",
            )
            return
        self.complete(process, starts[0], event)
        made = Watch(spec, starts[0].id + WATCH, starts[0], event)
        made.interrupting = starts[0].interrupting
        made.link(target)
        spec.watches.append(made.name)

    def ways(self, process: Process) -> None:
        """The flows of each scope; one that leads nowhere or across a border is refused."""
        for flow in process.flows.values():
            source, target = process.nodes.get(flow.source), process.nodes.get(flow.target)
            if source is None or target is None or source.scope != target.scope:
                self.refusals.append(
                    Refusal(
                        flow.id,
                        "连线的一端不在本流程或同一子流程内",
                        "重新连接这条线",
                        flow.name,
                        flow.line,
                        process.file,
                    )
                )
            else:
                self.flows_in.setdefault(source.scope, []).append(flow)

    def flows(self, process: Process, scope_id: str, made: dict[str, NodeSpec]) -> None:
        for flow in self.flows_in.get(scope_id, ()):
            if flow.source in made and flow.target in made:
                if flow.condition:
                    self.feel(process, process.nodes[flow.source], flow.condition)
                made[flow.source].link(made[flow.target], flow)

    def links(
        self, process: Process, nodes: list[Node], made: dict[str, NodeSpec], links: dict[str, NodeSpec]
    ) -> None:
        for node in nodes:
            if node.type == "intermediateThrowEvent" and node.events and node.events[0].kind == "link":
                target = links.get(node.events[0].name or "")
                if target is None:
                    self.refuse(
                        process,
                        node,
                        f"链接“{node.events[0].name}”没有接收的一端",
                        "画一个同名的链接捕获事件",
                        "no catch",
                    )
                elif node.id in made:
                    made[node.id].link(target)

    def ends(self, spec: ScopeSpec, nodes: list[Node], made: dict[str, NodeSpec]) -> None:
        """Nodes without outgoing flows lead to the scope's end; without a start event nodes nothing leads to begin it."""
        started = any(n.type == "startEvent" for n in nodes)
        for node in nodes:
            found = made.get(node.id)
            if found is None or found.name in spec.compensates:
                continue
            first = not found._inputs and node.attached_to is None and not node.triggered_by_event
            link = node.type == "intermediateCatchEvent" and any(e.kind == "link" for e in node.events)
            if first and not started and not link:
                spec.start.connect(found)
            if not found.flows:
                found.link(spec.end)

    def reached(
        self,
        process: Process,
        spec: ScopeSpec,
        nodes: list[Node],
        made: dict[str, NodeSpec],
        *,
        sound: bool,
    ) -> None:
        """Every node must lie on some way from the scope's start, an event sub-process or a compensation.

        In a scope with other refusals what follows a refused node counts as reached.
        """
        seen = set[str]()
        for root in (spec.start.name, *spec.watches, *spec.compensates):
            if root in spec.task_specs and root not in seen:
                seen |= graph.reachable(spec, root)
        spec.reach.clear()
        if not sound:
            seen |= {flow.target for flow in self.flows_in.get(spec.node_id, ())}
        for node in nodes:
            hostless = node.attached_to is not None and node.attached_to not in made
            if node.id in made and not hostless and made[node.id].name not in seen:
                self.refuse(
                    process, node, "没有任何连线通向它，永远不会执行", "连上线，或删除它", "unreachable"
                )

    # ------------------------------------------------------------------------------ nodes
    def node(self, process: Process, spec: ScopeSpec, node: Node) -> NodeSpec | None:
        """The spec of a node (None: refused, or a compensation boundary event, which is no token)."""
        if node.type in NOT_RUN:
            self.refuse(process, node, *NOT_RUN[node.type], english=f"{node.type} cannot run")
            return None
        if len(node.events) > 1:
            self.refuse(process, node, "一个事件带有多个定义", "拆成多个事件", "several definitions")
            return None
        self.expressions(process, node)
        if node.loop is not None and node.type not in ("startEvent", "endEvent"):
            return self.many(process, spec, node)
        return self.single(process, spec, node, node.id)

    def many(self, process: Process, spec: ScopeSpec, node: Node) -> NodeSpec | None:
        loop = node.loop
        assert loop is not None
        if loop.standard and loop.condition is None and loop.maximum is None:
            self.refuse(process, node, "循环没有条件也没有次数", "填写循环条件或最大次数", "endless loop")
            return None
        if not loop.standard and not loop.collection and not loop.cardinality:
            self.refuse(
                process,
                node,
                "多实例没有集合也没有次数",
                "填写输入集合（inputCollection）",
                "repeat over what?",
            )
            return None
        inner = self.single(process, spec, node, node.id + EACH)
        return None if inner is None else Many(spec, node.id, node, loop, inner.name)

    def single(self, process: Process, spec: ScopeSpec, node: Node, name: str) -> NodeSpec | None:
        event = node.events[0] if node.events else None
        if node.type == "subProcess":
            inside = f"{process.id}/{node.id}"
            if inside not in self.scopes:
                self.scope(process, inside, node.id)
            return Sub(spec, name, node, inside)
        if node.type == "callActivity":
            return self.call(process, spec, node, name)
        if node.type in ("businessRuleTask",):
            return Rule(spec, name, node) if node.called_decision else Job(spec, name, node)
        if node.type == "scriptTask" and not node.script:
            return Job(spec, name, node)
        if node.type == "receiveTask":
            if event is None:
                self.refuse(process, node, "接收任务没有选择消息", "选择要等待的消息", "no message")
                return None
            self.complete(process, node, event)
            return Catch(spec, name, node, event)
        if node.type in (
            "startEvent",
            "endEvent",
            "intermediateCatchEvent",
            "intermediateThrowEvent",
            "boundaryEvent",
        ):
            return self.event(process, spec, node, event)
        return PLAIN_CLASSES[node.type](spec, name, node)

    def call(self, process: Process, spec: ScopeSpec, node: Node, name: str) -> NodeSpec | None:
        if not node.called_element or node.called_element.startswith("="):
            self.refuse(
                process, node, "调用活动没有写明被调用的流程", "选择被调用的流程 id", "no called element"
            )
            return None
        return Call(spec, name, node, node.called_element)

    def event(self, process: Process, spec: ScopeSpec, node: Node, event: Event | None) -> NodeSpec | None:
        if event is not None and event.kind not in (CAUGHT | {"terminate"}):
            self.refuse(
                process, node, f"{event.kind} 事件不能执行", "改用其他事件", f"{event.kind} events cannot run"
            )
            return None
        if event is not None:
            self.complete(process, node, event)
        if node.type == "startEvent":
            made = StartEvent(spec, node.id, node)
            made.plain = event is None
            if event is not None and event.kind == "conditional" and node.scope == process.id:
                self.refuse(
                    process,
                    node,
                    "流程不能由条件事件启动",
                    "改用消息或定时开始事件",
                    "conditional process start",
                )
            return made
        if node.type in ("endEvent", "intermediateThrowEvent"):
            return Throw(spec, node.id, node, event)
        if node.type == "boundaryEvent":
            if event is None:
                self.refuse(process, node, "边界事件没有事件定义", "选择事件类型", "no definition")
                return None
            if event.kind == "compensation":
                return None
            guard = Boundary(spec, node.id, node, event)
            guard.interrupting = node.interrupting
            return guard
        return Catch(spec, node.id, node, event)

    def complete(self, process: Process, node: Node, event: Event) -> None:
        """An event that waits or throws must say for what."""
        if event.kind in ("message", "signal") and not event.name:
            word = "消息" if event.kind == "message" else "信号"
            self.refuse(
                process,
                node,
                f"{word}事件没有名称",
                f"选择或新建一个{word}并命名",
                f"{event.kind} without a name",
            )
        if event.kind == "timer" and not event.expression:
            self.refuse(
                process,
                node,
                "定时事件没有填写时间",
                "填写时刻、时长或 =deadline(…)",
                "timer without expression",
            )
        if event.kind == "conditional" and not event.expression:
            self.refuse(process, node, "条件事件没有条件", "填写条件表达式", "condition without expression")

    # ------------------------------------------------------------------------------ expressions
    def expressions(self, process: Process, node: Node) -> None:
        for text in _texts(node):
            self.feel(process, node, text)

    def feel(self, process: Process, node: Node, text: str) -> None:
        try:
            feel.compile(text)
        except XunzhenError as error:
            self.refuse(
                process, node, f"表达式有误：{text}：{error.message}", "按 FEEL 语法改正", error.message_en
            )


def _texts(node: Node) -> Iterator[str]:
    """The FEEL texts of a node (not timers: those may be ISO 8601 literals)."""
    for source, _ in (*node.inputs, *node.outputs):
        yield source
    for text in (node.assignee, node.candidate_groups, node.due_date, node.follow_up_date, node.priority):
        if text and text.lstrip().startswith("="):
            yield text
    if node.loop is not None:
        loop = node.loop
        for text in (loop.collection, loop.output_element, loop.completion, loop.condition, loop.cardinality):
            if text:
                yield text
    for event in node.events:
        expression = event.expression or ""
        if event.kind == "conditional" or expression.lstrip().startswith("="):
            yield expression
        if event.correlation:
            yield event.correlation
    for key in ("term", "clockStart", "recuse", "tier"):
        text = node.properties.get(key, "")
        if text.startswith("="):
            yield text
