"""FEEL's types: does a value conform, does one type conform to another. Making values fit is in `fitting`.

A model's own types (item definitions) take part through `Types`, which finds a type by its written name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .ast import TypeName
from .values import Function, Range, Value, entry, kind_of


class Type(Protocol):
    """Something a value may conform to. Null conforms to every type but counts as an instance of `Null` only."""

    def conforms(self, value: Value) -> bool:
        """Is this value, which is not null, of the type?"""


@dataclass(frozen=True, slots=True)
class Simple:
    """A built-in type by the name `kind_of` gives; `Any` holds everything."""

    name: str

    def conforms(self, value: Value) -> bool:
        """The contract of `Type`."""
        return self.name in ("Any", "?") or kind_of(value) == self.name


@dataclass(frozen=True, slots=True)
class ListType:
    """`list<item>`."""

    item: Type

    def conforms(self, value: Value) -> bool:
        """The contract of `Type`."""
        return isinstance(value, list) and all(v is None or self.item.conforms(v) for v in value)


@dataclass(frozen=True, slots=True)
class RangeType:
    """`range<of>`."""

    of: Type

    def conforms(self, value: Value) -> bool:
        """The contract of `Type`."""
        return isinstance(value, Range) and all(
            v is None or self.of.conforms(v) for v in (value.low, value.high)
        )


@dataclass(frozen=True, slots=True)
class ContextType:
    """`context<a: T, …>`: the value has at least these entries."""

    fields: tuple[tuple[str, Type], ...]

    def conforms(self, value: Value) -> bool:
        """The contract of `Type`."""
        return isinstance(value, dict) and all(
            name in value and ((read := entry(value, name)) is None or of.conforms(read))
            for name, of in self.fields
        )


@dataclass(frozen=True, slots=True)
class FunctionType:
    """`function<…> -> result`: as many parameters; types are compared where the function declares them."""

    parameters: tuple[Type, ...]
    result: Type

    def conforms(self, value: Value) -> bool:
        """The contract of `Type`."""
        if not isinstance(value, Function) or len(value.parameters) != len(self.parameters):
            return False
        declared = value.types or (None,) * len(self.parameters)
        result = value.result or value.gives
        return all(d is None or accepts(d, p) for d, p in zip(declared, self.parameters, strict=True)) and (
            result is None or accepts(self.result, result)
        )


class Tests(Protocol):
    """Unary tests, as far as a type needs them."""

    def within(self, run: Any, value: object, context: Mapping[str, Any]) -> bool | None:
        """Does the value pass?"""


@dataclass(frozen=True, slots=True)
class Constrained:
    """A type with allowed values. `instance of` and conformance look at the base only, as the standard has it."""

    base: Type
    allowed: Tests = field(compare=False)

    def conforms(self, value: Value) -> bool:
        """The contract of `Type`."""
        return self.base.conforms(value)


@dataclass(frozen=True, slots=True)
class Named:
    """A type that is being defined: found when it is used, so that types may hold themselves."""

    name: str
    find: Callable[[str], Type | None] = field(compare=False)

    def target(self) -> Type:
        """The type meant."""
        return self.find(self.name) or ANY

    def conforms(self, value: Value) -> bool:
        """The contract of `Type`."""
        return self.target().conforms(value)


def bare(of: Type) -> Type:
    """A type without its allowed values."""
    while isinstance(of, (Constrained, Named)):
        of = of.base if isinstance(of, Constrained) else of.target()
    return of


def accepts(wide: Type, narrow: Type) -> bool:
    """Does every value of `narrow` conform to `wide`? (By structure, without allowed values.)"""
    wide, narrow = bare(wide), bare(narrow)
    if wide in (ANY, UNKNOWN, narrow) or narrow == UNKNOWN:
        return True
    if isinstance(wide, ListType) and isinstance(narrow, ListType):
        return accepts(wide.item, narrow.item)
    if isinstance(wide, RangeType) and isinstance(narrow, RangeType):
        return accepts(wide.of, narrow.of)
    if isinstance(wide, ContextType) and isinstance(narrow, ContextType):
        has = dict(narrow.fields)
        return all(n in has and accepts(t, has[n]) for n, t in wide.fields)
    if isinstance(wide, FunctionType) and isinstance(narrow, FunctionType):
        return (
            len(wide.parameters) == len(narrow.parameters)
            and all(accepts(n, w) for w, n in zip(wide.parameters, narrow.parameters, strict=True))
            and accepts(wide.result, narrow.result)
        )
    return narrow == Simple("Null")


ANY = Simple("Any")
UNKNOWN = Simple("?")
"""Nobody has said what it is: it is never held against anyone."""
BUILT_IN: Mapping[str, Type] = {
    **{
        name: Simple(name)
        for name in (
            "Any", "Null", "number", "string", "boolean", "date", "time", "date and time",
            "days and time duration", "years and months duration", "list", "context", "range", "function",
        )
    },
    "day and time duration": Simple("days and time duration"),
    "year and month duration": Simple("years and months duration"),
    "dateTime": Simple("date and time"),
    "dayTimeDuration": Simple("days and time duration"),
    "yearMonthDuration": Simple("years and months duration"),
    "days and time duration ": Simple("days and time duration"),
}  # fmt: skip


class Types:
    """Finds types by name: the built-in ones and a model's."""

    def __init__(self, find: Callable[[str], Type | None] = lambda _: None) -> None:
        self._find = find

    def named(self, name: str) -> Type | None:
        """A type by its name alone."""
        return BUILT_IN.get(name) or self._find(name)

    def of(self, written: TypeName) -> Type | None:
        """A type as written, None if a name in it is unknown."""
        if written.name == "context" and written.fields:
            fields = [(name, self.of(of)) for name, of in written.fields]
            known = tuple((name, of) for name, of in fields if of is not None)
            return ContextType(known) if len(known) == len(fields) else None
        inner = self._all(written.arguments)
        if inner is None:
            return None
        if written.name == "function" and written.result is not None:
            result = self.of(written.result)
            return None if result is None else FunctionType(tuple(inner), result)
        if inner and written.name == "list":
            return ListType(inner[0])
        if inner and written.name == "range":
            return RangeType(inner[0])
        return self.named(written.name)

    def _all(self, written: Sequence[TypeName]) -> list[Type] | None:
        found = [self.of(w) for w in written]
        known = [t for t in found if t is not None]
        return known if len(known) == len(found) else None


NO_TYPES = Types()


def is_instance(value: Value, of: Type) -> bool:
    """`value instance of type`: null is an instance of `Null` alone."""
    if value is None:
        return of == Simple("Null")
    return of.conforms(value)
