"""Small bundles for the engine's tests, in the elements a Camunda-style modeler writes."""

from __future__ import annotations

import itertools
import json
from datetime import datetime

from engine.bundle import Bundle, bundle_of
from engine.calendar import ZONE
from engine.routing import Actor, Appointment

VILLAGE = "120115/120115100/120115100201"
NOW = datetime(2026, 9, 14, 10, 0, tzinfo=ZONE)
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="D" targetNamespace="urn:t">'
)


def town(name: str, area: str = "120115/120115100", post: str = "town_civil_officer") -> Actor:
    return Actor(name, name, (Appointment(post, "town", area),))


def extension(inner: str = "", **properties: str) -> str:
    listed = "".join(f'<zeebe:property name="{k}" value="{v}"/>' for k, v in properties.items())
    return f"<bpmn:extensionElements>{inner}<zeebe:properties>{listed}</zeebe:properties></bpmn:extensionElements>"


def user_task(element: str, inner: str = "", **properties: str) -> str:
    around = {"tier": "town", "post": "town_civil_officer", **properties}
    return f'<bpmn:userTask id="{element}" name="{element}">{extension("<zeebe:userTask/>" + inner, **around)}</bpmn:userTask>'


def job(element: str, kind: str, inner: str = "") -> str:
    definition = f'<zeebe:taskDefinition type="{kind}" retries="3"/>' + inner
    return f'<bpmn:serviceTask id="{element}" name="{element}">{extension(definition)}</bpmn:serviceTask>'


def flow(*path: str) -> str:
    return "".join(
        f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>'
        for a, b in itertools.pairwise(path)
    )


def process(key: str, body: str, extra: str = "") -> bytes:
    start_end = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
    return (
        f'{HEAD}{extra}<bpmn:process id="{key}" name="{key}" isExecutable="true">{start_end}{body}</bpmn:process>'
        "</bpmn:definitions>"
    ).encode()


def bundle(key: str, body: str, extra: str = "", **files: bytes) -> Bundle:
    return bundle_of(
        key, {f"{key}.bpmn": process(key, body, extra), **{n.replace("__", "."): f for n, f in files.items()}}
    )


def form(key: str, section: str, *components: dict[str, object]) -> bytes:
    made = {
        "schemaVersion": 19,
        "type": "default",
        "id": key,
        "properties": {"title": key, "section": section},
        "components": list(components),
    }
    return json.dumps(made).encode()
