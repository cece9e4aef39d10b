"""A form as loaded: where its answers go, what it asks, and the three things one does with it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import feel
from engine.forms import checking, reading
from engine.forms.checking import Checked, Functions, Surroundings
from engine.forms.inputs import Codes, Input


@dataclass(frozen=True)
class Form:
    """`section`: where checked values are stored in the case document (None: nowhere); `repeats`: as one entry more
    of a list. `fields`: the inputs in order, groups flattened. `raw`: the file's JSON."""

    id: str
    title: str
    section: str | None
    repeats: bool
    fields: tuple[Input, ...]
    raw: Mapping[str, Any]

    def field(self, key: str) -> Input | None:
        return next((one for one in self.fields if one.key == key), None)

    def resolve(
        self,
        codes: Codes | None,
        context: Mapping[str, Any] | None = None,
        functions: Functions | None = None,
    ) -> dict[str, Any]:
        """The file's JSON with every list of options filled in, as the screen draws it."""
        around = Surroundings(context or {}, functions, codes)
        made = copy.deepcopy(dict(self.raw))
        for component in _components(made):
            if text := component.pop("valuesExpression", None):
                named = reading.LIST_NAME.fullmatch(text)
                label = component.get("label", "")
                component["values"] = around.listed(label, named[1] if named else None, feel.compile(text))
            among = (component.get("properties") or {}).pop("among", None)
            if among and (people := around.named(feel.compile(among))) is not None:
                component["values"] = people
        return made

    def in_full(self, codes: Codes) -> dict[str, Any]:
        """The file's JSON with the whole of every code list, also where a case narrows it: the words of answers given once."""
        made = copy.deepcopy(dict(self.raw))
        for component in _components(made):
            if text := component.pop("valuesExpression", None):
                names = dict.fromkeys(reading.LISTS.findall(text))
                component["values"] = [option for name in names for option in codes.get(name, ())]
        return made

    def people(self, one: Input, context: Mapping[str, Any], functions: Functions | None) -> list[Any] | None:
        """Who may be named there, as options; None where nothing restricts them."""
        return Surroundings(context, functions, None).named(one.among)

    def labels(self, codes: Codes) -> Iterator[tuple[str, str, str]]:
        """Key, value and label of every option of every input, columns of tables too."""
        for one in _components(self.in_full(codes)):
            for option in one.get("values") or ():
                yield str(one.get("key") or one.get("path") or ""), str(option["value"]), str(option["label"])

    def prefill(self, context: Mapping[str, Any], functions: Functions | None = None) -> dict[str, Any]:
        """Values to show when the step is opened: defaults, and what can be computed from the case."""
        return checking.proposals(self.fields, Surroundings(context, functions, None))

    def check(
        self,
        values: Any,
        context: Mapping[str, Any] | None = None,
        functions: Functions | None = None,
        *,
        codes: Codes | None = None,
    ) -> Checked:
        """The answers in normal form and everything wrong with them.

        `context`: the case document with the engine's variables over it, and `actor`. Raises `Invalid`
        (`codes_missing`) only if the form's code lists are not in `codes`.
        """
        return checking.check(self.fields, values, Surroundings(context or {}, functions, codes))


def load(data: bytes | str | Mapping[str, Any]) -> Form:
    """Read a form file; raises `FormRefused` naming every wrong component."""
    raw = reading.parse(data)
    notes = reading.Reading()
    fields = tuple(reading.inputs(raw.get("components"), notes))
    reading.refuse_doubles(fields, notes, "")
    key, properties = raw.get("id"), raw.get("properties") or {}
    if not isinstance(key, str) or not key:
        notes.problem("id", "表单缺少 id")
    if raw.get("type") != "default":
        notes.problem("type", "type 须为 default")
    if not isinstance(properties, Mapping):
        notes.problem("properties", "properties 须是对象")
        properties = {}
    if notes.problems:
        first = notes.problems[0]
        raise reading.FormRefused(
            f"表单 {key or ''} 有误：{first.path}：{first.message}",
            f"The form {key or ''} is refused: {first.path}: {first.message}",
            fields=notes.problems,
        )
    section = properties.get("section")
    return Form(
        id=str(key),
        title=str(properties.get("title") or key),
        section=section if isinstance(section, str) and section else None,
        # the form editor writes every property as text
        repeats=properties.get("repeats") in (True, "true"),
        fields=fields,
        raw=raw,
    )


def _components(node: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for component in node.get("components") or ():
        yield component
        yield from _components(component)
