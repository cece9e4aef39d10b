"""敏感信息 (policy.md D.4, class K3): which answers of a case they are, and how they are masked.

A form says it of its fields: property `sensitive` with one of `KINDS`; `minor` marks a table of people, of whom those under
fourteen are masked row by row. A field is sensitive where the version in force or the one a case is pinned to says so, so what is
classed today holds for the cases of earlier drawings too. A form with property `decides` makes who completes it a decider.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

import orjson

from casework import members
from engine import definitions
from engine.bundle import Bundle
from engine.db import Tx
from engine.definitions import Pinned

Place = tuple[str, ...]
"""(section, field) or (section, table, column)."""
MINOR, ACCOUNT = "minor", "account"
KINDS = {
    "health": "疾病、残疾、精神和自理状况",
    "hardship": "困难原因和对困难的叙述",  # illness, violence and crime are told there
    "rescue": "救助站求助和护送",
    "whereabouts": "行踪",
    "check": "经济状况核对结果",
    ACCOUNT: "银行账户",
    MINOR: "未满十四周岁人员的全部信息",
}
HIDDEN = "（已隐藏）"
YOUNG = frozenset({"son", "daughter", "grandchild"})
"""Of the code list `relation`: who may be a child where no age is known."""
WRITTEN: Mapping[Place, str] = {("payment", "rows", "account"): ACCOUNT}
"""What no form writes."""
_NAMED = re.compile(r"(?:(\w+)\.)?(\w+)")


@dataclass(frozen=True)
class Marks:
    """Which fields are sensitive, and by which forms a case is decided."""

    places: Mapping[Place, str]
    decides: frozenset[str]

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of sensitive fields, wherever they stand: rules quote them by name."""
        return frozenset(place[-1] for place, kind in self.places.items() if kind != MINOR)


def marks(tx: Tx, pinned: Pinned, now: datetime) -> Marks:
    """As the case's own version and the one in force today class the fields."""
    today = definitions.in_force(tx, now)
    bundles = [*pinned.bundles.values()]
    for key, bundle in pinned.bundles.items():
        found = today.get(key)
        if found is not None and found.digest != bundle.digest:
            bundles.append(definitions.bundle_of_deployment(tx, found))
    places: dict[Place, str] = {**WRITTEN}
    decides: set[str] = set()
    for bundle in bundles:
        known = of_bundle(bundle)
        places.update(known.places)
        decides |= known.decides
    return Marks(places, frozenset(decides))


_KNOWN: dict[str, Marks] = {}


def of_bundle(bundle: Bundle) -> Marks:
    """What the forms of a bundle say; read once for each content."""
    if bundle.digest not in _KNOWN:
        places: dict[Place, str] = {}
        decides = set()
        for key, raw in bundle.forms.items():
            form = orjson.loads(raw)
            said = form.get("properties") or {}
            places.update(of_form(form))
            if said.get("decides") in (True, "true"):
                decides.add(key)
        _KNOWN[bundle.digest] = Marks(places, frozenset(decides))
    return _KNOWN[bundle.digest]


def of_form(form: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """The sensitive fields of a form's JSON and their kinds."""
    yield from _marked(form, (str((form.get("properties") or {}).get("section") or ""),))


def _marked(node: Mapping[str, Any], at: Place) -> Iterator[tuple[Place, str]]:
    for one in node.get("components") or ():
        name = one.get("key") or one.get("path") if one.get("type") != "group" else None
        here = (*at, str(name)) if name else at
        kind = (one.get("properties") or {}).get("sensitive") if name else None
        if kind:
            yield here, str(kind)
        yield from _marked(one, here)


@dataclass
class Veil:
    """What lies over the sensitive answers while a case is shown. `found`: there were some; `lifted`: they are shown."""

    marks: Marks
    lifted: bool
    today: date
    found: bool = field(default=False)

    def hides(self, *place: str) -> bool:
        """Is this answer to be masked? One that is there to be seen is noted."""
        kind = self.marks.places.get(place)
        if kind is None or kind == MINOR:
            return False
        self.found = True
        return not self.lifted

    def hides_names(self, expressions: Iterable[str]) -> bool:
        """Do these expressions of a rule ask for answers that are to be masked? They name them with their section or without."""
        asked = [found for text in expressions for found in _NAMED.findall(text)]
        known = self.marks
        if not any((s, name) in known.places if s else name in known.names for s, name in asked):
            return False
        self.found = True
        return not self.lifted

    def child(self, section: str, table: str, row: Mapping[str, Any]) -> bool:
        """Is this row of a table of people a child's, and to be masked?"""
        if self.marks.places.get((section, table)) != MINOR:
            return False
        years = members.age(row, self.today)
        young = row.get("relation") in YOUNG if years is None else years < members.CHILD
        self.found |= young
        return young and not self.lifted

    def of_form(self, section: str | None, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The answers of a form without those to be masked, and the names of the fields left out."""
        shown: dict[str, Any] = {}
        left: list[str] = []
        for key, value in values.items():
            empty = value is None or value in ("", [])
            if not empty and self.hides(section or "", key):
                left.append(key)
            elif isinstance(value, list) and any(isinstance(row, dict) for row in value):
                shown[key] = list(self._rows(section or "", key, value))
                if shown[key] != value:
                    left.append(key)
            else:
                shown[key] = value
        return shown, left

    def _rows(self, section: str, table: str, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            if not isinstance(row, dict):
                yield row
            elif self.child(section, table, row):
                yield {"relation": row["relation"]} if "relation" in row else {}
            else:
                yield {
                    key: value
                    for key, value in row.items()
                    if value is None or not self.hides(section, table, key)
                }

    def covers_file(self, document: Mapping[str, Mapping[str, Any]], file_id: str) -> bool:
        """Is this file a sensitive answer, wherever in the document it stands?"""
        found = any(place in self.marks.places for place in _places(document, file_id))
        self.found |= found
        return found


def _places(document: Mapping[str, Mapping[str, Any]], file_id: str) -> Iterator[Place]:
    """Where in the document a file is named."""
    for content in document.values():
        for section, entries in content.items():
            for entry in entries if isinstance(entries, list) else [entries]:
                if isinstance(entry, dict):
                    yield from _named(entry, (section,), file_id)


def _named(answers: Mapping[str, Any], at: Place, file_id: str) -> Iterator[Place]:
    for key, value in answers.items():
        for one in value if isinstance(value, list) else [value]:
            if one == file_id:
                yield (*at, key)
            elif isinstance(one, dict):
                yield from _named(one, (*at, key), file_id)
