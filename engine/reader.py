"""BPMN files to frozen values (`engine.model`): every process, every node, every extension the engine knows.

Meaning is kept, form is normalised: elements without id get `type@line`, references lose their prefixes, event definitions
by reference are looked up, nested lanes end in the innermost one. Nothing is dropped in silence: what the engine does not
know stands in `Node.ignored` for the linter, what cannot mean anything is a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

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
    reader = _Reader(root, file)
    processes = tuple(reader.process(p) for p in children(root, "process"))
    doubled = {p.id for p in processes if sum(q.id == p.id for q in processes) > 1}
    for process in doubled:
        reader.refuse(process, "同一文件中流程 id 重复", "给每个流程不同的 id")
    if reader.refusals:
        raise ModelRefused(reader.refusals)
    return Definitions(processes, {key: (m.name, m.correlation) for key, m in reader.messages.items()})


def element_id(element: etree._Element) -> str:
    """The id of the file, or `type@line`."""
    return element.get("id") or f"{local(element)}@{element.sourceline}"


def _ref(text: str | None) -> str:
    return (text or "").strip().rpartition(":")[2]


class _Reader:
    def __init__(self, root: etree._Element, file: str | None) -> None:
        self.root, self.file, self.refusals = root, file, list[Refusal]()
        self.by_id = {e.get("id"): e for e in root.iter() if isinstance(e.tag, str) and e.get("id")}
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
                element.sourceline,
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
            name=element.get("name") or self.pool_name(process_id),
            executable=element.get("isExecutable") == "true",
            nodes=nodes,
            flows=flows,
            lanes=tuple(listed),
            version_tag=tag.get("value") if tag is not None else None,
            documentation=text_of(child(element, "documentation")),
            properties=self.properties(element),
            associations=tuple(associations),
            file=self.file,
            line=element.sourceline,
        )

    def pool_name(self, process_id: str) -> str | None:
        for collaboration in children(self.root, "collaboration"):
            for participant in children(collaboration, "participant"):
                if _ref(participant.get("processRef")) == process_id:
                    return participant.get("name")
        return None

    def lanes(
        self, lane_set: etree._Element, around: dict[str, str], found: dict[str, Lane], listed: list[Lane]
    ) -> None:
        for element in children(lane_set, "lane"):
            properties = {**around, **self.properties(element)}
            lane = Lane(element_id(element), element.get("name") or "", properties, element.sourceline)
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
        defaults = {_ref(n.get("default")) for n in children(element) if n.get("default")}
        for item in children(element):
            kind = local(item)
            if kind in NODES:
                node = self.node(item, scope, lanes.get(element_id(item), lane))
                if node.id in nodes:
                    self.refuse(item, "元素 id 重复", "给每个元素不同的 id", "duplicate id")
                nodes[node.id] = node
                if kind in SCOPES:
                    inner = dict(lanes)
                    for lane_set in children(item, "laneSet"):
                        self.lanes(lane_set, {}, inner, [])
                    self.scope(item, node.id, inner, node.lane, nodes, flows, associations)
            elif kind == "sequenceFlow":
                flow = self.flow(item, defaults)
                flows[flow.id] = flow
            elif kind == "association":
                associations.append((_ref(item.get("sourceRef")), _ref(item.get("targetRef"))))

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
            line=element.sourceline,
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
            line=element.sourceline,
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
        return Loop(
            sequential=True,
            standard=True,
            condition=self.expression(element, text_of(child(standard, "loopCondition"))),
            maximum=int(maximum) if maximum and maximum.isdigit() else None,
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
            target = self.by_id.get(_ref(definition.get(f"{kind}Ref")))
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
