"""Processes and sub-processes: lanes, nodes, flows."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.model import Flow, Lane, Node, Process
from engine.reader import collaboration, data, events
from engine.reader.base import BPMN, Base, element_id, line_of, ref
from engine.reader.work import ignored, work
from engine.xml import child, children, local, text_of

ACTIVITIES = {
    *("task", "userTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "manualTask"),
    *("businessRuleTask", "callActivity", "subProcess", "transaction", "adHocSubProcess"),
}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
GATEWAYS = {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
NODES = ACTIVITIES | EVENTS | GATEWAYS
SCOPES = {"subProcess", "transaction", "adHocSubProcess"}
NAMED = ("message", "signal", "error", "escalation")
WITH_DEFAULT = ACTIVITIES | {"exclusiveGateway", "inclusiveGateway", "complexGateway"}
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
ONE = ("startQuantity", "completionQuantity")


@dataclass
class _Into:
    """A process being read."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    associations: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


class Reader(Base):
    """The processes of one file."""

    def __init__(self, root: etree._Element, file: str | None) -> None:
        super().__init__(root, file)
        self.depth = 0
        taken = set[str]()
        for element in children(root):
            if local(element) in NAMED and element.get("id"):
                if element.get("id") in taken:
                    self.refuse(element, "元素 id 重复", "给每个元素不同的 id", "duplicate id")
                taken.add(element.get("id", ""))
        self.pools = collaboration.pools(self)
        self.messages = events.messages(self)
        names = {key: message.name for key, message in self.messages.items()}
        self.message_flows = collaboration.message_flows(self)
        self.named = collaboration.message_names(self, names)

    # ------------------------------------------------------------------------------ processes
    def process(self, element: etree._Element) -> Process:
        into = _Into()
        lanes: dict[str, Lane] = {}
        listed: list[Lane] = []
        process_id = element_id(element)
        for lane_set in children(element, "laneSet"):
            self.lanes(lane_set, {}, lanes, listed)
        self.scope(element, process_id, lanes, None, into)
        tag = self.extension(element, "versionTag")
        vendors, assumed = self.vendors(element), tuple(self.assumed)
        self.assumed.clear()
        return Process(
            id=process_id,
            name=element.get("name") or self.pools.get(process_id),
            executable=element.get("isExecutable") == "true",
            nodes=into.nodes,
            flows=into.flows,
            lanes=tuple(listed),
            version_tag=tag.get("value") if tag is not None else None,
            documentation=text_of(child(element, "documentation")),
            properties=self.properties(element),
            associations=tuple(into.associations),
            message_flows=tuple(
                f for f in self.message_flows if process_id in (f.source.process, f.target.process)
            ),
            ignored=tuple(into.ignored),
            vendors=vendors,
            assumed=assumed,
            declared_language=self.root.get("expressionLanguage") if assumed else None,
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
            for reference in children(element, "flowNodeRef"):
                found[ref(reference.text)] = lane
            for inner in children(element, "childLaneSet"):
                self.lanes(inner, properties, found, listed)

    def scope(
        self, element: etree._Element, scope: str, lanes: dict[str, Lane], lane: Lane | None, into: _Into
    ) -> None:
        defaults = self.defaults(element)
        for item in children(element):
            kind = local(item) if etree.QName(item).namespace == BPMN else ""
            key = element_id(item)
            if (kind in NODES or kind == "sequenceFlow") and (key in into.nodes or key in into.flows):
                self.refuse(item, "元素 id 重复", "给每个元素不同的 id", "duplicate id")
                continue
            if kind in NODES:
                node = self.node(item, scope, lanes.get(key, lane))
                into.nodes[node.id] = node
                if kind in SCOPES:
                    self.inside(item, node, lanes, into)
            elif kind == "sequenceFlow":
                into.flows[key] = self.flow(item, defaults)
            elif not kind and not self.meant_to_run(item):
                into.ignored.append(str(item.tag))
            elif kind not in NO_NODES:
                self.refuse(
                    item,
                    f"不认识的元素 {local(item)}",
                    "改用 BPMN 2.0 的元素；其他内容请放进 extensionElements",
                    "unknown element",
                )
            if kind == "association":
                into.associations.append((ref(item.get("sourceRef")), ref(item.get("targetRef"))))

    def meant_to_run(self, item: etree._Element) -> bool:
        """A foreign element that would change what runs if it were read: an inclusion, or a node in a wrong namespace."""
        name = etree.QName(item)
        return name.localname in NODES | {"sequenceFlow", "include"}

    def inside(self, element: etree._Element, node: Node, lanes: dict[str, Lane], into: _Into) -> None:
        """A sub-process's own scope, lanes of its own included."""
        if self.depth >= DEEPEST:
            self.refuse(element, f"子流程嵌套超过 {DEEPEST} 层", "把里面的部分改为调用活动", "too deep")
            return
        inner = dict(lanes)
        for lane_set in children(element, "laneSet"):
            self.lanes(lane_set, {}, inner, [])
        self.depth += 1
        self.scope(element, node.id, inner, node.lane, into)
        self.depth -= 1

    def defaults(self, element: etree._Element) -> set[str]:
        """Ids of the default flows of a scope; one that is no flow out of its node is refused."""
        sources = {element_id(f): ref(f.get("sourceRef")) for f in children(element, "sequenceFlow")}
        found = set()
        for item in children(element):
            default = ref(item.get("default"))
            if not default or local(item) not in NODES:
                continue
            if local(item) not in WITH_DEFAULT:
                self.refuse(
                    item, "这里不能有默认连线", "默认连线只属于排他、相容网关和活动；去掉它", "no default"
                )
            elif sources.get(default) != element_id(item):
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
            source=ref(element.get("sourceRef")),
            target=ref(element.get("targetRef")),
            name=element.get("name"),
            condition=self.expression(element, text_of(condition)),
            default=flow_id in defaults,
            line=line_of(element),
        )

    # ------------------------------------------------------------------------------ nodes
    def node(self, element: etree._Element, scope: str, lane: Lane | None) -> Node:
        for quantity in ONE:
            if element.get(quantity, "1") != "1":
                self.refuse(
                    element,
                    f"{quantity} 不为 1，不能执行",
                    "去掉该设置，用并行网关汇合",
                    f"{quantity} other than 1",
                )
        return Node(
            id=element_id(element),
            type=local(element),
            scope=scope,
            name=" ".join((element.get("name") or "").split()) or None,
            line=line_of(element),
            documentation=text_of(child(element, "documentation")),
            lane=lane,
            properties=self.properties(element),
            events=tuple(events.events(self, element, self.messages, self.named)),
            parallel_multiple=element.get("parallelMultiple") == "true",
            loop=events.loop(self, element),
            attached_to=ref(element.get("attachedToRef")) or None,
            interrupting=(
                element.get("cancelActivity") != "false" and element.get("isInterrupting") != "false"
            ),
            instantiate=element.get("instantiate") == "true",
            triggered_by_event=element.get("triggeredByEvent") == "true",
            for_compensation=element.get("isForCompensation") == "true",
            data_in=tuple(data.moves(self, element, "dataInputAssociation")),
            data_out=tuple(data.moves(self, element, "dataOutputAssociation")),
            declares=data.declared(self, element) if local(element) in SCOPES else (),
            ignored=tuple(ignored(self, element)),
            **work(self, element),  # type: ignore[arg-type]
        )
