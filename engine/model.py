"""What a BPMN file says, as frozen values. Made by `engine.reader`, used by runner, lint, routing and the web.

Element ids are the ids of the file; an element without id gets `type@line`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Tier(StrEnum):
    """Depth of an area in the tree: a tier is a depth, an area is a path such as `120115/120115100/120115100201`."""

    GRID = "grid"
    VILLAGE = "village"
    TOWN = "town"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane with its routing. `tier` and `post` come from its `zeebe:properties`."""

    id: str
    name: str
    properties: Mapping[str, str] = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One event definition. `kind`: message signal timer error escalation conditional compensation link terminate cancel.

    `name` is the message or signal name, the link name; `code` the error or escalation code (None: catch-all).
    `timer` is `date`, `duration` or `cycle`; `expression` the timer's, condition's or correlation-key text.
    """

    kind: str
    name: str | None = None
    code: str | None = None
    timer: str | None = None
    expression: str | None = None
    correlation: str | None = None
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class DataMove:
    """What a data association carries into the variable `target`: another variable's value, or an expression's."""

    target: str
    source: str | None = None
    expression: str | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """Multi-instance or standard loop. Expressions are texts as in the file.

    `collection_data` and `output_data` are names of variables where the standard's own data references are used.
    """

    sequential: bool
    collection: str | None = None
    collection_data: str | None = None
    element: str | None = None
    cardinality: str | None = None
    output: str | None = None
    output_element: str | None = None
    output_data: str | None = None
    completion: str | None = None
    standard: bool = False
    condition: str | None = None
    maximum: int | None = None
    test_before: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    name: str | None = None
    condition: str | None = None
    default: bool = False
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Talker:
    """An end of a message flow. `type`: its BPMN local name (None: there is no such element); `process`: whose it is; `kinds` of its events."""

    id: str
    type: str | None = None
    process: str | None = None
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MessageFlow:
    id: str
    source: Talker
    target: Talker
    name: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One flow node. `type` is the BPMN local name (`userTask`, `boundaryEvent`, `exclusiveGateway`, …).

    `scope` is the id of the (sub-)process that holds it. `properties` are the `zeebe:properties`
    (`tier`, `post`, `area`, `term`, `clockStart`, `clockEnd`, `pauses`, `stage`, `together`, `recuse`, …). On a boundary timer
    `term` says that the limit it asks for is shown, as one of the activity it guards (decision 0014).
    """

    id: str
    type: str
    scope: str
    name: str | None = None
    line: int | None = None
    documentation: str | None = None
    lane: Lane | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    loop: Loop | None = None
    # events
    attached_to: str | None = None
    interrupting: bool = True
    parallel_multiple: bool = False
    instantiate: bool = False
    # activities
    form: str | None = None
    assignee: str | None = None
    candidate_groups: str | None = None
    due_date: str | None = None
    follow_up_date: str | None = None
    priority: str | None = None
    job_type: str | None = None
    retries: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    script: str | None = None
    result_variable: str | None = None
    called_element: str | None = None
    propagate_all: bool = True
    inherit_all: bool = True
    called_decision: str | None = None
    binding: str = "latest"
    bound_tag: str | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    data_in: tuple[DataMove, ...] = ()
    data_out: tuple[DataMove, ...] = ()
    # sub-processes
    declares: tuple[str, ...] = ()
    """Variables of the data objects drawn directly inside: they live and die with the scope."""
    completion: str | None = None
    active_elements: str | None = None
    sequential: bool = False
    cancel_remaining: bool = True
    triggered_by_event: bool = False
    for_compensation: bool = False
    ignored: tuple[str, ...] = ()
    """Extension attributes and elements that were read but mean nothing to the engine (the linter names them)."""


@dataclass(frozen=True, slots=True)
class Process:
    """One `<process>` with everything inside it, nested scopes included."""

    id: str
    name: str | None
    executable: bool
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...] = ()
    version_tag: str | None = None
    documentation: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    associations: tuple[tuple[str, str], ...] = ()
    message_flows: tuple[MessageFlow, ...] = ()
    """Those that begin or end in this process or at its pool."""
    ignored: tuple[str, ...] = ()
    """Elements of other vocabularies that stand among the nodes (the linter names them)."""
    vendors: Mapping[str, int] = field(default_factory=dict)
    """Extensions of other tools that mean nothing to any engine, with how often they occur (`signavio:signavioMetaData`)."""
    assumed: tuple[str, ...] = ()
    """Elements whose expressions are read as FEEL although the file declares another language (`declared_language`) for all."""
    declared_language: str | None = None
    file: str | None = None
    line: int | None = None

    def in_scope(self, scope: str) -> Iterator[Node]:
        """The nodes directly inside a scope (the process id itself or a sub-process id)."""
        return (node for node in self.nodes.values() if node.scope == scope)

    def compensators(self, boundary: str) -> list[str]:
        """The nodes an association joins to a compensation boundary event; notes are none. Drawn backwards, a handler is one still."""
        ahead = [b for a, b in self.associations if a == boundary and b in self.nodes]
        back = [a for a, b in self.associations if b == boundary and a in self.nodes]
        return ahead + [node for node in back if self.nodes[node].for_compensation]

    def outgoing(self, node: str) -> list[Flow]:
        return [flow for flow in self.flows.values() if flow.source == node]

    def incoming(self, node: str) -> list[Flow]:
        return [flow for flow in self.flows.values() if flow.target == node]
