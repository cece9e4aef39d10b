"""A draft's decision tables tried out: what a table reads, asked as a form, and what it says to the answers.

The questions come from the table itself: every variable its expressions read is one question. Where a form somewhere gives
that variable, its label, kind and options are used; else the value is written as FEEL. Nothing is stored.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import definitions, dmn, feel, forms
from engine.bundle import Bundle
from engine.errors import Field, Invalid, NotFound, XunzhenError
from engine.publishing_files import Around

NO_PHOTOS = ("photo", "signature", "position", "reference")
"""Kinds nobody decides by: such a variable is asked as FEEL."""
Given = Sequence[tuple[str | None, Mapping[str, Any]]]
"""Inputs of forms with the section they stand in."""


@dataclass(frozen=True, slots=True)
class Question:
    """A variable a table reads. `key`: the name of the answer; `component`: the question as a form shows it."""

    key: str
    name: str
    feel: bool
    component: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision of a draft and what one must know to try it. `problem`: why it cannot be tried."""

    file: str
    decision: str
    name: str
    questions: tuple[Question, ...] = ()
    problem: str = ""


def tables(around: Around) -> list[Asked]:
    """Every decision of the draft."""
    given, found = list(_components(around)), list[Asked]()
    for decision, file in sorted(around.own.decisions.items(), key=lambda item: item[1]):
        try:
            model = _model(around, decision)
        except XunzhenError as error:
            found.append(Asked(file, decision, decision, problem=error.message))
            continue
        found.append(Asked(file, decision, model.decisions[decision], tuple(_questions(given, model))))
    return found


def decide(
    around: Around,
    decision: str,
    answers: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
) -> dmn.Decision:
    """What a decision of the draft says. Raises NotFound, ModelRefused, or Invalid naming the answers that are wrong."""
    model = _model(around, decision)
    questions = list(_questions(list(_components(around)), model))
    plain = [q for q in questions if not q.feel]
    form = forms.load({"type": "default", "id": "try", "components": [dict(q.component) for q in plain]})
    known = {q.key for q in plain}
    checked = form.check({k: v for k, v in answers.items() if k in known}, codes=around.codes)
    errors = list(checked.errors)
    context: dict[str, Any] = {}
    for question in questions:
        value = checked.values.get(question.key)
        if question.feel:
            value, problem = written(answers.get(question.key))
            errors += [Field(question.key, problem)] if problem else []
        _put(context, question.name, value)
    if errors:
        raise Invalid("试算的取值有误，请按提示修改。", "Some values are wrong.", fields=errors)
    return model.decide(decision, context, functions)


def _model(around: Around, decision: str) -> dmn.Model:
    file = around.own.decisions.get(decision)
    if file is None:
        raise NotFound(f"草稿里没有决策 {decision}。", f"There is no decision {decision}.")
    beside = [data for name, data in around.own.files.items() if name.endswith(".dmn")]
    return dmn.load(around.own.files[file], beside)


def _questions(given: Given, model: dmn.Model) -> Iterator[Question]:
    """`given`: the inputs of forms that may give a variable. In the order the table reads them. `household.income` is asked by itself, not the whole household."""
    own = {*model.decisions.values(), *model.invocables.values()}
    paths = {path for _, _, found in model.mentions() for path in found}
    longest = {path for path in paths if not any(other.startswith(f"{path}.") for other in paths)}
    begun = {path.split(".", 1)[0] for path in longest}
    names: dict[str, None] = {}
    for _, read, followed in model.mentions():
        for name in sorted({*(n for n in read if n not in begun), *(p for p in followed if p in longest)}):
            if name.split(".", 1)[0] not in own:
                names[name] = None
    for number, name in enumerate(names):
        yield _question(f"q{number}", name, given)


def _question(key: str, name: str, given: Given) -> Question:
    section, _, last = name.rpartition(".")
    found = next(
        (c for s, c in given if (c.get("key") or c.get("path")) == last and (not section or s == section)),
        None,
    )
    if (
        found is not None
        and (found.get("properties") or {}).get("kind") not in NO_PHOTOS
        and found["type"] != "dynamiclist"
    ):
        kept = {
            k: copy.deepcopy(v)
            for k, v in found.items()
            if k not in ("conditional", "validate", "defaultValue", "id")
        }
        kind = (found.get("properties") or {}).get("kind")
        return Question(
            key,
            name,
            False,
            {**kept, "key": key, "description": name, "properties": {"kind": kind} if kind else {}},
        )
    words = '按 FEEL 填写，如 3、true、"a"、["a", "b"]、date("2026-09-01")；不填为空值'
    return Question(key, name, True, {"type": "textfield", "key": key, "label": name, "description": words})


def _components(around: Around) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """Every input of every form with its section, the draft's own first, then the common ones; options filled in."""
    order: list[Bundle] = [around.own]
    order += sorted(around.others.values(), key=lambda b: b.key != definitions.COMMON)
    for bundle in order:
        for raw in bundle.forms.values():
            try:
                form = forms.load(raw)
                schema = form.resolve(around.codes)
            except XunzhenError:
                continue
            for component in _flat(schema):
                yield form.section, component


def _flat(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in node.get("components") or ():
        if component["type"] == "group":
            yield from _flat(component)
        else:
            yield component


def written(text: Any) -> tuple[Any, str]:
    """The value of a FEEL text, and what is wrong with it."""
    if text in (None, ""):
        return None, ""
    try:
        found = feel.evaluate(str(text))
    except XunzhenError as error:
        return None, f"不是 FEEL：{error.message}"
    if found.warnings:
        return None, f"算不出来：{found.warnings[0].message}。文字请加双引号"
    return found.value, ""


def _put(context: dict[str, Any], name: str, value: Any) -> None:
    *around, last = name.split(".")
    for part in around:
        inner = context.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        context = inner
    context[last] = value
