"""Event definitions – inside an event or by reference – and loops."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from engine.model import Event, Loop
from engine.reader.base import Base, ref
from engine.reader.data import variable
from engine.xml import child, children, local, text_of


def messages(reader: Base) -> dict[str, Event]:
    """The messages of a file; one without a name is known by its id."""
    found: dict[str, Event] = {}
    for message in children(reader.root, "message"):
        extension = reader.extension(message, "subscription")
        key = extension.get("correlationKey") if extension is not None else None
        name = message.get("name") or message.get("id")
        if message.get("id"):
            found[message.get("id", "")] = Event("message", name, correlation=key)
    return found


def events(
    reader: Base, element: etree._Element, known: Mapping[str, Event], named: Mapping[str, str]
) -> Iterator[Event]:
    """What an event waits for or throws. `known`: messages by id; `named`: names that message flows give to nodes."""
    for definition in children(element):
        name = local(definition)
        if name.endswith("EventDefinition") and name != "eventDefinition":
            yield _event(reader, element, definition, name.removesuffix("EventDefinition"), known, named)
        elif name == "eventDefinitionRef":
            target = reader.by_id.get(ref(definition.text))
            if target is None or not local(target).endswith("EventDefinition"):
                reader.refuse(
                    element, "引用的事件定义不存在", "重新选择事件定义", "dangling event definition"
                )
            else:
                kind = local(target).removesuffix("EventDefinition")
                yield _event(reader, element, target, kind, known, named)
    if local(element) in ("receiveTask", "sendTask") and (
        element.get("messageRef") or element.get("id") in named
    ):
        yield _message(reader, element, element.get("messageRef"), known, named)


def _event(
    reader: Base,
    element: etree._Element,
    definition: etree._Element,
    kind: str,
    known: Mapping[str, Event],
    named: Mapping[str, str],
) -> Event:
    if kind == "message":
        return _message(reader, element, definition.get("messageRef"), known, named)
    if kind in ("signal", "error", "escalation"):
        return _coded(reader, element, definition, kind)
    if kind == "timer":
        for part in ("timeDate", "timeDuration", "timeCycle"):
            found = child(definition, part)
            if found is not None:
                reader.language(element, found)
                text = reader.expression(element, text_of(found))
                return Event("timer", timer=part.removeprefix("time").lower(), expression=text)
        return Event("timer")
    if kind == "conditional":
        condition = child(definition, "condition")
        reader.language(element, condition)
        return Event("conditional", expression=reader.expression(element, text_of(condition)))
    if kind == "compensate":
        if definition.get("waitForCompletion") == "false":
            reader.refuse(
                element,
                "不等待完成的补偿（waitForCompletion=false）不能执行",
                "去掉该设置：补偿完成后再继续",
                "compensation without waiting",
            )
        return Event("compensation", activity=ref(definition.get("activityRef")) or None)
    return Event(kind, name=definition.get("name"))


def _coded(reader: Base, element: etree._Element, definition: etree._Element, kind: str) -> Event:
    """Signals have names; errors and escalations have codes – of one without a code its id, for it is itself."""
    reference = ref(definition.get(f"{kind}Ref"))
    target = reader.by_id.get(reference)
    if reference and (target is None or local(target) != kind):
        reader.refuse(element, f"引用的 {kind} {reference} 不存在", "重新选择", f"dangling {kind}")
    if target is None:
        return Event(kind)
    if kind == "signal":
        return Event(kind, target.get("name") or reference)
    return Event(kind, target.get("name"), target.get(f"{kind}Code") or target.get("name") or reference)


def _message(
    reader: Base,
    element: etree._Element,
    reference: str | None,
    known: Mapping[str, Event],
    named: Mapping[str, str],
) -> Event:
    found = known.get(ref(reference))
    if found is not None:
        return Event("message", found.name, correlation=reader.expression(element, found.correlation))
    if ref(reference):
        reader.refuse(element, f"引用的消息 {ref(reference)} 不存在", "重新选择消息", "dangling message")
    return Event("message", named.get(element.get("id") or ""))


def loop(reader: Base, element: etree._Element) -> Loop | None:
    """Multi-instance or standard loop of an activity."""
    many = child(element, "multiInstanceLoopCharacteristics")
    if many is not None:
        return _many(reader, element, many)
    standard = child(element, "standardLoopCharacteristics")
    if standard is None:
        return None
    maximum = standard.get("loopMaximum")
    if maximum and not re.fullmatch(r"[0-9]{1,9}", maximum):
        reader.refuse(element, f"最大循环次数不是整数：{maximum[:40]}", "填写不小于 0 的整数", "loopMaximum")
        maximum = None
    return Loop(
        sequential=True,
        standard=True,
        condition=reader.expression(element, text_of(child(standard, "loopCondition"))),
        maximum=int(maximum) if maximum else None,
        test_before=standard.get("testBefore") == "true",
    )


def _many(reader: Base, element: etree._Element, many: etree._Element) -> Loop:
    if many.get("behavior", "All") != "All":
        reader.refuse(
            element,
            f"多实例的 behavior={many.get('behavior')}（中途抛出事件）不能执行",
            "改用完成条件，或在多实例内部画抛出事件",
            "multi-instance behavior events",
        )
    z = reader.extension(many, "loopCharacteristics")
    get = z.get if z is not None else (lambda _name: None)

    def data(name: str) -> str | None:
        found = child(many, name)
        return variable(reader, ref(found.text)) if found is not None else None

    def item(name: str) -> str | None:
        found = child(many, name)
        return (found.get("name") or found.get("id")) if found is not None else None

    return Loop(
        sequential=many.get("isSequential") == "true",
        collection=get("inputCollection"),
        collection_data=data("loopDataInputRef"),
        element=get("inputElement") or item("inputDataItem"),
        cardinality=reader.expression(element, text_of(child(many, "loopCardinality"))),
        output=get("outputCollection") or data("loopDataOutputRef"),
        output_element=get("outputElement"),
        output_data=item("outputDataItem"),
        completion=reader.expression(element, text_of(child(many, "completionCondition"))),
    )
