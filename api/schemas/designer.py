"""What travels between designer's page and server besides drafts: the difference in words, the words a drawing may name."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.schemas import DraftWrite, Model


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


class SheetAsk(DraftWrite):
    """`file`: a form of the draft."""

    file: str


class Use(Model):
    """Where an answer is read: file, the id there, and in words."""

    file: str
    element: str | None
    what: str


class Problem(Model):
    path: str
    message: str


class Lost(Model):
    """An input of the published form that the draft does not ask any more, though something reads it."""

    key: str
    label: str
    uses: list[Use]


class ListWord(Model):
    """A code list: its name and how many options it has."""

    name: str
    count: int


class SheetView(Model):
    """A form of a draft: `form` as a screen shows it (None while it cannot be used), what is wrong, who reads which key."""

    form: dict[str, Any] | None
    problems: list[Problem]
    uses: dict[str, list[Use]]
    lost: list[Lost]
    lists: list[ListWord]


class Question(Model):
    """A variable a table reads. `feel`: the value is written as FEEL."""

    key: str
    name: str
    feel: bool


class TableView(Model):
    """A decision of a draft and the form one tries it with; `problem`: why it cannot be tried."""

    file: str
    decision: str
    name: str
    questions: list[Question]
    form: dict[str, Any]
    problem: str


class DecideWrite(DraftWrite):
    """`values`: answers by the keys of the questions; those with `feel` are FEEL texts."""

    decision: str
    values: dict[str, Any] = Field(default_factory=dict)


class TableSaid(Model):
    """`value`: the result as FEEL text. `explained`: per table what it read and the rules that held (`engine.dmn.Decision`)."""

    value: str
    errors: list[Problem]
    matched: list[str]
    explained: list[dict[str, Any]]


class TryStep(Model):
    """One step: `complete` an element, let a `message` or `signal` arrive, `advance` the time (`target`: ISO 8601 duration), let a
    job `fail` or an `error` be thrown. `data`: answers to the form; `written`: variables as FEEL texts."""

    kind: Literal["complete", "message", "signal", "advance", "error", "fail"]
    target: str = Field(max_length=500)
    nth: int = Field(default=1, ge=1, le=1000)
    key: str | None = None
    code: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
    written: dict[str, str] = Field(default_factory=dict)


class TryWrite(DraftWrite):
    """The whole script, played from the beginning. `start`: answers to the form that begins the case."""

    process: str
    start: dict[str, Any] | None = None
    variables: dict[str, str] = Field(default_factory=dict)
    steps: list[TryStep] = Field(default_factory=list, max_length=200)


class TryOpen(Model):
    """What waits (`engine.publishing_trial.Open`). `sample`: a plain valid answer to the form."""

    case: str
    process: str
    process_name: str
    element: str
    name: str
    kind: str
    nth: int
    due: datetime | None
    tier: str | None
    posts: list[str]
    message: str | None
    correlation: str | None
    job: str | None
    form: dict[str, Any] | None
    values: dict[str, Any]
    sample: dict[str, Any]
    results: list[str]


class TryLine(Model):
    at: datetime
    case: str
    element: str
    name: str | None
    type: str
    event: Literal["activated", "completed", "terminated", "taken", "thrown", "caught", "incident"]
    what: str = ""


class TryPlayed(Model):
    """How far the script came. `problems`: refusals of the model or incidents, with their elements. `needs`: variables the drawing
    reads that no form gives."""

    status: Literal["start", "waiting", "completed", "incident", "refused"]
    now: datetime
    start: TryOpen | None
    open: list[TryOpen]
    trace: list[TryLine]
    problems: list[Problem]
    data: dict[str, str]
    needs: list[str]
