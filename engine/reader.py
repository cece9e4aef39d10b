"""BPMN files to frozen values (`engine.model`): every process, every node, every extension the engine knows.

Meaning is kept, form is normalised: elements without id get `type@line`, references lose their prefixes, event definitions
by reference are looked up, nested lanes end in the innermost one. Nothing is dropped in silence: what the engine does not
know stands in `Node.ignored` for the linter, what cannot mean anything is a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.errors import Invalid, ModelRefused, Refusal
from engine.model import Event, Flow, Lane, Loop, Node, Process
from engine.xml import child, children, local, parse, text_of

ACTIVITIES = {
    "task",
    "userTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "scriptTask",
    "manualTask",
    "businessRuleTask",
    "callActivity",
    "subProcess",
    "transaction",
    "adHocSubProcess",
}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
GATEWAYS = {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
NODES = ACTIVITIES | EVENTS | GATEWAYS
SCOPES = {"subProcess", "transaction", "adHocSubProcess"}
FOREIGN = ("http://camunda.org/schema/1.0/bpmn", "http://flowable.org/bpmn", "http://activiti.org/bpmn")
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
NO_NODES = {
    *("documentation", "extensionElements", "laneSet", "incoming", "outgoing", "auditing", "monitoring"),
    *("ioSpecification", "ioBinding", "dataInputAssociation", "dataOutputAssociation", "property"),
    *("dataObject", "dataObjectReference", "dataStoreReference", "textAnnotation", "association", "group"),
    *("multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "completionCondition", "artifact"),
    *("resourceRole", "performer", "humanPerformer", "potentialOwner", "supportedInterfaceRef", "supports"),
    *("correlationSubscription", "conversationAssociation"),
}
"""What else may stand in a process or sub-process; anything other than these, nodes and flows is refused."""
DEEPEST = 40
"""Sub-processes inside one another; the runner goes no deeper."""
DRAWN_ONLY = {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "modelerTemplateId"}


@dataclass(frozen=True)
class Definitions:
    """A file as read."""

    processes: tuple[Process, ...]
    messages: dict[str, tuple[str | None, str | None]] = field(
        default_factory=dict
    )  # id → name, correlation key


def read(data: bytes, file: str | None = None) -> Definitions:
    """All processes of a BPMN file. Raises Invalid (broken XML) or ModelRefused with every refusal of the file."""
    try:
        root = parse(data)
    except Invalid as error:
        error.data["file"] = file
        raise
    if local(root) != "definitions":
        raise Invalid("这不是 BPMN 文件。", "Not a BPMN file.", code="broken_xml", file=file)
    if etree.QName(root).namespace != BPMN:
        raise Invalid(
            f"文件的命名空间不是 BPMN 2.0（{etree.QName(root).namespace or '没有'}），应为 {BPMN}。",
            "Not the namespace of BPMN 2.0.",
            code="broken_xml",
            file=file,
            line=root.sourceline,
        )
    reader = _Reader(root, file)
    processes = tuple(reader.process(p) for p in children(root, "process"))
    if not processes:
        reader.refuse(root, "文件里没有流程", "至少画一个流程", "no process")
    known = set[str]()
    for element, process in zip(children(root, "process"), processes, strict=True):
        if process.id in known:
            reader.refuse(element, "同一文件中流程 id 重复", "给每个流程不同的 id", "duplicate process id")
        known.add(process.id)
    if reader.refusals:
        raise ModelRefused(reader.refusals)
    return Definitions(processes, {key: (m.name, m.correlation) for key, m in reader.messages.items()})


def line_of(element: etree._Element) -> int | None:
    """Where the element begins in its file."""
    line: Any = element.sourceline
    return line if isinstance(line, int) else None


def element_id(element: etree._Element) -> str:
    """The id of the file, or `type@line`."""
    return element.get("id") or f"{local(element)}@{line_of(element)}"


def _ref(text: str | None) -> str:
    return (text or "").strip().rpartition(":")[2]


class _Reader:
    def __init__(self, root: etree._Element, file: str | None) -> None:
        self.root, self.file, self.refusals = root, file, list[Refusal]()
        self.by_id = {e.get("id"): e for e in root.iter() if isinstance(e.tag, str) and e.get("id")}
        self.depth = 0
        self.pools = {
            _ref(participant.get("processRef")): participant.get("name")
            for collaboration in children(root, "collaboration")
            for participant in children(collaboration, "participant")
        }
        self.messages: dict[str, Event] = {}
        for message in children(root, "message"):
            extension = self.extension(message, "subscription")
            key = extension.get("correlationKey") if extension is not None else None
            self.messages[element_id(message)] = Event("message", message.get("name"), correlation=key)

    def refuse(self, element: etree._Element | str, message: str, remedy: str, english: str = "") -> None:
        if isinstance(element, str):
            self.refusals.append(Refusal(element, message, remedy, file=self.file, message_en=english))
            return
        self.refusals.append(
            Refusal(
                element_id(element),
                message,
                remedy,
                element.get("name"),
                line_of(element),
                self.file,
                message_en=english,
            )
        )

    # ------------------------------------------------------------------------------ extensions
    def extensions(self, element: etree._Element) -> Iterator[etree._Element]:
        box = child(element, "extensionElements")
        return children(box) if box is not None else iter(())

    def extension(self, element: etree._Element, name: str) -> etree._Element | None:
        return next(
            (e for e in self.extensions(element) if local(e) == name and etree.QName(e).namespace == ZEEBE),
            None,
        )

    def properties(self, element: etree._Element) -> dict[str, str]:
        box = self.extension(element, "properties")
        if box is None:
            return {}
        return {p.get("name", ""): p.get("value", "") for p in children(box, "property")}

    def expression(self, element: etree._Element, text: str | None) -> str | None:
        """A FEEL text; another language's syntax is refused."""
        if text is not None and ("${" in text or "#{" in text):
            self.refuse(
                element,
                "表达式不是 FEEL（含 ${…} 或 #{…}）",
                "改写为以 = 开头的 FEEL 表达式",
                "not a FEEL expression",
            )
            return None
        return text

    def language(self, element: etree._Element, expression: etree._Element | None) -> None:
        declared = expression.get("language") if expression is not None else None
        if declared and "feel" not in declared.lower():
            self.refuse(element, f"表达式语言 {declared} 不受支持", "改用 FEEL", "only FEEL is supported")

    # ------------------------------------------------------------------------------ processes
    def process(self, element: etree._Element) -> Process:
        nodes: dict[str, Node] = {}
        flows: dict[str, Flow] = {}
        associations: list[tuple[str, str]] = []
        lanes: dict[str, Lane] = {}
        listed: list[Lane] = []
        process_id = element_id(element)
        for lane_set in children(element, "laneSet"):
            self.lanes(lane_set, {}, lanes, listed)
        self.scope(element, process_id, lanes, None, nodes, flows, associations)
        tag = self.extension(element, "versionTag")
        return Process(
            id=process_id,
            name=element.get("name") or self.pools.get(process_id),
            executable=element.get("isExecutable") == "true",
            nodes=nodes,
            flows=flows,
            lanes=tuple(listed),
            version_tag=tag.get("value") if tag is not None else None,
            documentation=text_of(child(element, "documentation")),
            properties=self.properties(element),
            associations=tuple(associations),
            file=self.file,
            line=line_of(element),
        )

    def lanes(
        self, lane_set: etree._Element, around: dict[str, str], found: dict[str, Lane], listed: list[Lane]
    ) -> None:
        for element in children(lane_set, "lane"):
            properties = {**around, **self.properties(element)}
            lane = Lane(element_id(element), element.get("name") or "", properties, line_of(element))
            listed.append(lane)
            for ref in children(element, "flowNodeRef"):
                found[_ref(ref.text)] = lane
            for inner in children(element, "childLaneSet"):
                self.lanes(inner, properties, found, listed)

    def scope(
        self,
        element: etree._Element,
        scope: str,
        lanes: dict[str, Lane],
        lane: Lane | None,
        nodes: dict[str, Node],
        flows: dict[str, Flow],
        associations: list[tuple[str, str]],
    ) -> None:
        defaults = self.defaults(element)
        for item in children(element):
            kind = local(item) if etree.QName(item).namespace == BPMN else ""
            if kind in NODES or kind == "sequenceFlow":
                key = element_id(item)
                if key in nodes or key in flows:
                    self.refuse(item, "元素 id 重复", "给每个元素不同的 id", "duplicate id")
                    continue
            if kind in NODES:
                node = self.node(item, scope, lanes.get(key, lane))
                nodes[node.id] = node
                if kind in SCOPES:
                    self.inside(item, node, lanes, nodes, flows, associations)
            elif kind == "sequenceFlow":
                flows[key] = self.flow(item, defaults)
            elif kind not in NO_NODES:
                self.refuse(
                    item,
                    f"不认识的元素 {local(item)}",
                    "改用 BPMN 2.0 的元素；其他内容请放进 extensionElements",
                    "unknown element",
                )
            if kind == "association":
                associations.append((_ref(item.get("sourceRef")), _ref(item.get("targetRef"))))

    def inside(
        self,
        element: etree._Element,
        node: Node,
        lanes: dict[str, Lane],
        nodes: dict[str, Node],
        flows: dict[str, Flow],
        associations: list[tuple[str, str]],
    ) -> None:
        """A sub-process's own scope, lanes of its own included."""
        if self.depth >= DEEPEST:
            self.refuse(element, f"子流程嵌套超过 {DEEPEST} 层", "把里面的部分改为调用活动", "too deep")
            return
        inner = dict(lanes)
        for lane_set in children(element, "laneSet"):
            self.lanes(lane_set, {}, inner, [])
        self.depth += 1
        self.scope(element, node.id, inner, node.lane, nodes, flows, associations)
        self.depth -= 1

    def defaults(self, element: etree._Element) -> set[str]:
        """Ids of the default flows of a scope; one that is no flow out of its node is refused."""
        sources = {element_id(f): _ref(f.get("sourceRef")) for f in children(element, "sequenceFlow")}
        found = set()
        for item in children(element):
            default = _ref(item.get("default"))
            if not default or local(item) not in NODES:
                continue
            if sources.get(default) != element_id(item):
                self.refuse(
                    item, f"默认连线 {default} 不是从这里出去的连线", "重新选择默认连线", "no default"
                )
            found.add(default)
        return found

    def flow(self, element: etree._Element, defaults: set[str]) -> Flow:
        condition = child(element, "conditionExpression")
        self.language(element, condition)
        flow_id = element_id(element)
        return Flow(
            id=flow_id,
            source=_ref(element.get("sourceRef")),
            target=_ref(element.get("targetRef")),
            name=element.get("name"),
            condition=self.expression(element, text_of(condition)),
            default=flow_id in defaults,
            line=line_of(element),
        )

    # ------------------------------------------------------------------------------ nodes
    def node(self, element: etree._Element, scope: str, lane: Lane | None) -> Node:
        self.foreign(element)
        kind = local(element)
        values = self.work(element)
        return Node(
            id=element_id(element),
            type=kind,
            scope=scope,
            name=" ".join((element.get("name") or "").split()) or None,
            line=line_of(element),
            documentation=text_of(child(element, "documentation")),
            lane=lane,
            properties=self.properties(element),
            events=tuple(self.events(element)),
            loop=self.loop(element),
            attached_to=_ref(element.get("attachedToRef")) or None,
            interrupting=(
                element.get("cancelActivity") != "false" and element.get("isInterrupting") != "false"
            ),
            triggered_by_event=element.get("triggeredByEvent") == "true",
            for_compensation=element.get("isForCompensation") == "true",
            ignored=tuple(self.ignored(element)),
            **values,  # type: ignore[arg-type]
        )

    def foreign(self, element: etree._Element) -> None:
        names = [str(key) for key in element.attrib] + [str(e.tag) for e in self.extensions(element)]
        if any(name.startswith(f"{{{space}") for name in names for space in FOREIGN):
            self.refuse(
                element,
                "含有其他引擎（camunda:/flowable:）的扩展",
                "改用 Camunda 8（zeebe:）扩展，或在设计器中重新填写办理设置",
                "extensions of another engine",
            )

    def work(self, element: etree._Element) -> dict[str, object]:  # noqa: C901 - one branch per extension
        """What the zeebe extensions of a node say."""
        found: dict[str, object] = {}
        for extension in self.extensions(element):
            if etree.QName(extension).namespace != ZEEBE:
                continue
            get = extension.get
            name = local(extension)
            if name == "formDefinition":
                found["form"] = get("formId") or get("formKey")
            elif name == "assignmentDefinition":
                found["assignee"] = self.expression(element, get("assignee"))
                found["candidate_groups"] = self.expression(element, get("candidateGroups"))
            elif name == "taskSchedule":
                found["due_date"], found["follow_up_date"] = get("dueDate"), get("followUpDate")
            elif name == "priorityDefinition":
                found["priority"] = get("priority")
            elif name == "taskDefinition":
                found["job_type"], found["retries"] = get("type"), get("retries")
            elif name == "taskHeaders":
                found["headers"] = {h.get("key", ""): h.get("value", "") for h in children(extension)}
            elif name == "script":
                found["script"], found["result_variable"] = get("expression"), get("resultVariable")
            elif name == "calledElement":
                found["called_element"] = get("processId")
                found["propagate_all"] = get("propagateAllChildVariables") != "false"
            elif name == "calledDecision":
                found["called_decision"], found["result_variable"] = get("decisionId"), get("resultVariable")
            elif name == "ioMapping":
                pairs = {
                    kind: tuple((e.get("source", ""), e.get("target", "")) for e in children(extension, kind))
                    for kind in ("input", "output")
                }
                found["inputs"], found["outputs"] = pairs["input"], pairs["output"]
        if local(element) == "callActivity" and not found.get("called_element"):
            found["called_element"] = element.get("calledElement")
        if local(element) == "scriptTask" and not found.get("script"):
            found["script"] = self.expression(element, text_of(child(element, "script")))
            self.script_language(element)
        return {key: value for key, value in found.items() if value is not None}

    def script_language(self, element: etree._Element) -> None:
        declared = element.get("scriptFormat")
        if declared and "feel" not in declared.lower():
            self.refuse(
                element,
                f"脚本语言 {declared} 不受支持",
                "改用 FEEL 表达式（zeebe:script）",
                "only FEEL scripts",
            )

    KNOWN = frozenset(
        [
            "userTask",
            "formDefinition",
            "assignmentDefinition",
            "taskSchedule",
            "priorityDefinition",
            "taskDefinition",
            "taskHeaders",
            "script",
            "calledElement",
            "calledDecision",
            "ioMapping",
            "properties",
            "subscription",
            "loopCharacteristics",
            "versionTag",
            "adHoc",
        ]
    )

    def ignored(self, element: etree._Element) -> Iterator[str]:
        for extension in self.extensions(element):
            name = etree.QName(extension)
            if name.namespace == ZEEBE and name.localname not in self.KNOWN:
                yield f"zeebe:{name.localname}"
        for key in element.attrib:
            qualified = etree.QName(str(key))
            if qualified.namespace == ZEEBE and qualified.localname not in DRAWN_ONLY:
                yield f"zeebe:{qualified.localname}"

    def loop(self, element: etree._Element) -> Loop | None:
        many = child(element, "multiInstanceLoopCharacteristics")
        if many is not None:
            z = self.extension(many, "loopCharacteristics")
            get = z.get if z is not None else (lambda _name: None)
            return Loop(
                sequential=many.get("isSequential") == "true",
                collection=get("inputCollection"),
                element=get("inputElement"),
                cardinality=self.expression(element, text_of(child(many, "loopCardinality"))),
                output=get("outputCollection"),
                output_element=get("outputElement"),
                completion=self.expression(element, text_of(child(many, "completionCondition"))),
            )
        standard = child(element, "standardLoopCharacteristics")
        if standard is None:
            return None
        maximum = standard.get("loopMaximum")
        if maximum and not re.fullmatch(r"[0-9]{1,9}", maximum):
            self.refuse(
                element, f"最大循环次数不是整数：{maximum[:40]}", "填写不小于 0 的整数", "loopMaximum"
            )
            maximum = None
        return Loop(
            sequential=True,
            standard=True,
            condition=self.expression(element, text_of(child(standard, "loopCondition"))),
            maximum=int(maximum) if maximum else None,
            test_before=standard.get("testBefore") == "true",
        )

    # ------------------------------------------------------------------------------ events
    def events(self, element: etree._Element) -> Iterator[Event]:
        for definition in children(element):
            name = local(definition)
            if name.endswith("EventDefinition") and name != "eventDefinition":
                yield self.event(element, definition, name.removesuffix("EventDefinition"))
            elif name == "eventDefinitionRef":
                target = self.by_id.get(_ref(definition.text))
                if target is None:
                    self.refuse(
                        element, "引用的事件定义不存在", "重新选择事件定义", "dangling event definition"
                    )
                else:
                    yield self.event(element, target, local(target).removesuffix("EventDefinition"))
        if local(element) in ("receiveTask", "sendTask") and element.get("messageRef"):
            yield self.message(element, element.get("messageRef"))

    def event(self, element: etree._Element, definition: etree._Element, kind: str) -> Event:
        if kind == "message":
            return self.message(element, definition.get("messageRef"))
        if kind in ("signal", "error", "escalation"):
            ref = _ref(definition.get(f"{kind}Ref"))
            target = self.by_id.get(ref)
            if ref and (target is None or local(target) != kind):
                self.refuse(element, f"引用的 {kind} {ref} 不存在", "重新选择", f"dangling {kind}")
            code = target.get(f"{kind}Code") if target is not None else None
            return Event(kind, target.get("name") if target is not None else None, code or None)
        if kind == "timer":
            for part in ("timeDate", "timeDuration", "timeCycle"):
                found = child(definition, part)
                if found is not None:
                    self.language(element, found)
                    text = self.expression(element, text_of(found))
                    return Event("timer", timer=part.removeprefix("time").lower(), expression=text)
            return Event("timer")
        if kind == "conditional":
            condition = child(definition, "condition")
            self.language(element, condition)
            return Event("conditional", expression=self.expression(element, text_of(condition)))
        if kind == "compensate":
            return Event("compensation", activity=_ref(definition.get("activityRef")) or None)
        return Event(kind, name=definition.get("name"))

    def message(self, element: etree._Element, ref: str | None) -> Event:
        found = self.messages.get(_ref(ref))
        if found is None:
            return Event("message")
        return Event("message", found.name, correlation=self.expression(element, found.correlation))
