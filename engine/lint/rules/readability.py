"""Drawings that are hard to read: shapes on shapes, nodes outside their lane, flows that run back or through others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from engine.lint.drawing import Box, Drawing, read_drawing
from engine.lint.finding import Finding, Subject, at
from engine.model import Flow, Node, Process

RULE = "readability"
BACK = 40.0
"""A flow that runs left by more than this runs back."""


def check(subject: Subject) -> Iterable[Finding]:
    for process in subject.bundle.processes.values():
        content = subject.bundle.files.get(process.file or "")
        drawing = read_drawing(content) if content is not None else Drawing()
        if drawing.shapes:
            yield from _overlaps(process, drawing)
            yield from _lanes(process, drawing)
            yield from _flows(process, drawing)


def _nodes(process: Process, drawing: Drawing) -> list[tuple[Node, Box]]:
    return [(node, drawing.shapes[key]) for key, node in process.nodes.items() if key in drawing.shapes]


def _around(process: Process, node: Node) -> set[str]:
    """The sub-processes a node stands in, and the activity it is attached to."""
    found = {node.attached_to or ""}
    scope = node.scope
    while scope in process.nodes and scope not in found:
        found.add(scope)
        scope = process.nodes[scope].scope
    return found


def _overlaps(process: Process, drawing: Drawing) -> Iterator[Finding]:
    placed = sorted(_nodes(process, drawing), key=lambda pair: pair[1].x)
    for index, (node, box) in enumerate(placed):
        for other, there in placed[index + 1 :]:
            if there.x >= box.right:
                break
            apart = drawing.planes.get(node.id) != drawing.planes.get(other.id)
            related = other.id in _around(process, node) or node.id in _around(process, other)
            if apart or related or not box.overlaps(there):
                continue
            yield at(
                process,
                other,
                RULE,
                "warning",
                f"与“{node.name or node.id}”重叠",
                "移开其中一个，图形之间留出一格",
                f"overlaps “{node.name or node.id}”",
                "move one of them away",
            )


def _lanes(process: Process, drawing: Drawing) -> Iterator[Finding]:
    for node, box in _nodes(process, drawing):
        if node.lane is None or node.attached_to or node.scope != process.id:
            continue
        lane = drawing.shapes.get(node.lane.id)
        same = drawing.planes.get(node.id) == drawing.planes.get(node.lane.id)
        if lane is None or not same or lane.holds(*box.centre):
            continue
        name = node.lane.name or node.lane.id
        yield at(
            process,
            node,
            RULE,
            "warning",
            f"画在泳道“{name}”之外，看图的人会以为由别处办理",
            "移进它的泳道，或改到所在的泳道",
            f"stands outside its lane “{name}”",
            "move it into its lane, or make it a member of the lane it stands in",
        )


def _flows(process: Process, drawing: Drawing) -> Iterator[Finding]:
    nodes = _nodes(process, drawing)
    for flow in process.flows.values():
        line = drawing.flows.get(flow.id, ())
        source = process.nodes.get(flow.source)
        if len(line) < 2 or source is None:
            continue
        if line[-1][0] < line[0][0] - BACK:
            yield at(
                process,
                source,
                RULE,
                "info",
                f"连线 {flow.name or flow.id} 往回画",
                "从左到右画；要退回前面的环节，用链接事件或退回操作",
                f"the flow {flow.name or flow.id} runs back to the left",
                "draw from left to right; go back by a link event",
            )
        through = next((n for n, box in nodes if _crosses(process, flow, line, n, box)), None)
        if through is not None:
            yield at(
                process,
                source,
                RULE,
                "warning",
                f"连线 {flow.name or flow.id} 从“{through.name or through.id}”身上穿过",
                "让连线绕开图形",
                f"the flow {flow.name or flow.id} runs through “{through.name or through.id}”",
                "lead the flow around the shape",
            )


def _crosses(
    process: Process, flow: Flow, line: tuple[tuple[float, float], ...], node: Node, box: Box
) -> bool:
    ends = {flow.source, flow.target}
    if node.id in ends or node.attached_to in ends:
        return False
    if any(key in process.nodes and node.id in _around(process, process.nodes[key]) for key in ends):
        return False
    return any(_hits(a, b, box) for a, b in pairwise(line))


def _hits(a: tuple[float, float], b: tuple[float, float], box: Box, slack: float = 3.0) -> bool:
    """Does a straight piece run through the inside of a box? Exact for level and upright pieces, else by points along it."""
    steps = max(2, int(max(abs(a[0] - b[0]), abs(a[1] - b[1])) // 5))
    inner = Box(box.x + slack, box.y + slack, box.width - 2 * slack, box.height - 2 * slack)
    return any(
        inner.holds(a[0] + (b[0] - a[0]) * n / steps, a[1] + (b[1] - a[1]) * n / steps)
        for n in range(steps + 1)
    )
