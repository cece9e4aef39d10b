"""A file's item definitions as FEEL types."""

from __future__ import annotations

from collections.abc import Iterable

from engine.feel import FeelSyntaxError, compile_unary
from engine.feel.types import (
    ANY,
    BUILT_IN,
    UNKNOWN,
    Constrained,
    ContextType,
    FunctionType,
    ListType,
    Named,
    Type,
    Types,
)

from .values import ItemDefinition


class Catalogue:
    """The types of one file by name."""

    def __init__(self, items: Iterable[ItemDefinition], names: frozenset[str]) -> None:
        self.items = {item.name: item for item in items}
        self.names = names
        self.built: dict[str, Type] = {}
        self.building: set[str] = set()
        self.problems: list[tuple[ItemDefinition, FeelSyntaxError]] = []
        self.types = Types(self.find)

    def named(self, name: str | None) -> Type | None:
        """A type by the name an attribute gives, None for none and for one nobody defines."""
        if not name:
            return None
        return BUILT_IN.get(name) or self.find(name)

    def find(self, name: str) -> Type | None:
        """A type the file defines."""
        if name in self.built:
            return self.built[name]
        item = self.items.get(name)
        if item is None:
            return None
        if name in self.building:
            return Named(name, self.find)
        self.building.add(name)
        self.built[name] = self._build(item)
        self.building.discard(name)
        return self.built[name]

    def _build(self, item: ItemDefinition) -> Type:
        of: Type
        if item.function is not None:
            parameters, result = item.function
            # what a function type leaves unsaid is not held against a function
            of = FunctionType(
                tuple(self.named(p) or UNKNOWN for p in parameters), self.named(result) or UNKNOWN
            )
        elif item.components:
            of = ContextType(tuple((c.name, self._build(c)) for c in item.components))
        else:
            of = self.named(item.base) or ANY
        of = self._constrained(of, item, item.allowed)
        if item.collection:
            # allowed values speak of the elements, a type constraint of the list
            of = ListType(of)
        return self._constrained(of, item, item.constraint)

    def _constrained(self, of: Type, item: ItemDefinition, text: str | None) -> Type:
        """A type with the values a text allows. Those of a type that has a base take the place of the base's own."""
        if not text:
            return of
        try:
            return Constrained(
                of.base if isinstance(of, Constrained) else of, compile_unary(text, self.names)
            )
        except FeelSyntaxError as error:
            self.problems.append((item, error))
            return of
