"""A file's item definitions as FEEL types, and values made to fit a typed place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from engine.feel import FeelSyntaxError, UnaryTests, compile_unary
from engine.feel.errors import Fault
from engine.feel.runtime import Run
from engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.types import ANY, BUILT_IN, ContextType, FunctionType, ListType, Simple, Type, Types, fit
from engine.feel.values import Value, entry

from .values import ItemDefinition

_TEXTS: Mapping[str, Callable[[str], Value]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "days and time duration": parse_duration,
    "years and months duration": parse_duration,
}


@dataclass(frozen=True, slots=True)
class Constrained:
    """A type with allowed values. `instance of` looks at the base only, as the standard has it."""

    base: Type
    allowed: UnaryTests = field(compare=False)

    def conforms(self, value: Value) -> bool:
        """The contract of `feel.types.Type`."""
        return self.base.conforms(value)


class Reference:
    """A type that is being defined: found when it is used, so that types may hold themselves."""

    def __init__(self, catalogue: Catalogue, name: str) -> None:
        self.catalogue = catalogue
        self.name = name

    def target(self) -> Type:
        """The type meant."""
        return self.catalogue.find(self.name) or ANY

    def conforms(self, value: Value) -> bool:
        """The contract of `feel.types.Type`."""
        return self.target().conforms(value)


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
            return Reference(self, name)
        self.building.add(name)
        self.built[name] = self._build(item)
        self.building.discard(name)
        return self.built[name]

    def _build(self, item: ItemDefinition) -> Type:
        of: Type
        if item.function is not None:
            parameters, result = item.function
            of = FunctionType(tuple(self.named(p) or ANY for p in parameters), self.named(result) or ANY)
        elif item.components:
            of = ContextType(tuple((c.name, self._build(c)) for c in item.components))
        else:
            of = self.named(item.base) or ANY
        if item.collection:
            # the constraint of a collection speaks of its elements
            return ListType(self._constrained(of, item))
        return self._constrained(of, item)

    def _constrained(self, of: Type, item: ItemDefinition) -> Type:
        if not item.allowed:
            return of
        try:
            return Constrained(of, compile_unary(item.allowed, self.names))
        except FeelSyntaxError as error:
            self.problems.append((item, error))
            return of


def admit(value: Value, of: Type | None, run: Run, texts: bool = False) -> tuple[bool, Value]:
    """A value for a typed place, and whether it fits (else null).

    The standard's conversions apply; with `texts`, ISO 8601 text becomes a date, time or duration where the type asks
    for one (JSON has no other way to say it), and entries a context type names may be missing: forms leave out what
    nobody filled in.
    """
    if of is None or value is None:
        return True, value
    if isinstance(of, Reference):
        of = of.target()
    if isinstance(of, Constrained):
        ok, fitted = admit(value, of.base, run, texts)
        return (True, fitted) if ok and _allows(of, fitted, run) else (False, None)
    if isinstance(of, ListType):
        return _admit_list(value, of, run, texts)
    if isinstance(of, ContextType) and isinstance(value, dict):
        return _admit_context(value, of, run, texts)
    if texts and isinstance(value, str) and isinstance(of, Simple) and of.name in _TEXTS:
        return _from_text(value, of)
    if isinstance(value, list) and len(value) == 1 and not of.conforms(value):
        return admit(value[0], of, run, texts)
    return fit(value, of)


def _allows(of: Constrained, value: Value, run: Run) -> bool:
    # the list of a constrained collection holds its elements to the constraint, null is always allowed
    return value is None or of.allowed.within(run, value, {}) is True


def _admit_list(value: Value, of: ListType, run: Run, texts: bool) -> tuple[bool, Value]:
    items = value if isinstance(value, list) else [value]
    run.spend(len(items))
    fitted = [admit(item, of.item, run, texts) for item in items]
    return (True, [v for _, v in fitted]) if all(ok for ok, _ in fitted) else (False, None)


def _admit_context(value: dict[str, Value], of: ContextType, run: Run, texts: bool) -> tuple[bool, Value]:
    fitted = dict(value)
    for name, kind in of.fields:
        if name in value:
            ok, fitted[name] = admit(entry(value, name), kind, run, texts)
            if not ok:
                return False, None
        elif not texts:
            return False, None
    return True, fitted


def _from_text(text: str, of: Simple) -> tuple[bool, Value]:
    try:
        value = _TEXTS[of.name](text)
    except Fault:
        return False, None
    return fit(value, of)
