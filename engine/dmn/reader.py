"""DMN XML (1.1 to 1.5) to values. Elements are found by their local names, for only the namespaces differ.

What cannot run right is refused here with its element and a remedy.
"""

from __future__ import annotations

from collections.abc import Iterator as Each

from lxml import etree

from engine.errors import ModelRefused, Refusal
from engine.xml import child, children, local, parse

from . import values as v
from .boxes_reader import BoxReader
from .elements import DMN_NAMESPACES, attribute, clean, line_id, line_of, text_of, type_attribute, type_name
from .imports import qualified, split

_DRG = {
    "decision", "inputData", "businessKnowledgeModel", "decisionService", "knowledgeSource", "itemDefinition",
    "import", "performanceIndicator", "organizationUnit", "elementCollection", "textAnnotation", "association",
    "group", "businessContextElement", "description", "extensionElements", "DMNDI", "allowedAnswers",
}  # fmt: skip


def read(data: bytes) -> v.Definitions:
    """The file's values. Raises `ModelRefused`, or `Invalid` for broken XML."""
    root = parse(data)
    if local(root) != "definitions" or etree.QName(root).namespace not in DMN_NAMESPACES:
        raise ModelRefused(
            [
                Refusal(
                    line_id(root),
                    "不是 DMN 1.1–1.5 文件",
                    "请用 DMN 建模工具保存为 .dmn 文件",
                    rule="dmn_namespace",
                    message_en="not a DMN 1.1 to 1.5 file",
                )
            ]
        )
    return _Reader(root).definitions()


