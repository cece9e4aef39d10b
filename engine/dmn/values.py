"""What a DMN file says, as frozen values: made by `reader`, turned into closures by `boxes` and `table`.

Element ids are the ids of the file; an element without id gets `type@line`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class HitPolicy(StrEnum):
    """Which of the rules that hold give the result."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    FIRST = "FIRST"
    PRIORITY = "PRIORITY"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"

    @property
    def several(self) -> bool:
        """Does the policy give a list?"""
        return self in (HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER, HitPolicy.COLLECT)


class Aggregation(StrEnum):
    """What COLLECT makes of the collected values."""

    SUM = "SUM"
    COUNT = "COUNT"
    MIN = "MIN"
    MAX = "MAX"


@dataclass(frozen=True, slots=True)
class Box:
    """A boxed expression. `type` is a type name or None."""

    id: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Literal(Box):
    """FEEL text."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One entry; without name it is the context's result."""

    id: str
    name: str | None
    type: str | None
    value: Box


@dataclass(frozen=True, slots=True)
class BoxedContext(Box):
    """Entries, each seeing the ones before."""

    entries: tuple[ContextEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class BoxedList(Box):
    """A list of expressions."""

    items: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation(Box):
    """A list of contexts with the same names."""

    columns: tuple[tuple[str, str | None], ...] = ()
    """Names with type names."""
    rows: tuple[tuple[Box, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Invocation(Box):
    """A call with named arguments."""

    function: Box | None = None
    bindings: tuple[tuple[str, str | None, Box], ...] = ()
    """Parameter names with type names and the arguments."""


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Box):
    """A function; parameters are names with type names."""

    parameters: tuple[tuple[str, str | None], ...] = ()
    body: Box | None = None


@dataclass(frozen=True, slots=True)
class Conditional(Box):
    """`if`, boxed."""

    condition: Box | None = None
    then: Box | None = None
    otherwise: Box | None = None


@dataclass(frozen=True, slots=True)
class BoxedFilter(Box):
    """A filter, boxed."""

    source: Box | None = None
    match: Box | None = None


@dataclass(frozen=True, slots=True)
class Iterator(Box):
    """`for`, `some` or `every` (`kind`), boxed."""

    kind: str = "for"
    variable: str = "item"
    source: Box | None = None
    body: Box | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """An input column: an expression, its type and the allowed values as unary tests. `label`: its heading, if it has one."""

    id: str
    expression: Literal
    allowed: str | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """An output column. `label`: its heading, if it has one."""

    id: str
    name: str | None
    type: str | None
    allowed: str | None
    default: Literal | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: a unary test per input, an expression per output. `note`: what the designer wrote beside it."""

    id: str
    tests: tuple[Literal, ...]
    results: tuple[Literal, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table(Box):
    """A decision table."""

    policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregation | None = None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class InputData:
    """A value the caller gives."""

    id: str
    name: str
    type: str | None
    title: str = ""


@dataclass(frozen=True, slots=True)
class DecisionNode:
    """A decision with what it requires: ids of input data, decisions, knowledge models and services."""

    id: str
    name: str
    type: str | None
    logic: Box | None
    information: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    title: str = ""
    """The element's own name, where its variable is called otherwise (it should not be)."""


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A function that decisions may call."""

    id: str
    name: str
    type: str | None
    logic: FunctionDefinition | None
    knowledge: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """Decisions offered as one function: ids of its outputs, its own decisions and its inputs."""

    id: str
    name: str
    type: str | None
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type of the file. `allowed` speaks of each element of a collection, `constraint` of the whole; `function` holds parameter types
    and result type of a function type.
    """

    id: str
    name: str
    base: str | None
    components: tuple[ItemDefinition, ...]
    collection: bool
    allowed: str | None
    constraint: str | None = None
    function: tuple[tuple[str | None, ...], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """Another model, whose elements are seen under `name` (empty: among the file's own)."""

    id: str
    name: str
    namespace: str
    line: int | None = None

    @property
    def key(self) -> str:
        """Tells imports apart: several may have no name."""
        return self.name or f"\x1e{self.namespace}"


@dataclass(frozen=True, slots=True)
class Definitions:
    """A whole file. The mappings go by id."""

    id: str
    name: str
    inputs: Mapping[str, InputData] = field(default_factory=dict)
    decisions: Mapping[str, DecisionNode] = field(default_factory=dict)
    knowledge: Mapping[str, KnowledgeModel] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    types: tuple[ItemDefinition, ...] = ()
    names: frozenset[str] = frozenset()
    """Every name the file declares, for the parser of its expressions."""
    imports: tuple[Import, ...] = ()
    namespace: str = ""
