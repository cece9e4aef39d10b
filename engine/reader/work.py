"""What the `zeebe:` extensions of a node say, and which of them the engine does not know."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.reader.base import ZEEBE, Base
from engine.xml import child, children, local, text_of

KNOWN = {
    "userTask": frozenset[str](),
    "formDefinition": {"formId", "formKey", "bindingType"},
    "assignmentDefinition": {"assignee", "candidateGroups"},
    "taskSchedule": {"dueDate", "followUpDate"},
    "priorityDefinition": {"priority"},
    "taskDefinition": {"type", "retries"},
    "taskHeaders": frozenset[str](),
    "script": {"expression", "resultVariable"},
    "calledElement": {
        *("processId", "propagateAllChildVariables", "propagateAllParentVariables", "bindingType"),
        "versionTag",
    },
    "calledDecision": {"decisionId", "resultVariable", "bindingType", "versionTag"},
    "ioMapping": frozenset[str](),
    "properties": frozenset[str](),
    "subscription": {"correlationKey"},
    "loopCharacteristics": {"inputCollection", "inputElement", "outputCollection", "outputElement"},
    "versionTag": {"value"},
    "adHoc": {"activeElementsCollection"},
}
"""Elements the engine reads, each with the attributes it reads; everything else is named by the linter."""
DRAWN_ONLY = {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "modelerTemplateId"}
BINDINGS = ("latest", "deployment", "versionTag")


def work(reader: Base, element: etree._Element) -> dict[str, object]:
    """Fields of `engine.model.Node` that extensions fill."""
    found: dict[str, object] = {}
    for extension in reader.extensions(element):
        if etree.QName(extension).namespace == ZEEBE:
            found.update(_one(reader, element, extension))
    if local(element) == "callActivity" and not found.get("called_element"):
        found["called_element"] = element.get("calledElement")
    if local(element) == "scriptTask" and not found.get("script"):
        found["script"] = reader.expression(element, text_of(child(element, "script")))
        _script_language(reader, element)
    if local(element) == "adHocSubProcess":
        found["completion"] = reader.expression(element, text_of(child(element, "completionCondition")))
        found["sequential"] = element.get("ordering") == "Sequential"
        found["cancel_remaining"] = element.get("cancelRemainingInstances") != "false"
    return {key: value for key, value in found.items() if value is not None}


def _one(reader: Base, element: etree._Element, extension: etree._Element) -> dict[str, object]:
    get, name = extension.get, local(extension)
    if name == "formDefinition":
        return {"form": get("formId") or get("formKey")}
    if name == "assignmentDefinition":
        return {
            "assignee": reader.expression(element, get("assignee")),
            "candidate_groups": reader.expression(element, get("candidateGroups")),
        }
    if name == "taskSchedule":
        return {"due_date": get("dueDate"), "follow_up_date": get("followUpDate")}
    if name == "priorityDefinition":
        return {"priority": get("priority")}
    if name == "taskDefinition":
        return {"job_type": get("type"), "retries": get("retries")}
    if name == "taskHeaders":
        return {"headers": {h.get("key", ""): h.get("value", "") for h in children(extension)}}
    if name == "script":
        return {"script": get("expression"), "result_variable": get("resultVariable")}
    if name == "calledElement":
        return {
            "called_element": get("processId"),
            "propagate_all": get("propagateAllChildVariables") != "false",
            "inherit_all": get("propagateAllParentVariables") != "false",
            **_binding(reader, element, extension),
        }
    if name == "calledDecision":
        return {
            "called_decision": get("decisionId"),
            "result_variable": get("resultVariable"),
            **_decision_binding(reader, element, extension),
        }
    if name == "ioMapping":
        pairs = {
            kind: tuple((e.get("source", ""), e.get("target", "")) for e in children(extension, kind))
            for kind in ("input", "output")
        }
        return {"inputs": pairs["input"], "outputs": pairs["output"]}
    if name == "adHoc":
        return {"active_elements": get("activeElementsCollection")}
    return {}


def _binding(reader: Base, element: etree._Element, extension: etree._Element) -> dict[str, object]:
    binding, tag = extension.get("bindingType", "latest"), extension.get("versionTag")
    if binding not in BINDINGS:
        reader.refuse(
            element, f"版本绑定 {binding} 不认识", "选用 latest、deployment 或 versionTag", "unknown binding"
        )
    if binding == "versionTag" and not tag:
        reader.refuse(element, "按版本标签绑定，但没有填写标签", "填写 versionTag", "no version tag", "gap")
    return {"binding": binding, "bound_tag": tag if binding == "versionTag" else None}


def _decision_binding(reader: Base, element: etree._Element, extension: etree._Element) -> dict[str, object]:
    found = _binding(reader, element, extension)
    if found["bound_tag"]:
        reader.refuse(
            element,
            "决策不能按版本标签绑定：案件用它固定的流程包里的决策表",
            "选用 deployment 或 latest",
            "decisions are pinned with their bundle",
        )
    return found


def _script_language(reader: Base, element: etree._Element) -> None:
    declared = element.get("scriptFormat")
    if declared and "feel" not in declared.lower():
        reader.refuse(
            element, f"脚本语言 {declared} 不受支持", "改用 FEEL 表达式（zeebe:script）", "only FEEL scripts"
        )


def ignored(reader: Base, element: etree._Element) -> Iterator[str]:
    """Extensions, and attributes of extensions, that mean nothing to the engine."""
    for extension in reader.extensions(element):
        name = etree.QName(extension)
        if name.namespace != ZEEBE:
            continue
        if name.localname not in KNOWN:
            yield f"zeebe:{name.localname}"
            continue
        for attribute in map(str, extension.attrib):
            if attribute not in KNOWN[name.localname]:
                yield f"zeebe:{name.localname} {attribute}"
    for key in element.attrib:
        qualified = etree.QName(str(key))
        if qualified.namespace == ZEEBE and qualified.localname not in DRAWN_ONLY:
            yield f"zeebe:{qualified.localname}"
