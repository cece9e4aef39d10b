"""试走: a draft run step by step in memory by the engine that runs cases, with its forms, tables, lanes and legal time.

The script is played again from its beginning for every step, so nothing is kept between two questions. Standards and
parameters are those in force; nobody's records are read, nothing is written, no job is carried out: the designer says
what a job gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine import definitions, feel, forms
from engine.bundle import Bundle
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Field, Invalid, ModelRefused, NotFound, XunzhenError
from engine.hosting import LegalHost
from engine.lint.rules.data_flow import INNER, gives
from engine.model import Node
from engine.publishing_files import Around
from engine.publishing_sheets import drawing
from engine.routing import Actor, as_context, route_of
from engine.runner import compile_program, visible
from engine.runner.values import Decided, Deliver, Waiting, WaitKind
from engine.step import sections_at
from engine.trial import Case, Trial, refused
from engine.trial_model import Trialled
from engine.trial_steps import Step, parse

MOST_STEPS = 200
LIMIT = 2_000
"""Commands of the engine in one play of the script."""
LONGEST = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Open:
    """Something that waits: a step of a person with its form, a job, a message, a timer. `nth` counts equal elements.

    `schema`, `values`: the form as its reader would see it, filled in as far as the case knows. `results`: names its output mappings
    expect of a job.
    """

    case: str
    process: str
    process_name: str
    element: str
    name: str
    kind: str
    nth: int
    due: datetime | None = None
    tier: str | None = None
    posts: tuple[str, ...] = ()
    message: str | None = None
    correlation: str | None = None
    job: str | None = None
    schema: Mapping[str, Any] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    results: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """`report`: as `xunzhen try` gives it; `now`: where the clock stands; `open`: what one may do next, `start`: the form that
    begins the case, while it has not begun; `needs`: names the drawing reads that no form and no step gives – who opens a case does,
    or a job."""

    report: Mapping[str, Any]
    now: datetime
    open: tuple[Open, ...] = ()
    start: Open | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """What the designer did. `start`: answers to the form of the start event, None while nobody has given them;
    `variables`: what else the case begins with."""

    process: str
    start: Mapping[str, Any] | None
    variables: Mapping[str, Any]
    steps: Sequence[Mapping[str, Any]]


def processes(around: Around) -> list[tuple[str, str]]:
    """What may be tried: processes of the draft, those nothing else of the draft calls first."""
    called = {n.called_element for p in around.own.processes.values() for n in p.nodes.values()}
    listed = sorted(around.own.processes.values(), key=lambda p: p.id in called)
    return [(p.id, p.name or p.id) for p in listed]


def play(tx: Tx, actor: Actor, around: Around, script: Script, now: datetime) -> Played:
    """Begin, play the steps, and say what is open. Raises NotFound for a process the draft has not got, Invalid for a step
    that cannot be taken (`fields` where it is about answers), for too many steps, too long a time or a loop without end."""
    if script.process not in around.own.processes:
        raise NotFound(f"草稿里没有流程 {script.process}。", f"There is no process {script.process}.")
    if len(script.steps) > MOST_STEPS:
        raise Invalid(
            f"试走最多 {MOST_STEPS} 步，请重新开始。", f"At most {MOST_STEPS} steps.", code="too_long"
        )
    steps = parse(list(script.steps))
    try:
        pinned = _pinned(around, script.process)
    except ModelRefused as error:
        return Played(refused(error.refusals), now)
    model = Drafted(pinned.program, pinned.processes, (script.process,), pinned=pinned)
    walk = Walk(model, actor, now, _host(tx, actor, pinned, now))
    start, needs = walk.start_form(script.process), _needs(pinned, script.process)
    if start is not None and script.start is None:
        return Played(walk.report() | {"status": "waiting"}, now, (), start, needs)
    walk.start(script.process, script.start or {}, script.variables)
    for step in steps:
        walk.step(step)
        if walk.now - now > LONGEST:
            raise Invalid("试走的时间最多三年，请重新开始。", "At most three years.", code="too_long")
    return Played(walk.report(), walk.now, tuple(walk.opened()), None, needs)


def _needs(pinned: definitions.Pinned, process: str) -> tuple[str, ...]:
    """Names the drawing reads that neither its own steps nor those of the processes it calls give."""
    todo, seen, given = [process], set[str](), set(INNER)
    while todo:
        current = todo.pop()
        if current in seen or current not in pinned.processes:
            continue
        seen.add(current)
        for node in pinned.processes[current].nodes.values():
            given |= {*gives(node), *_asked(pinned, current, node)}
            todo += [node.called_element] if node.called_element else []
    read = {name for names, _, _ in drawing(pinned.processes[process]) for name in names}
    return tuple(sorted(read - given))


def _asked(pinned: definitions.Pinned, process: str, node: Node) -> Iterator[str]:
    key = _form_key(node)
    if key is None:
        return
    try:
        form = pinned.form(process, key)
    except XunzhenError:
        return  # missing or broken: the step itself says so
    yield form.section or ""
    yield from (one.key for one in form.fields)


def _pinned(around: Around, process: str) -> definitions.Pinned:
    """What a case of the draft would run on: its own bundle, the common one, and all it can reach by calls."""
    homes = {key: b for b in (*around.others.values(), around.own) for key in b.processes}
    bundles: dict[str, Bundle] = {around.own.key: around.own}
    if definitions.COMMON in around.others:
        bundles[definitions.COMMON] = around.others[definitions.COMMON]
    todo, seen = [process, *around.own.processes], set[str]()
    while todo:
        current = todo.pop()
        if current in seen or current not in homes:
            continue
        seen.add(current)
        home = bundles.setdefault(homes[current].key, homes[current])
        todo += [n.called_element for n in home.processes[current].nodes.values() if n.called_element]
    known = {p.id: p for bundle in bundles.values() for p in bundle.processes.values()}
    owner = {p: bundle.key for bundle in bundles.values() for p in bundle.processes}
    program = compile_program(known.values())
    return definitions.Pinned("", bundles, {}, program, known, owner, dict.fromkeys(bundles, 0))


def _host(
    tx: Tx, actor: Actor, pinned: definitions.Pinned, begun: datetime
) -> Callable[[datetime], LegalHost]:
    area = actor.appointments[0].area if actor.appointments else ""
    on = begun.astimezone(ZONE).date()

    def host(now: datetime) -> LegalHost:
        return LegalHost(
            tx.world.terms, tx.world.calendar.of(area), now=now, terms_on=on, decisions=pinned.decide,
            standard=lambda key: tx.world.standard(tx, area, key, on),
        )  # fmt: skip

    return host


@dataclass
class Drafted(Trialled):
    """A draft among the bundles in force: forms and tables are found as a case finds them."""

    pinned: definitions.Pinned = field(kw_only=True)

    def sheet(self, process: str, form: str) -> tuple[str, bool] | None:
        found = self.pinned.form(process, form)
        return (found.section, found.repeats) if found.section else None

    def decide(
        self, decision: str, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> Decided:
        return self.pinned.decide(decision, variables, functions)


class Walk(Trial):
    """A trial whose answers are checked by the forms, as in a case."""

    model: Drafted

    def __init__(
        self, model: Drafted, actor: Actor, now: datetime, host: Callable[[datetime], LegalHost]
    ) -> None:
        super().__init__(model, now, host, limit=LIMIT)
        self.actor = actor

    # ------------------------------------------------------------------------------ beginning
    def _start_node(self, process: str) -> Node | None:
        nodes = self.model.processes[process].in_scope(process)
        starts = [n for n in nodes if n.type == "startEvent"]
        return next((n for n in starts if _form_key(n)), next(iter(starts), None))

    def start_form(self, process: str) -> Open | None:
        """The form that begins the process, if it has one."""
        node = self._start_node(process)
        key = _form_key(node) if node is not None else None
        if node is None or key is None:
            return None
        schema, values = self._shown(self.model.pinned.form(process, key), {})
        name = self.model.processes[process].name or process
        return Open("", process, name, node.id, node.name or name, "start", 1, schema=schema, values=values)

    def start(self, process: str, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        """Begin, with the answers checked and stored as those of a case."""
        node = self._start_node(process)
        key = _form_key(node) if node is not None else None
        given: dict[str, Any] = {}
        document: dict[str, dict[str, Any]] = {}
        if key is not None:
            form = self.model.pinned.form(process, key)
            given = self._checked(form, answers, {})
            document = {"": {form.section or "start": [given] if form.repeats else given}}
        event = node.id if node is not None and node.events else None
        self.begin(process, {**given, **variables}, event, document)
        self.settle()

    # ------------------------------------------------------------------------------ steps
    def complete(self, case: Case, waiting: Waiting, data: Mapping[str, Any]) -> None:
        form = self._form(waiting) if waiting.kind is not WaitKind.JOB else None
        if form is not None:
            data = self._checked(form, data, self._seen(case, waiting))
        elif waiting.kind is WaitKind.USER_TASK and data:
            raise Invalid(
                "本环节没有表单，不接受填写内容。", "The task has no form.",
                fields=[Field(key, "本环节没有表单") for key in data],
            )  # fmt: skip
        super().complete(case, waiting, data)

    def step(self, step: Step) -> None:
        """A message is received by the first who waits for it, by its form."""
        listening = self.listening(WaitKind.MESSAGE, step.target) if step.kind == "message" else []
        found = next(((c, w) for c, w in listening if step.key in (None, w.correlation)), None)
        if found is None:
            super().step(step)
            return
        case, waiting = found
        form, data = self._form(waiting), step.data
        before = case.document
        if form is not None:
            data = self._checked(form, data, self._seen(case, waiting))
            case.document = self.stored(case, waiting, form.id, data)
        if not self.command(case, Deliver(waiting.key, data), waiting.key):
            case.document = before
        self.settle()

    # ------------------------------------------------------------------------------ what is open
    def opened(self) -> Iterator[Open]:
        counted: dict[str, int] = {}
        hands = {w.key for _, w in self.hands()}
        for case in self.cases:
            for waiting in case.waiting.values():
                if waiting.key in hands:
                    counted[waiting.element] = counted.get(waiting.element, 0) + 1
                yield self._open(case, waiting, counted.get(waiting.element, 1))

    def _open(self, case: Case, waiting: Waiting, nth: int) -> Open:
        node = self.model.node(waiting.process, waiting.element)
        process = self.model.processes[waiting.process]
        form = self._form(waiting)
        schema, values = self._shown(form, self._seen(case, waiting)) if form is not None else (None, {})
        person = waiting.kind is WaitKind.USER_TASK
        route = route_of(node, waiting.candidate_groups, waiting.tier) if person else None
        return Open(
            case.name, process.id, process.name or process.id, node.id, node.name or node.id, waiting.kind.value, nth,
            due=waiting.due, tier=route.tier if route else None, posts=route.posts if route else (),
            message=waiting.name if waiting.kind in (WaitKind.MESSAGE, WaitKind.SIGNAL) else None, correlation=waiting.correlation,
            job=waiting.type, schema=schema, values=values, results=_expected(node) if waiting.kind is WaitKind.JOB else (),
        )  # fmt: skip

    def _form(self, waiting: Waiting) -> forms.Form | None:
        key = _form_key(self.model.node(waiting.process, waiting.element))
        return self.model.pinned.form(waiting.process, key) if key else None

    def _seen(self, case: Case, waiting: Waiting) -> dict[str, Any]:
        held = visible(self.model.program, case.state or b"", waiting.key)
        return {**sections_at(case.document, waiting.path), **held}

    def _shown(self, form: forms.Form, seen: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        around = {**seen, "actor": as_context(self.actor)}
        functions = self.host(self.now).functions(self.now, around)
        values = {key: feel.to_json(value) for key, value in form.prefill(around, functions).items()}
        return form.resolve(self.model.pinned.codes, around, functions), values

    def _checked(
        self, form: forms.Form, answers: Mapping[str, Any], seen: Mapping[str, Any]
    ) -> dict[str, Any]:
        around = {**seen, "actor": as_context(self.actor)}
        functions = self.host(self.now).functions(self.now, around)
        made = form.check(answers, around, functions, codes=self.model.pinned.codes)
        if made.errors:
            raise Invalid("填写内容有误，请按提示修改。", "The form has errors.", fields=made.errors)
        return dict(made.values)


def _expected(node: Node) -> tuple[str, ...]:
    """The names a node's output mappings read."""
    found: set[str] = set()
    for source, _ in node.outputs:
        with suppress(XunzhenError):
            found |= feel.compile(source).names
    return tuple(sorted(found))


def _form_key(node: Node) -> str | None:
    return node.form or node.properties.get("form")
