"""The syntax tree of an expression: frozen nodes, each knowing where it stands in the text."""

from __future__ import annotations

from dataclasses import dataclass

from .values import Value


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression. `start` and `end` are character offsets."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, string, boolean, null or `@"…"` value known when compiling."""

    value: Value


@dataclass(frozen=True, slots=True)
class Faulty(Node):
    """A literal that is well formed and means nothing, such as `@"2026-02-30"`: null and a warning."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """`-x`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic, comparison, `and`, `or`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`x between a and b`."""

    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Test(Node):
    """One positive unary test. `uses_input`: it mentions `?`, so its own truth counts. `operator`: ``, `=` or `!=`."""

    expression: Node
    uses_input: bool
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Unary tests, one of which must hold; `negated` for `not(…)`; no tests at all is `-` (always true)."""

    tests: tuple[Test, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class In(Node):
    """`x in tests`."""

    operand: Node
    tests: Tests


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    """`[a..b]` in all bracket forms, and `< a` (a bound is None where there is none); `sign` of `= a` and `!= a`."""

    low: Node | None
    high: Node | None
    low_included: bool
    high_included: bool
    sign: str = ""


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    """`{a: 1, b: a + 1}`."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`base.name`."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Descendants(Node):
    """`base...name`: every entry of that name at any depth."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`base[condition]` or `base[index]`."""

    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(a, b)`; `named` holds parameter names and is empty for positional arguments."""

    function: Node
    arguments: tuple[Node, ...]
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if c then a else b`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """`name in domain`, or `name in domain .. until`."""

    name: str
    domain: Node
    until: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for … return body`."""

    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some … satisfies body` and `every … satisfies body`."""

    every: bool
    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A type as written: `number`, `list<string>`, `context<a: number>`, `function<number> -> string`, or a model's."""

    name: str
    arguments: tuple[TypeName, ...] = ()
    fields: tuple[tuple[str, TypeName], ...] = ()
    result: TypeName | None = None


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`x instance of type`."""

    operand: Node
    type: TypeName


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    """`function(a, b: number) body`; `external` functions are refused when they are called."""

    parameters: tuple[tuple[str, TypeName | None], ...]
    body: Node
    external: bool = False
