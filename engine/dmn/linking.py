"""A file and the models it imports: which elements, names and types it has in view, and where each of them is at home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from engine.errors import ModelRefused, Refusal

from . import values as v
from .imports import MARK, Library, prefixed, split
from .reader import read
from .types import Catalogue


class Linked:
    """The definitions of a file with those it imports. Raises `ModelRefused` for references that lead nowhere."""

    imports: dict[str, Self]

    def __init__(
        self: Self, definitions: v.Definitions, library: Library, trail: tuple[str, ...] = ()
    ) -> None:
        self.definitions = definitions
        self.elements = frozenset(
            {*definitions.inputs, *definitions.decisions, *definitions.knowledge, *definitions.services}
        )
        self.trail = trail
        self.imports = self._imported(library)
        called = (one.name for one in definitions.imports if one.name)
        names = definitions.names.union(called, *(sub.names for sub in self.imports.values()))
        self.names: frozenset[str] = names
        brought = [
            item
            for one in reversed(definitions.imports)
            if one.key in self.imports
            for item in prefixed(one.name, self.imports[one.key].catalogue.items)
        ]
        # of types of one name, the file's own counts, then the one imported first
        self.catalogue: Catalogue = Catalogue([*brought, *definitions.types], names)
        if missing := self._missing():
            raise ModelRefused(missing)

    def _imported(self, library: Library) -> dict[str, Self]:
        # without a name, a model that leads back brings in nothing new
        wanted = (one for one in self.definitions.imports if one.name or not self._above(one))
        return {one.key: self._import(one, library) for one in wanted}

    def _import(self, one: v.Import, library: Library) -> Self:
        data = library.get(one.namespace)
        if data is None or self._above(one):
            words = ("找不到引用的模型", "把该 DMN 文件放进同一个流程包", "the imported model is not there")
            if data is not None:
                words = ("几个模型互相引用", "去掉循环的引用", "models import each other")
            raise ModelRefused(
                [
                    Refusal(
                        one.id, f"{words[0]} {one.namespace}", words[1], one.name, one.line, rule="dmn_import",
                        message_en=f"{words[2]}: {one.namespace}",
                    )
                ]
            )  # fmt: skip
        above = self.trail or (self.definitions.namespace,)
        return type(self)(read(data), library, (*above, one.namespace))

    def _above(self, one: v.Import) -> bool:
        """Does an import lead back to this model, or to one that imports it?"""
        return one.namespace in (*self.trail, self.definitions.namespace)

    def family(self) -> Iterator[Self]:
        """This model and those whose elements it takes in by imports without a name, the nearest first."""
        yield self
        for one in self.definitions.imports:
            if not one.name and one.key in self.imports:
                yield from self.imports[one.key].family()

    def home(self, reference: str) -> tuple[Self, str | None, str]:
        """The model an element is in, the import's name (None: this model, empty: an import without name) and its id."""
        key, element = split(reference)
        if (key is None and element in self.elements) or (key is not None and key not in self.imports):
            return self, None, element
        start = self if key is None else self.imports[key]
        home = next((model for model in start.family() if element in model.elements), start)
        named = next((one.name for one in self.definitions.imports if one.key == key), "")
        return home, None if home is self else named, element

    def _missing(self) -> list[Refusal]:
        """References into imported models that have no such element."""
        own = self.definitions
        wanted = {
            **{d.id: d.information + d.knowledge for d in own.decisions.values()},
            **{k.id: k.knowledge for k in own.knowledge.values()},
            **{
                s.id: s.outputs + s.encapsulated + s.input_decisions + s.input_data
                for s in own.services.values()
            },
        }
        found = []
        for source, references in wanted.items():
            for home, name, element in map(self.home, references):
                if element not in home.elements:
                    message = f"引用的模型“{name or ''}”里没有 {element}"
                    english = f"{element} is not in the imported model {name or ''}"
                    found.append(
                        Refusal(
                            source, message, "改正引用或补上该元素", rule="dmn_import", message_en=english
                        )
                    )
        return found

    def key(self, decision: str) -> str:
        """A decision's place in a session, apart from those of other models."""
        return MARK.join((*self.trail, decision))
