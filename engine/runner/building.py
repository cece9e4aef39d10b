"""The spec of one node, with every refusal of a node that cannot run right."""

from __future__ import annotations

from collections.abc import Iterator

from engine import feel
from engine.errors import Refusal, XunzhenError
from engine.model import Event, Loop, Node, Process
from engine.runner.activities import AdHoc, Call, Many, Sub
from engine.runner.events import AnyOf, Boundary, Catch, Throw
from engine.runner.nodes import (
    EventGateway,
    Exclusive,
    Inclusive,
    Job,
    Join,
    NodeSpec,
    Plain,
    Rule,
    Script,
    StartEvent,
    UserTask,
)
from engine.runner.scope import ScopeSpec

EACH, ANY = " [each]", " [any]"
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
NOT_RUN = {"complexGateway": ("复杂网关不能执行", "改用排他、并行或相容网关")}
INSIDE = {"subProcess": Sub, "transaction": Sub, "adHocSubProcess": AdHoc}
EVENTS = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")


class Builder:
    """Makes specs; what it refuses is in `refusals`."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []

    def scope(self, process: Process, name: str, scope_id: str) -> ScopeSpec:
        """Compile the inside of a sub-process."""
        raise NotImplementedError

    def refuse(
        self,
        process: Process,
        node: Node,
        message: str,
        remedy: str,
        english: str = "",
        rule: str = "refused",
    ) -> None:
        self.refusals.append(
            Refusal(
                node.id,
                message,
                remedy,
                node.name,
                node.line,
                process.file,
                rule=rule,
                message_en=english or message,
            )
        )

    def gap(self, process: Process, node: Node, message: str, remedy: str, english: str = "") -> None:
        """The drawing leaves something open that its designer must answer."""
        self.refuse(process, node, message, remedy, english, rule="gap")

    # ------------------------------------------------------------------------------ nodes
    def node(self, process: Process, spec: ScopeSpec, node: Node) -> NodeSpec | None:
        """The spec of a node (None: refused, or a compensation boundary event, which is no token)."""
        if node.type in NOT_RUN:
            self.refuse(process, node, *NOT_RUN[node.type], english=f"{node.type} cannot run")
            return None
        if node.parallel_multiple and len(node.events) > 1:
            self.refuse(
                process,
                node,
                "并行多重事件（全部发生才继续）不能执行",
                "拆成几个捕获事件，用并行网关汇合",
                "parallel multiple event",
            )
            return None
        self.expressions(process, node)
        if node.loop is not None and node.type not in EVENTS:
            return self.many(process, spec, node)
        return self.single(process, spec, node, node.id)

    def many(self, process: Process, spec: ScopeSpec, node: Node) -> NodeSpec | None:
        loop = node.loop
        assert loop is not None
        if loop.standard and loop.condition is None and loop.maximum is None:
            self.gap(process, node, "循环没有条件也没有次数", "填写循环条件或最大次数", "endless loop")
            return None
        if not loop.standard and not (loop.collection or loop.collection_data or loop.cardinality):
            self.gap(
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
        if node.type in INSIDE:
            inside = f"{process.id}/{node.id}"
            self.scope(process, inside, node.id)
            return INSIDE[node.type](spec, name, node, inside)
        if node.type == "callActivity":
            return self.call(process, spec, node, name)
        if node.type == "businessRuleTask":
            return Rule(spec, name, node) if node.called_decision else Job(spec, name, node)
        if node.type == "scriptTask" and not node.script:
            # Without a script it acts as an abstract task (BPMN 2.0, 10.3.3), unless a worker runs the script.
            return (Job if node.job_type else Plain)(spec, name, node)
        if node.type == "receiveTask":
            return self.receive(process, spec, node, name, event)
        if node.type == "sendTask" and event is not None and not node.job_type:
            return Throw(spec, name, node, (event,))
        if node.type in EVENTS:
            return self.event(process, spec, node)
        return PLAIN_CLASSES[node.type](spec, name, node)

    def receive(
        self, process: Process, spec: ScopeSpec, node: Node, name: str, event: Event | None
    ) -> NodeSpec | None:
        if event is None:
            self.gap(process, node, "接收任务没有选择消息", "选择要等待的消息", "no message")
            return None
        if not self.complete(process, node, event):
            return None
        if node.instantiate:
            made = StartEvent(spec, name, node)
            made.plain = False
            return made
        return Catch(spec, name, node, event)

    def call(self, process: Process, spec: ScopeSpec, node: Node, name: str) -> NodeSpec | None:
        if not node.called_element:
            self.gap(
                process, node, "调用活动没有写明被调用的流程", "选择被调用的流程 id", "no called element"
            )
            return None
        if node.called_element.startswith("="):
            self.refuse(
                process,
                node,
                "被调用的流程由表达式决定，无法在部署时固定版本",
                "写明流程 id；有几种时用排他网关分到几个调用活动",
                "computed called element",
            )
            return None
        return Call(spec, name, node, node.called_element)

    # ------------------------------------------------------------------------------ events
    def event(self, process: Process, spec: ScopeSpec, node: Node) -> NodeSpec | None:
        told = [self.complete(process, node, event) for event in node.events]  # every gap is reported
        if not all(told):
            return None
        if node.type == "startEvent":
            made = StartEvent(spec, node.id, node)
            made.plain = not node.events
            return made
        if node.type in ("endEvent", "intermediateThrowEvent"):
            if node.job_type and [e.kind for e in node.events] == ["message"]:
                return Job(spec, node.id, node)  # a worker sends the message
            return Throw(spec, node.id, node, node.events)
        if node.type == "boundaryEvent":
            if not node.events:
                self.gap(process, node, "边界事件没有事件定义", "选择事件类型", "no definition")
                return None
            if node.events[0].kind == "compensation":
                return None
        elif not node.events:
            self.gap(process, node, "捕获事件没有选择等待什么", "选择消息、定时等事件类型", "no definition")
            return None
        return self.catch(spec, node)

    def catch(self, spec: ScopeSpec, node: Node) -> NodeSpec:
        """A catching event; one with several definitions waits for any of them and goes on from one exit."""
        made = Boundary if node.type == "boundaryEvent" else Catch
        if len(node.events) == 1:
            caught = made(spec, node.id, node, node.events[0])
            caught.interrupting = node.interrupting
            return caught
        leave = NodeSpec(spec, node.id, node)
        leave.only = frozenset({"completed"})
        leave.first = leave.maps_inputs = False
        for number, event in enumerate(node.events, 1):
            caught = made(spec, f"{node.id} [{number}]", node, event)
            caught.interrupting = node.interrupting
            guard = node.type == "boundaryEvent"
            caught.only = frozenset({"activated"} if guard else {"terminated"} if number == 1 else ())
            caught.first = guard
            caught.connect(leave)
            caught.flows.append((leave.name, None))
            leave.any_of.append(caught.name)
        if node.type != "boundaryEvent":
            entry = AnyOf(spec, node.id + ANY, node)
            entry.only = frozenset({"activated"})
            for name in leave.any_of:
                entry.link(spec.task_specs[name])
            leave.entry = entry
        return leave

    def alternatives(self, made: NodeSpec) -> list[str]:
        """The names of a boundary event's waiting specs."""
        return made.any_of or [made.name]

    def complete(self, process: Process, node: Node, event: Event) -> bool:
        """An event that waits or throws must say for what."""
        missing = None
        if event.kind in ("message", "signal") and not event.name:
            word = "消息" if event.kind == "message" else "信号"
            missing = (f"{word}事件没有名称", f"选择或新建一个{word}并命名", f"{event.kind} without a name")
            if node.job_type:
                return True  # a worker knows what it sends
        elif event.kind == "timer" and not event.expression:
            missing = (
                "定时事件没有填写时间",
                "填写时刻、时长或 =deadline(…)",
                "timer without expression",
            )
        elif event.kind == "conditional" and not event.expression:
            missing = ("条件事件没有条件", "填写条件表达式", "condition without expression")
        if missing is not None:
            self.gap(process, node, *missing)
        return missing is None

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
    loop = node.loop or Loop(sequential=False)
    texts = (loop.collection, loop.output_element, loop.completion, loop.condition, loop.cardinality)
    moved = (move.expression for move in (*node.data_in, *node.data_out))
    yield from filter(None, (*moved, node.completion, node.active_elements, *texts))
    for event in node.events:
        expression = event.expression or ""
        if event.kind == "conditional" or expression.lstrip().startswith("="):
            yield expression
        if event.correlation:
            yield event.correlation
    for key in ("term", "clockStart", "recuse", "together", "tier", "post", "area"):
        text = node.properties.get(key, "")
        if text.startswith("="):
            yield text
