"""Filling in a form at a token: what it can know by itself, how it is shown, how it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine import before_step, definitions, feel, step
from engine.db import Tx
from engine.errors import Field, Invalid
from engine.forms import Form
from engine.forms.inputs import Kind
from engine.routing import Actor, as_context
from engine.runner import visible
from engine.step import Case


def context(tx: Tx, case: Case, token: str, path: str) -> dict[str, Any]:
    """What FEEL sees at a token: variables of its scopes over the document."""
    pinned = definitions.pinned(tx, case.pins)
    return {**case.sections(path), **visible(pinned.program, case.state or b"", token)}


def prefill(
    tx: Tx, case: Case, form: Form, token: str, path: str, now: datetime, actor: Actor
) -> dict[str, Any]:
    """What a form can know by itself when it is opened."""
    seen, functions = surroundings(tx, case, token, path, now, actor)
    return {key: feel.to_json(value) for key, value in form.prefill(seen, functions).items()}


def resolved(
    tx: Tx, case: Case, form: Form, token: str, path: str, now: datetime, actor: Actor
) -> dict[str, Any]:
    """The form as a screen shows it, every list of options filled in."""
    seen, functions = surroundings(tx, case, token, path, now, actor)
    return form.resolve(definitions.pinned(tx, case.pins).codes, seen, functions)


def surroundings(
    tx: Tx, case: Case, token: str, path: str, now: datetime, actor: Actor
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """What expressions of a form see: the token's variables over the document, and who is filling it in."""
    seen = {**context(tx, case, token, path), "actor": as_context(actor)}
    pinned = definitions.pinned(tx, case.pins)
    return seen, step.host_of(tx, case, pinned, now).functions(now, seen)


def checked(
    tx: Tx,
    case: Case,
    pinned: definitions.Pinned,
    form: Form | None,
    token: str,
    path: str,
    values: Mapping[str, Any],
    now: datetime,
    actor: Actor,
) -> dict[str, Any]:
    """The values as the form takes them, or Invalid with every wrong field."""
    if form is None:
        if values:
            fields = [Field(key, "本环节没有表单，不接受填写内容") for key in values]
            raise Invalid("本环节没有表单。", "The task has no form.", fields=fields)
        return {}
    seen, functions = surroundings(tx, case, token, path, now, actor)
    made = form.check(values, seen, functions, codes=pinned.codes)
    if made.errors:
        raise Invalid("填写内容有误，请按提示修改。", "The form has errors.", fields=made.errors)
    return dict(made.values)


def nobody_is_kin(tx: Tx, case: Case, form: Form | None, values: Mapping[str, Any]) -> None:
    """People a form names for a part in the case (verifiers, investigators, a chair) are not kin of the household.

    Raises Invalid at the field, with the article: a relative is not assigned in the first place.
    """
    named: dict[str, str] = {}
    for one in form.fields if form is not None else ():
        if one.kind in (Kind.PERSON, Kind.PERSONS):
            value = values.get(one.key) or []
            for person in value if isinstance(value, list) else [value]:
                named.setdefault(str(person), one.key)
    kin = before_step.relations(tx, list(named), case.subject, case.title, case.area)
    barred = [
        Field(named[person], f"须回避：{tx.world.recused(tx, person, '', relation)}")
        for person, relation in kin.items()
    ]
    if barred:
        raise Invalid(
            f"{barred[0].message}。请另选他人。",
            "A person named there is recused.",
            code="recused",
            fields=barred,
        )
