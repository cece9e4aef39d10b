"""Compiling processes: frozen values to specs of our own, scope by scope, and every refusal of what cannot run right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from engine.errors import ModelRefused, Refusal
from engine.model import Flow, Node, Process
from engine.runner import graph
from engine.runner.adhoc import AdHocRule
from engine.runner.building import Builder
from engine.runner.case import Program
from engine.runner.checks import check
from engine.runner.events import Watch
from engine.runner.nodes import EndJoin, EventGateway, Inner, NodeSpec, ScopeStart
from engine.runner.scope import END, JOIN, START, ScopeSpec

WATCH = " [event]"


def compile_program(processes: Iterable[Process]) -> Program:
    """Specs for all processes of a pin set. Raises ModelRefused with all refusals."""
    listed = {process.id: process for process in processes}
    compiler = _Compiler()
    for process in listed.values():
        compiler.process(process)
    if compiler.refusals:
        raise ModelRefused(compiler.refusals)
    digest = hashlib.sha256(repr(sorted(listed)).encode()).hexdigest()
    conditional = any(
        e.kind == "conditional" for p in listed.values() for n in p.nodes.values() for e in n.events
    )
    return Program(compiler.scopes, listed, digest, conditional=conditional)


class _Compiler(Builder):
    def __init__(self) -> None:
        super().__init__()
        self.scopes: dict[str, ScopeSpec] = {}
        self.nodes: dict[str, list[Node]] = {}  # of the process being compiled, by scope
        self.flows_in: dict[str, list[Flow]] = {}

    # ------------------------------------------------------------------------------ scopes
    def process(self, process: Process) -> None:
        refused = list(check(process))
        self.refusals.extend(refused)
        if any(refusal.rule != "gap" for refusal in refused):
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
        around = process.nodes.get(scope_id)
        if around is not None and around.type == "adHocSubProcess":
            spec.adhoc = AdHocRule(around)
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
            if node.type == "startEvent" or node.instantiate:
                spec.start.connect(found)
            if node.type == "intermediateCatchEvent" and node.events and node.events[0].kind == "link":
                links[node.events[0].name or ""] = found
        self.handlers(process, spec, nodes, made)
        self.flows(process, spec, made)
        self.links(process, nodes, made, links)
        self.ends(spec, nodes, made)
        self.reached(process, spec, nodes, made, sound=len(self.refusals) == before)
        return spec

    def handlers(
        self, process: Process, spec: ScopeSpec, nodes: list[Node], made: dict[str, NodeSpec]
    ) -> None:
        """Boundary events below their hosts, event sub-processes below the scope's start, compensation handlers aside."""
        codes: set[tuple[str, str, str | None]] = set()
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
                targets = process.compensators(node.id)
                if not targets:
                    self.refuse(
                        process, node, "补偿边界事件没有连接补偿任务", "用关联线连到补偿任务", "no handler"
                    )
                else:
                    host.compensator = targets[0]
                    spec.compensates[targets[0]] = host.name
            elif node.id in made:
                for event in node.events:
                    if event.kind not in ("error", "escalation"):
                        continue
                    if (host.name, event.kind, event.code) in codes:
                        word = "错误" if event.kind == "error" else "升级"
                        self.refuse(
                            process,
                            node,
                            f"同一活动上有两个相同{word}代码的边界事件",
                            "合并为一个",
                            f"two handlers of one {event.kind}",
                        )
                    codes.add((host.name, event.kind, event.code))
                host.guards.extend(self.alternatives(made[node.id]))

    def watch(self, process: Process, spec: ScopeSpec, node: Node, target: NodeSpec) -> None:
        starts = [n for n in self.nodes.get(node.id, ()) if n.type == "startEvent"]
        events = starts[0].events if len(starts) == 1 else ()
        if not events or any(e.kind == "compensation" for e in events):
            self.refuse(
                process,
                node,
                "事件子流程须有且只有一个带事件的开始",
                "画一个消息、定时、错误等开始事件",
                "bad start",
            )
            return
        for number, event in enumerate(events, 1):
            made = Watch(spec, f"{starts[0].id}{WATCH}{number if number > 1 else ''}", starts[0], event)
            made.interrupting = starts[0].interrupting
            made.link(target)
            spec.watches.append(made.name)

    def ways(self, process: Process) -> None:
        """The flows of each scope; one that leads nowhere or across a border is refused."""
        for flow in process.flows.values():
            source, target = process.nodes.get(flow.source), process.nodes.get(flow.target)
            if source is None or target is None:
                message, remedy = "连线的一端不在本流程里", "在同一泳池里重新连接；不同泳池之间画消息流"
                self.refusals.append(Refusal(flow.id, message, remedy, flow.name, flow.line, process.file))
            elif source.scope != target.scope:
                message = "连线穿过了子流程的边界"
                remedy = "连到子流程本身，里面从开始事件画起；要从里面出来，画边界事件"
                self.refusals.append(Refusal(flow.id, message, remedy, flow.name, flow.line, process.file))
            else:
                self.flows_in.setdefault(source.scope, []).append(flow)

    def flows(self, process: Process, spec: ScopeSpec, made: dict[str, NodeSpec]) -> None:
        for flow in self.flows_in.get(spec.node_id, ()):
            if flow.source in made and flow.target in made:
                if flow.condition:
                    self.feel(process, process.nodes[flow.source], flow.condition)
                source, target = made[flow.source], made[flow.target]
                if isinstance(source, EventGateway) and target.any_of:
                    # A gateway must see its catching events themselves; the drawing's flow is taken once.
                    for number, name in enumerate(target.any_of):
                        source.link(spec.task_specs[name], None if number else flow)
                else:
                    source.link(target.entry, flow)

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
        started = any(n.type == "startEvent" or n.instantiate for n in nodes)
        for node in nodes:
            found = made.get(node.id)
            if found is None or found.name in spec.compensates:
                continue
            first = not found.entry._inputs and node.attached_to is None and not node.triggered_by_event
            link = node.type == "intermediateCatchEvent" and any(e.kind == "link" for e in node.events)
            if first and not started and not link:
                spec.start.connect(found.entry)
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
            seen |= {node.id for node in nodes if node.triggered_by_event or node.attached_to}
        for node in nodes:
            hostless = node.attached_to is not None and node.attached_to not in made
            if node.id in made and not hostless and made[node.id].name not in seen:
                self.refuse(
                    process, node, "没有任何连线通向它，永远不会执行", "连上线，或删除它", "unreachable"
                )
