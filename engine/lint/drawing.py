"""The drawing of a file: where its shapes and flows stand (BPMN DI), for rules about readability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import XunzhenError
from engine.xml import child, children, local, parse


@dataclass(frozen=True, slots=True)
class Box:
    """A shape, in the drawing's units; y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def overlaps(self, other: Box, slack: float = 2.0) -> bool:
        return (
            self.x < other.right - slack
            and other.x < self.right - slack
            and self.y < other.bottom - slack
            and other.y < self.bottom - slack
        )

    def holds(self, x: float, y: float) -> bool:
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Drawing:
    """Shapes and flows by element id. `collapsed`: sub-processes whose inside is drawn elsewhere."""

    shapes: Mapping[str, Box] = field(default_factory=dict)
    flows: Mapping[str, Line] = field(default_factory=dict)
    collapsed: frozenset[str] = frozenset()
    planes: Mapping[str, str] = field(default_factory=dict)  # element → the plane it is drawn on


def read_drawing(content: bytes) -> Drawing:
    """The drawing of a BPMN file; an empty one where there is none or its numbers are none."""
    try:
        root = parse(content)
    except XunzhenError:
        return Drawing()
    shapes: dict[str, Box] = {}
    flows: dict[str, Line] = {}
    planes: dict[str, str] = {}
    collapsed: set[str] = set()
    for diagram in children(root, "BPMNDiagram"):
        plane = child(diagram, "BPMNPlane")
        if plane is None:
            continue
        drawn = (plane.get("bpmnElement") or "").rpartition(":")[2]
        for item in children(plane):
            key = (item.get("bpmnElement") or "").rpartition(":")[2]
            planes[key] = drawn
            if local(item) == "BPMNShape":
                bounds = child(item, "Bounds")
                box = _box(dict(bounds.attrib) if bounds is not None else {})
                if box is not None:
                    shapes[key] = box
                if item.get("isExpanded") == "false":
                    collapsed.add(key)
            elif local(item) == "BPMNEdge":
                points = [_point(dict(p.attrib)) for p in children(item, "waypoint")]
                flows[key] = tuple(p for p in points if p is not None)
    return Drawing(shapes, flows, frozenset(collapsed), planes)


def _box(at: Mapping[Any, Any]) -> Box | None:
    try:
        return Box(float(at["x"]), float(at["y"]), float(at["width"]), float(at["height"]))
    except (KeyError, ValueError):
        return None


def _point(at: Mapping[Any, Any]) -> tuple[float, float] | None:
    try:
        return float(at["x"]), float(at["y"])
    except (KeyError, ValueError):
        return None
