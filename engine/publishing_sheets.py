"""What a designer sees beside a form: how staff will see it, what is wrong, and who else reads the answers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from engine import dmn, feel, forms
from engine.bundle import Bundle
from engine.errors import Field, NotFound, XunzhenError
from engine.forms import Form
from engine.model import Node, Process
from engine.publishing_files import Around


@dataclass(frozen=True, slots=True)
class Use:
    """Where a name is read. `element`: the id on the drawing or of the cell, the key in a form; `what`: in words."""

    file: str
    element: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Lost:
    """An input of the published form that the draft no longer asks, though something reads it."""

    key: str
    label: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form of a draft. `schema`: as a screen shows it, None while it has `problems`. `uses`: by key."""

    schema: dict[str, Any] | None
    problems: tuple[Field, ...]
    uses: Mapping[str, tuple[Use, ...]]
    lost: tuple[Lost, ...]
    lists: Mapping[str, int]


def sheet(around: Around, file: str) -> Sheet:
    """A form file of the draft. Raises NotFound for a file it has not got."""
    bundle = around.own
    key = next((key for key, name in bundle.form_files.items() if name == file), None)
    if key is None:
        raise NotFound(f"草稿里没有表单 {file}。", f"There is no form {file}.")
    codes = around.codes
    form, problems = _read(bundle.forms[key])
    schema: dict[str, Any] | None = None
    if form is not None:
        try:
            schema = form.resolve(codes)
        except XunzhenError as error:
            problems = error.fields or (Field("", error.message),)
    readers = list(_readers(around.bundles))
    inputs = {one.key: one.label for one in form.fields} if form is not None else {}
    section = form.section if form is not None else None
    before, _ = _read(around.before.forms[key]) if key in around.before.forms else (None, ())
    lost = []
    for one in before.fields if before is not None and form is not None else ():
        found = _uses(readers, one.key, before.section if before else None)
        if one.key not in inputs and found:
            lost.append(Lost(one.key, one.label, found))
    uses = {key: found for key in inputs if (found := _uses(readers, key, section))}
    return Sheet(
        schema, tuple(problems), uses, tuple(lost), {name: len(codes[name]) for name in sorted(codes)}
    )


def _read(raw: bytes) -> tuple[Form | None, Iterable[Field]]:
    try:
        return forms.load(raw), ()
    except XunzhenError as error:
        return None, error.fields or (Field("", error.message),)


def _uses(
    readers: Iterable[tuple[frozenset[str], frozenset[str], Use]], key: str, section: str | None
) -> tuple[Use, ...]:
    path = f"{section}.{key}"
    found = [
        use
        for names, paths, use in readers
        if key in names or path in paths or any(p.startswith(f"{path}.") for p in paths)
    ]
    return tuple(dict.fromkeys(found))


# ------------------------------------------------------------------------------------------ who reads what
def _readers(bundles: Iterable[Bundle]) -> Iterator[tuple[frozenset[str], frozenset[str], Use]]:
    """Every expression of the bundles: free names, paths, and where it stands."""
    for bundle in bundles:
        for process in bundle.processes.values():
            yield from drawing(process)
        tables = {name: data for name, data in bundle.files.items() if name.endswith(".dmn")}
        for name, data in tables.items():
            with suppress(XunzhenError):
                model = dmn.load(data, tables.values())
                titles = "、".join(model.decisions.values())
                for element, names, paths in model.mentions():
                    yield names, paths, Use(name, element, f"决策表「{titles}」")
        for key, raw in bundle.forms.items():
            form, _ = _read(raw)
            if form is not None:
                yield from _form(bundle.form_files[key], form)


def drawing(process: Process) -> Iterator[tuple[frozenset[str], frozenset[str], Use]]:
    """Every expression of a process: free names, paths, and where it stands."""
    for node in process.nodes.values():
        use = Use(process.file or "", node.id, f"环节「{node.name or node.id}」")
        for text in _texts(node):
            yield from _mentioned(text, use)
        for flow in process.outgoing(node.id):
            after = process.nodes.get(flow.target)
            if flow.condition:
                what = f"「{node.name or node.id}」到「{(after and after.name) or flow.target}」的条件"
                yield from _mentioned(flow.condition, Use(process.file or "", flow.id, what))


def _texts(value: Any) -> Iterator[str]:
    """The expressions anywhere in a node; its lane belongs to others."""
    if isinstance(value, str):
        if value.startswith("="):
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _texts(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            if not (isinstance(value, Node) and part.name == "lane"):
                yield from _texts(getattr(value, part.name))


def _form(file: str, form: Form) -> Iterator[tuple[frozenset[str], frozenset[str], Use]]:
    for one in form.fields:
        for column in (one, *one.columns):
            use = Use(file, column.key, f"表单「{form.title}」的“{column.label}”")
            for expression in filter(
                None,
                (
                    *column.hide,
                    column.check,
                    column.check_words,
                    column.prefill,
                    column.options_from,
                    column.among,
                ),
            ):
                # an input's own rule speaks of itself, which is no use elsewhere
                yield expression.names - {column.key}, expression.paths, use


def _mentioned(text: str, use: Use) -> Iterator[tuple[frozenset[str], frozenset[str], Use]]:
    with suppress(XunzhenError):
        compiled = feel.compile(text)
        yield compiled.names, compiled.paths, use