class _Reader:
    """One reading of one file."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.refusals: list[Refusal] = []
        self.imports = tuple(
            v.Import(
                line_id(e), clean(attribute(e, "name") or ""), attribute(e, "namespace") or "", line_of(e)
            )
            for e in children(root, "import")
            if attribute(e, "importType") in DMN_NAMESPACES
        )
        self.boxes = BoxReader(self.refusals, attribute(root, "expressionLanguage"))

    def definitions(self) -> v.Definitions:
        """The whole file, or all refusals at once."""
        for element in children(self.root):
            name = local(element)
            if name == "import" and attribute(element, "importType") not in DMN_NAMESPACES:
                self.refuse(
                    element,
                    "只能引用 DMN 文件",
                    "把引用的内容改写成 DMN",
                    "import of something that is no DMN",
                )
            elif name not in _DRG and etree.QName(element).namespace in DMN_NAMESPACES:
                self.refuse(element, f"不认识的元素 {name}", "删去该元素", f"unknown element {name}")
        found = v.Definitions(
            line_id(self.root),
            attribute(self.root, "name") or "",
            {i.id: i for i in map(self.input_data, self._all("inputData"))},
            {d.id: d for d in map(self.decision, self._all("decision"))},
            {k.id: k for k in map(self.knowledge, self._all("businessKnowledgeModel"))},
            {s.id: s for s in map(self.service, self._all("decisionService"))},
            tuple(map(self.item, self._all("itemDefinition"))),
            frozenset(self.names()),
            self.imports,
            attribute(self.root, "namespace") or "",
        )
        self.check_references(found)
        if self.refusals:
            raise ModelRefused(self.refusals)
        return found

    def _all(self, name: str) -> list[etree._Element]:
        return [e for e in children(self.root) if local(e) == name]

    def refuse(self, element: etree._Element, message: str, remedy: str, english: str) -> None:
        """Record a refusal."""
        self.refusals.append(
            Refusal(
                line_id(element),
                message,
                remedy,
                name=attribute(element, "name"),
                line=line_of(element),
                rule="dmn_unsupported",
                message_en=english,
            )
        )

    def input_data(self, element: etree._Element) -> v.InputData:
        """An input data element."""
        name, of = self.variable(element)
        return v.InputData(line_id(element), name, of, self.title(element))

    def variable(self, element: etree._Element) -> tuple[str, str | None]:
        """Name and type of an element's variable, which may be left out."""
        variable = child(element, "variable")
        own = self.title(element)
        if variable is None:
            return own, None
        return clean(attribute(variable, "name") or own), type_name(variable)

    def title(self, element: etree._Element) -> str:
        """An element's own name."""
        return clean(attribute(element, "name") or line_id(element))

    def decision(self, element: etree._Element) -> v.DecisionNode:
        """A decision."""
        name, of = self.variable(element)
        return v.DecisionNode(
            line_id(element),
            name,
            of,
            self.boxes.of(element),
            tuple(self.references(element, "informationRequirement")),
            tuple(self.references(element, "knowledgeRequirement")),
            self.title(element),
        )

    def knowledge(self, element: etree._Element) -> v.KnowledgeModel:
        """A business knowledge model. In DMN 1.1 its variable's type is the result's, later the function's."""
        name, of = self.variable(element)
        logic = child(element, "encapsulatedLogic")
        function = self.boxes.function(logic) if logic is not None else None
        knowledge = tuple(self.references(element, "knowledgeRequirement"))
        return v.KnowledgeModel(line_id(element), name, of, function, knowledge, self.title(element))

    def service(self, element: etree._Element) -> v.Service:
        """A decision service."""
        name, of = self.variable(element)
        outputs, encapsulated, decisions, data = (
            tuple(self.target(e) for e in children(element) if local(e) == kind)
            for kind in ("outputDecision", "encapsulatedDecision", "inputDecision", "inputData")
        )
        return v.Service(
            line_id(element), name, of, outputs, encapsulated, decisions, data, self.title(element)
        )

    def references(self, element: etree._Element, kind: str) -> Each[str]:
        """Ids an element requires."""
        for requirement in children(element):
            if local(requirement) == kind:
                for reference in children(requirement):
                    if attribute(reference, "href") is not None:
                        yield self.target(reference)

    def target(self, reference: etree._Element) -> str:
        """The id a reference names, with the import's name where it leads into another file."""
        namespace, _, element = (attribute(reference, "href") or "").rpartition("#")
        found = next((one for one in self.imports if one.namespace == namespace), None)
        return qualified(found.key, element) if namespace and found is not None else element

    def item(self, element: etree._Element) -> v.ItemDefinition:
        """A type, with its components."""
        allowed, constraint = child(element, "allowedValues"), child(element, "typeConstraint")
        function = child(element, "functionItem")
        signature = None
        if function is not None:
            parameters = tuple(type_name(p) for p in children(function) if local(p) == "parameters")
            signature = (parameters, type_attribute(attribute(function, "outputTypeRef")))
        return v.ItemDefinition(
            line_id(element),
            clean(attribute(element, "name") or ""),
            type_name(element),
            tuple(self.item(e) for e in children(element) if local(e) == "itemComponent"),
            attribute(element, "isCollection") == "true",
            text_of(allowed) if allowed is not None else None,
            text_of(constraint) if constraint is not None else None,
            signature,
        )

    def names(self) -> Each[str]:
        """Every name an expression of the file may use."""
        for element in self.root.iter(etree.Element):
            if etree.QName(element).namespace in DMN_NAMESPACES:
                for key in ("name", "iteratorVariable"):
                    name = attribute(element, key)
                    if name and not name.isidentifier():
                        yield clean(name)

    def check_references(self, found: v.Definitions) -> None:
        """Each requirement must lead to an element of the file – or of one it imports without a name –, and no decision to itself."""
        known = {**found.inputs, **found.decisions, **found.knowledge, **found.services}
        elements = {line_id(e): e for e in children(self.root)}
        needs: dict[str, tuple[str, ...]] = {}
        for d in found.decisions.values():
            needs[d.id] = d.information + d.knowledge
        for k in found.knowledge.values():
            needs[k.id] = k.knowledge
        for s in found.services.values():
            needs[s.id] = s.outputs + s.encapsulated + s.input_decisions + s.input_data
        for source, targets in needs.items():
            for target in targets:
                joined = any(not one.name for one in self.imports)
                if target not in known and split(target)[0] is None and not joined:
                    element = elements[source]
                    self.refuse(
                        element,
                        f"引用的“{target}”不在文件内",
                        "改正引用或补上该元素",
                        f"{target} is not in the file",
                    )
        graph = {d.id: d.information for d in found.decisions.values()}
        for start in graph:
            if _reaches(graph, start):
                self.refuse(elements[start], "决策依赖自己", "去掉循环的依赖", "the decision requires itself")


def _reaches(graph: dict[str, tuple[str, ...]], start: str) -> bool:
    """Does a decision require itself, over others?"""
    seen: set[str] = set()
    stack = list(graph[start])
    while stack:
        at = stack.pop()
        if at == start:
            return True
        if at not in seen:
            seen.add(at)
            stack.extend(graph.get(at, ()))
    return False
