"""Pools and message flows: what the participants are called, and what messages nobody named are called."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.model import MessageFlow, Talker
from engine.reader.base import Base, element_id, line_of, ref
from engine.xml import child, children, local

TALKERS = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
TALKING_TASKS = ("sendTask", "receiveTask")


def pools(reader: Base) -> dict[str, str | None]:
    """Process id → name of the pool that shows it."""
    return {
        ref(participant.get("processRef")): participant.get("name")
        for collaboration in children(reader.root, "collaboration")
        for participant in children(collaboration, "participant")
    }


def message_flows(reader: Base) -> list[MessageFlow]:
    """Every message flow of the file, with what stands at its ends."""
    return [
        MessageFlow(
            element_id(flow),
            _talker(reader, ref(flow.get("sourceRef"))),
            _talker(reader, ref(flow.get("targetRef"))),
            flow.get("name"),
            line_of(flow),
        )
        for collaboration in children(reader.root, "collaboration")
        for flow in children(collaboration, "messageFlow")
    ]


def _talker(reader: Base, end: str) -> Talker:
    element = reader.by_id.get(end)
    if element is None:
        return Talker(end)
    at: etree._Element | None = element
    while at is not None and local(at) not in ("process", "participant"):
        at = at.getparent()
    owner = None
    if at is not None:
        owner = element_id(at) if local(at) == "process" else ref(at.get("processRef")) or None
    kinds = (local(e) for e in children(element) if local(e).endswith("EventDefinition"))
    return Talker(end, local(element), owner, frozenset(k.removesuffix("EventDefinition") for k in kinds))


def message_names(reader: Base, named: Mapping[str, str | None]) -> dict[str, str]:
    """Node id → message name, for nodes without a message of their own that message flows connect.

    What message flows join talks about one message: a name given at one end holds at the others; with none, the message
    flow's message, name or id does. Two different names leave the rest unnamed (and so refused). `named`: message id → name.
    """
    flows = [
        flow
        for collaboration in children(reader.root, "collaboration")
        for flow in children(collaboration, "messageFlow")
    ]
    groups: dict[str, set[str]] = {}
    titles: dict[str, str] = {}
    for flow in flows:
        ends = [e for e in (ref(flow.get("sourceRef")), ref(flow.get("targetRef"))) if _talks(reader, e)]
        if not ends:
            continue
        joined = set(ends).union(*[groups.get(end, {end}) for end in ends])
        title = named.get(ref(flow.get("messageRef"))) or flow.get("name") or element_id(flow)
        for end in joined:
            groups[end] = joined
            titles.setdefault(end, titles.get(min(ends), title))
    found: dict[str, str] = {}
    for end, joined in groups.items():
        given = {n for n in (_given(reader, one, named) for one in joined) if n}
        if _given(reader, end, named) is None and len(given) <= 1:
            found[end] = next(iter(given), "") or titles[min(joined)]
    return found


def _talks(reader: Base, end: str) -> bool:
    element = reader.by_id.get(end)
    if element is None:
        return False
    kind = local(element)
    return kind in TALKING_TASKS or (kind in TALKERS and _definition(element) is not None)


def _definition(element: etree._Element) -> etree._Element | None:
    return child(element, "messageEventDefinition")


def _given(reader: Base, end: str, named: Mapping[str, str | None]) -> str | None:
    element = reader.by_id[end]
    definition = _definition(element)
    holder = definition if definition is not None else element
    return named.get(ref(holder.get("messageRef")))
