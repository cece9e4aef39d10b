"""Data of the standard: objects, stores, inputs and outputs, and the associations that carry values between them.

A data element is a variable of its name (of its id without one). An object drawn in a sub-process lives and dies with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.model import DataMove
from engine.reader.base import Base, ref
from engine.xml import child, children, local, text_of

DATA = {
    *("dataObject", "dataObjectReference", "dataStoreReference", "dataStore"),
    *("dataInput", "dataOutput", "property", "inputDataItem", "outputDataItem"),
}
PLACEHOLDER = "__targetRef_placeholder"
"""What bpmn.io writes where the standard demands an end that nobody drew."""


def variable(reader: Base, reference: str) -> str | None:
    """The variable a reference to a data element stands for; None when there is no such element."""
    element = reader.by_id.get(reference)
    if element is None or local(element) not in DATA:
        return None
    if element.get("name") == PLACEHOLDER:
        return None
    own = element.get("name")
    if own:
        return " ".join(own.split())
    behind = ref(element.get("dataObjectRef") or element.get("dataStoreRef"))
    return variable(reader, behind) if behind in reader.by_id and behind != reference else reference


def declared(reader: Base, scope: etree._Element) -> tuple[str, ...]:
    """The variables a scope's own data objects and properties make."""
    found: dict[str, None] = {}
    for element in children(scope):
        if local(element) in ("dataObject", "dataObjectReference", "property") and element.get("id"):
            name = variable(reader, element.get("id", ""))
            if name is not None:
                found[name] = None
    return tuple(found)


def moves(reader: Base, element: etree._Element, kind: str) -> Iterator[DataMove]:
    """What the associations of a node carry: `kind` is `dataInputAssociation` or `dataOutputAssociation`."""
    for association in children(element, kind):
        sources = [variable(reader, ref(e.text)) for e in children(association, "sourceRef")]
        target_element = child(association, "targetRef")
        target = variable(reader, ref(target_element.text)) if target_element is not None else None
        transformation = child(association, "transformation")
        assignments = list(children(association, "assignment"))
        reader.language(element, transformation)
        for assignment in assignments:
            origin, end = child(assignment, "from"), child(assignment, "to")
            reader.language(element, origin)
            text = reader.expression(element, text_of(origin))
            name = _name(reader, text_of(end)) or target
            if not text or not name:
                reader.refuse(
                    element,
                    "数据关联的赋值没有写全",
                    "填写来源表达式和目标名称",
                    "incomplete assignment",
                    "gap",
                )
                continue
            yield DataMove(name, expression=text)
        text = reader.expression(element, text_of(transformation))
        if assignments or target is None:
            continue
        if text:
            yield DataMove(target, expression=text)
        elif len(sources) == 1 and sources[0] is not None and sources[0] != target:
            yield DataMove(target, source=sources[0])


def _name(reader: Base, text: str | None) -> str | None:
    """The target of an assignment: a data element's id, or a name as it stands (a leading `=` is left away)."""
    if not text:
        return None
    plain = text.lstrip("= ").strip()
    return variable(reader, ref(plain)) or plain
