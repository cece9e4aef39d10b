"""What travels between designer's page and server besides drafts: the difference in words, the words a drawing may name."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas import Model


class Change(Model):
    """One difference of a draft, as a sentence. `element` is the id on the drawing in `file`, if it has one."""

    file: str
    element: str | None
    kind: Literal[
        "added", "removed", "renamed", "moved", "routing", "term", "condition", "form", "flow", "decision", "other", "drawing"
    ]  # fmt: skip
    text: str


class Comparison(Model):
    """A draft against the newest version. `seal` is what `Publish` must give back: proof that this was shown."""

    version: int | None
    changes: list[Change]
    seal: str


class Word(Model):
    """Something a drawing may name. `value` goes into the file, `label` is shown, `hint` says more (bundle, source)."""

    value: str
    label: str
    hint: str = ""


class PostWord(Word):
    tiers: list[Literal["grid", "village", "town", "district"]]  # where the post is held


class Vocabulary(Model):
    """Everything a drawing may name, of the bundles in force; `bundle` is where a form or decision comes from.

    `terms` include the pairs' base keys (`lead.report`: ordinary and emergency); `label` holds the length in words,
    `hint` the source. `jobs` are the handlers this installation has; `hint` names the steps that use them. `functions`
    are what the surroundings lend to FEEL, `label` with parameters.
    """

    tiers: list[Word]
    posts: list[PostWord]
    forms: list[Word]
    terms: list[Word]
    stages: list[Word]
    jobs: list[Word]
    decisions: list[Word]
    processes: list[Word]
    functions: list[Word]


class ExpressionWrite(Model):
    text: str = Field(max_length=20_000)


class ExpressionCheck(Model):
    """Is a text FEEL the engine can run? `start`: where it goes wrong, in characters."""

    ok: bool
    message: str = ""
    start: int | None = None
