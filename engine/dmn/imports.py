"""Models that other models import: found by namespace among the files beside them, seen under the import's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lxml import etree

from engine.errors import XunzhenError
from engine.xml import parse

from . import values as v

MARK = "\x1f"
"""Between the import's name and the id of an imported element."""


def qualified(name: str, element: str) -> str:
    return f"{name}{MARK}{element}"


def split(reference: str) -> tuple[str | None, str]:
    """The import's name (None: the file's own) and the id."""
    name, mark, element = reference.partition(MARK)
    return (name, element) if mark else (None, reference)


class Library:
    """DMN files by the namespace of their models."""

    def __init__(self, files: Iterable[bytes]) -> None:
        self._files = list(files)
        self._found: dict[str, bytes] | None = None

    def get(self, namespace: str) -> bytes | None:
        if self._found is None:
            self._found = {}
            for data in self._files:
                self._found.setdefault(_namespace(data), data)
        return self._found.get(namespace)


def _namespace(data: bytes) -> str:
    try:
        root: etree._Element = parse(data)
    except XunzhenError:
        return ""
    return root.get("namespace") or ""


def prefixed(name: str, items: Mapping[str, v.ItemDefinition]) -> list[v.ItemDefinition]:
    """The types of an imported model under the import's name."""

    def called(of: str | None) -> str | None:
        return f"{name}.{of}" if name and of in items else of

    def made(item: v.ItemDefinition, *, top: bool) -> v.ItemDefinition:
        function = item.function
        return replace(
            item,
            name=f"{name}.{item.name}" if top and name else item.name,
            base=called(item.base),
            components=tuple(made(part, top=False) for part in item.components),
            function=(tuple(map(called, function[0])), called(function[1])) if function else None,
        )

    return [made(item, top=True) for item in items.values()]
