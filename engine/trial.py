"""A model tried out: the real runner in memory, with a script instead of people and a clock that moves when told to.

Every command goes through `engine.runner.advance` with the state as bytes, exactly as in a case with a database. What a case
throws reaches the other cases of the trial; a message nobody waits for is kept until somebody does.

A step that fails is an incident: the case stays as it was before the step. The trace shows how far the step came – the
way to the incident – although none of it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.calendar import ZONE
from engine.errors import Invalid, ModelRefused, Refusal, StepFailed
from engine.lint.english import english
from engine.runner import advance
from engine.runner.timing import first_turn, following
from engine.runner.values import (
    Command,
    Complete,
    Deliver,
    FinishJob,
    FireTimer,
    Host,
    Outcome,
    Signal,
    Start,
    Status,
    ThrowError,
    Thrown,
    TraceEvent,
    Waiting,
    WaitKind,
)
from engine.trial_model import Trialled
from engine.trial_steps import Step, later

LIMIT = 50_000
"""Commands in one trial; more is a loop that people or timers keep alive."""
TOLD = ("activated", "completed", "terminated", "taken", "thrown", "caught", "incident")
HANDS = (WaitKind.USER_TASK, WaitKind.JOB)


@dataclass
class Case:
    """A case of a trial. `document`: its sections by path, as in `engine.step`."""

    name: str
    process: str
    state: bytes | None = None
    status: str = "waiting"
    waiting: dict[str, Waiting] = field(default_factory=dict)
    document: dict[str, dict[str, Any]] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Turn:
    """The next time a timer start event starts its process."""

    process: str
    start: str
    armed: Mapping[str, Any]

    @property
    def due(self) -> datetime:
        return datetime.fromisoformat(self.armed["due"])


@dataclass(frozen=True, slots=True)
class Incident:
    """A step that could not be taken, or a job that failed. `key`: the token it is about, None for a case's start."""

    case: str
    element: str
    message: str
    key: str | None = None


class Trial:
    """One trial. `host(now)` lends the surroundings (legal time, decisions) to expressions."""

    def __init__(
        self, model: Trialled, now: datetime, host: Callable[[datetime], Host], limit: int = LIMIT
    ) -> None:
        self.model, self.now, self.host, self.limit = model, now, host, limit
        self.cases: list[Case] = []
        self.trace: list[dict[str, Any]] = []
        self.open: list[Incident] = []
        self.stuck: set[str] = set()
        self.outbox: list[tuple[Case, Thrown]] = []
        self.kept: list[Thrown] = []
        self.turns: list[_Turn] = []
        self.by_hand: set[str] = set()
        self.commands = 0

    # ------------------------------------------------------------------------------ running
    def run(
        self, data: Mapping[str, Any], steps: Sequence[Step] | None = None, until: str | None = None
    ) -> dict[str, Any]:
        """Begin, play the script (None: people and jobs complete at once), let time pass, and report."""
        alone = steps is None
        end = later(self.now, until, "--until") if until else None
        for process in self.model.begins:
            if not self.left_to_events(process, steps or (), until):
                self.by_hand.add(process)
                self.begin(process, data)
        self.schedule()
        self.settle(alone=alone)
        for step in steps or ():
            self.step(step)
        if end is not None:
            self.wait(end, alone=alone)
        return self.report()

    def left_to_events(self, process: str, steps: Sequence[Step], until: str | None) -> bool:
        """A process without plain start event waits for its start event if the script brings it; else it begins by hand."""
        if self.model.plain(process):
            return False
        brought = {(step.kind, step.target) for step in steps}
        time = until is not None or any(step.kind == "advance" for step in steps)
        return any(
            time if event.kind == "timer" else (event.kind, event.name or "") in brought
            for name, _, event in self.model.awaited
            if name == process
        )

    def schedule(self) -> None:
        """Timer start events of processes that have not begun by hand."""
        for process, node, event in self.model.awaited:
            if event.kind != "timer" or process in self.by_hand:
                continue
            try:
                first = first_turn(node.id, event, self.now, self.host(self.now))
            except StepFailed as failed:
                raise ModelRefused(
                    [Refusal(node.id, failed.message, "改正定时开始事件", node.name)]
                ) from None
            self.turns.append(_Turn(process, node.id, first))

    def started_by(self, kind: str, name: str) -> list[tuple[str, str]]:
        """What an event starts; not a second case beside one that was begun by hand in its stead."""
        found = self.model.started_by(kind, name)
        return [(p, n) for p, n in found if p not in self.by_hand or self.model.plain(p)]

    def begin(
        self,
        process: str,
        data: Mapping[str, Any],
        event: str | None = None,
        document: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        case = Case(f"c{len(self.cases) + 1}", process, document=document or {})
        self.cases.append(case)
        self.command(case, Start(process, dict(data), event))

    def settle(self, *, alone: bool = False) -> None:
        """Until nothing moves: what was thrown, kept messages, timers that are due, and – without a script – people and jobs."""
        while self.send() or self.meet() or self.ring(self.now) or (alone and self.hand()):
            pass

    def wait(self, end: datetime, *, alone: bool = False) -> None:
        """Time moves to `end`, stopping at each timer on the way."""
        while self.ring(end):
            self.settle(alone=alone)
        self.now = max(self.now, end)

    def ring(self, end: datetime) -> bool:
        """Fire the earliest timer – of a case or of a start event – that is due by `end`."""
        turn = min((t for t in self.turns if t.due <= end), key=lambda t: t.due, default=None)
        due = [
            (w.due, number, case, w.key)
            for number, case in enumerate(self.cases)
            for w in case.waiting.values()
            if w.kind is WaitKind.TIMER and w.due is not None and w.due <= end and w.key not in self.stuck
        ]
        if turn is not None and (not due or turn.due <= min(d[0] for d in due if d[0])):
            self.now = max(self.now, turn.due.astimezone(ZONE))
            self.turns.remove(turn)
            if (later_turn := following(turn.armed)) is not None:
                self.turns.append(_Turn(turn.process, turn.start, later_turn))
            self.begin(turn.process, {}, turn.start)
            return True
        if not due:
            return False
        at, _, case, key = min(due, key=lambda found: found[:2])
        assert at is not None
        self.now = max(self.now, at.astimezone(ZONE))
        self.command(case, FireTimer(key), key)
        return True

    def hand(self) -> bool:
        """The first open task or job completes with empty data."""
        for case in self.cases:
            for waiting in case.waiting.values():
                if waiting.kind in HANDS and waiting.key not in self.stuck:
                    self.complete(case, waiting, {})
                    return True
        return False

    def complete(self, case: Case, waiting: Waiting, data: Mapping[str, Any]) -> None:
        form = self.model.node(waiting.process, waiting.element).form
        before = case.document
        if waiting.kind is WaitKind.JOB:
            self.command(case, FinishJob(waiting.key, data), waiting.key)
            return
        if form is not None:
            case.document = self.stored(case, waiting, form, data)
        if not self.command(case, Complete(waiting.key, data), waiting.key):
            case.document = before

    def stored(
        self, case: Case, waiting: Waiting, form: str, data: Mapping[str, Any]
    ) -> dict[str, dict[str, Any]]:
        """The case's document with a completed form in it, as `engine.cases` stores it."""
        sheet = self.model.sheet(waiting.process, form)
        return _stored(case.document, waiting.path, *sheet, data) if sheet else case.document

    # ------------------------------------------------------------------------------ one command
    def command(self, case: Case, command: Command, key: str | None = None) -> bool:
        """Run a command; False when it became an incident."""
        self.commands += 1
        if self.commands > self.limit:
            raise Invalid(
                f"试运行超过 {self.limit} 步，可能是停不下来的循环。",
                f"more than {self.limit} steps",
                code="endless_trial",
            )
        try:
            outcome = advance(
                self.model.program,
                case.state,
                command,
                self.now,
                document=case.document,
                host=self.host(self.now),
            )
        except StepFailed as failed:
            self.tell(case, failed.trace)
            self.incident(case, failed.element, failed.message, key)
            return False
        self.open = [i for i in self.open if (i.case, i.key) != (case.name, key)]
        self.adopt(case, outcome)
        return True

    def adopt(self, case: Case, outcome: Outcome) -> None:
        case.state, case.variables = outcome.state, outcome.variables
        case.status = "waiting" if outcome.status is Status.ACTIVE else outcome.status.value
        for closed in outcome.closed:
            del case.waiting[closed.key]
            self.open = [i for i in self.open if i.key != closed.key]
        case.waiting.update((w.key, w) for w in outcome.opened)
        self.tell(case, outcome.trace)
        self.outbox.extend((case, thrown) for thrown in outcome.thrown)

    def incident(self, case: Case, element: str, message: str, key: str | None) -> None:
        if key is not None:
            self.stuck.add(key)
            self.open = [i for i in self.open if i.key != key]
        elif case.state is None:
            case.status = "incident"
        self.open.append(Incident(case.name, element, message, key))
        at = next((p for p in self.model.processes.values() if element in p.nodes), None)
        node = at.nodes[element] if at is not None else None
        self.trace.append(
            self.line(
                case, "incident", element, node.type if node else "process", node.name if node else None
            )
            | {"what": {"message": message}}
        )

    def tell(self, case: Case, events: Sequence[TraceEvent]) -> None:
        """Into the trace; what a rule task decided stands at its completion."""
        decided: dict[str | None, Mapping[str, Any] | None] = {}
        for event in events:
            if event.event not in TOLD:
                decided[event.key] = event.what
                continue
            line = self.line(case, event.event, event.element, event.type, event.name)
            what = event.what or (decided.get(event.key) if event.event == "completed" else None)
            self.trace.append(line | {"what": dict(what)} if what else line)

    def line(self, case: Case, event: str, element: str, kind: str, name: str | None) -> dict[str, Any]:
        return {
            "at": self.now.isoformat(),
            "case": case.name,
            "element": element,
            "name": name,
            "type": kind,
            "event": event,
        }

    # ------------------------------------------------------------------------------ messages and signals
    def send(self) -> bool:
        """What a case has thrown goes out, oldest first."""
        if not self.outbox:
            return False
        case, thrown = self.outbox.pop(0)
        if thrown.kind == "signal":
            self.broadcast(thrown.name, thrown.variables, but=case)
        else:
            self.deliver(thrown)
        return True

    def deliver(self, message: Thrown) -> None:
        """To the first in each process that waits for it, else to the process it starts, else kept."""
        reached: set[str] = set()
        for case, waiting in self.listening(WaitKind.MESSAGE, message.name):
            fits = waiting.correlation in (None, message.correlation) and waiting.key in case.waiting
            if (
                fits
                and waiting.process not in reached
                and self.command(case, Deliver(waiting.key, message.variables), waiting.key)
            ):
                reached.add(waiting.process)
        begun = () if reached else self.started_by("message", message.name)
        for process, event in begun:
            self.begin(process, message.variables, event)
        if not reached and not begun:
            self.kept.append(message)

    def meet(self) -> bool:
        """Give one kept message to a receiver that waits by now."""
        for message in self.kept:
            for case, waiting in self.listening(WaitKind.MESSAGE, message.name):
                if waiting.correlation in (None, message.correlation) and waiting.key not in self.stuck:
                    self.kept.remove(message)
                    self.command(case, Deliver(waiting.key, message.variables), waiting.key)
                    return True
        return False

    def broadcast(self, name: str, data: Mapping[str, Any], but: Case | None = None) -> None:
        for case in dict.fromkeys(c.name for c, _ in self.listening(WaitKind.SIGNAL, name) if c is not but):
            self.command(next(c for c in self.cases if c.name == case), Signal(name, data))
        for process, event in self.started_by("signal", name):
            self.begin(process, data, event)

    def listening(self, kind: WaitKind, name: str) -> list[tuple[Case, Waiting]]:
        return [(c, w) for c in self.cases for w in c.waiting.values() if w.kind is kind and w.name == name]

    # ------------------------------------------------------------------------------ the script
    def step(self, step: Step) -> None:
        """One step of the script, until nothing moves. Raises Invalid for a step nothing here is open to."""
        if step.kind == "advance":
            self.wait(later(self.now, step.target, f"第 {step.number} 步"))
        elif step.kind == "message":
            self.deliver(Thrown("message", step.target, step.key, step.data))
        elif step.kind == "signal":
            self.broadcast(step.target, step.data)
        else:
            case, waiting = self.pick(step)
            self.act(step, case, waiting)
        self.settle()

    def act(self, step: Step, case: Case, waiting: Waiting) -> None:
        if step.kind == "error":
            self.command(case, ThrowError(waiting.key, step.code, step.data), waiting.key)
        elif step.kind == "fail":
            self.incident(case, waiting.element, step.message or "任务失败", waiting.key)
        elif waiting.kind is WaitKind.MESSAGE:
            self.command(case, Deliver(waiting.key, step.data), waiting.key)
        else:
            self.complete(case, waiting, step.data)

    def pick(self, step: Step) -> tuple[Case, Waiting]:
        """The nth open task, job or receive task of an element, over all cases in the order they opened."""
        found = [(c, w) for c, w in self.hands() if w.element == step.target]
        if step.kind == "fail":
            found = [(c, w) for c, w in found if w.kind is WaitKind.JOB]
        if len(found) < step.nth:
            open_now = "、".join(dict.fromkeys(w.element for _, w in self.hands())) or "无"
            raise Invalid(
                f"第 {step.number} 步：{step.target} 没有{f'第 {step.nth} 个' if step.nth > 1 else ''}"
                f"在等待的任务；现在等待的有：{open_now}。",
                f"step {step.number}: {step.target} is not open; open: {open_now}",
                code="not_waiting",
                step=step.number,
            )
        return found[step.nth - 1]

    def hands(self) -> Iterator[tuple[Case, Waiting]]:
        for case in self.cases:
            for waiting in case.waiting.values():
                receives = waiting.kind is WaitKind.MESSAGE and (
                    self.model.node(waiting.process, waiting.element).type == "receiveTask"
                )
                if waiting.kind in HANDS or receives:
                    yield case, waiting

    # ------------------------------------------------------------------------------ the report
    def report(self) -> dict[str, Any]:
        """The document of `xunzhen try --json`."""
        statuses = {case.status for case in self.cases}
        status = "incident" if self.open else "completed" if statuses == {"completed"} else "waiting"
        return {
            "status": status,
            "refusals": [],
            "incidents": [
                {"case": i.case, "element": i.element, "name": self._name(i.element), "message": i.message}
                for i in self.open
            ],
            "waiting": [self._waiting(case, w) for case in self.cases for w in case.waiting.values()],
            "data": dict(self.cases[0].variables) if self.cases else {},
            "cases": [{"case": c.name, "process": c.process, "status": c.status} for c in self.cases],
            "trace": self.trace,
        }

    def _name(self, element: str) -> str | None:
        return next(
            (p.nodes[element].name for p in self.model.processes.values() if element in p.nodes), None
        )

    def _waiting(self, case: Case, waiting: Waiting) -> dict[str, Any]:
        node = self.model.node(waiting.process, waiting.element)
        more = {
            "due": waiting.due.astimezone(ZONE).isoformat() if waiting.due else None,
            "message": waiting.name if waiting.kind is WaitKind.MESSAGE else None,
            "signal": waiting.name if waiting.kind is WaitKind.SIGNAL else None,
            "key": waiting.correlation,
            "job": waiting.type,
        }
        return {
            "case": case.name,
            "element": waiting.element,
            "name": node.name,
            "type": node.type,
            "kind": waiting.kind.value,
        } | {key: value for key, value in more.items() if value is not None}


def _stored(
    document: Mapping[str, Mapping[str, Any]], path: str, section: str, repeats: bool, data: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    made = {key: dict(home) for key, home in document.items()}
    home = made.setdefault(path, {})
    seen = home.get(section, made.get("", {}).get(section))
    home[section] = [*(seen or []), dict(data)] if repeats else {**(seen or {}), **data}
    return made


def refused(refusals: Sequence[Any]) -> dict[str, Any]:
    """The document for a model that cannot run."""
    listed = [
        {
            "file": r.file,
            "element": r.element,
            "name": r.name,
            "line": r.line,
            "rule": r.rule,
            "message": r.message,
            "remedy": r.remedy,
            "message_en": english(r.message) or r.message_en,
            "remedy_en": english(r.remedy),
        }
        for r in refusals
    ]
    return {
        "status": "refused",
        "refusals": listed,
        "incidents": [],
        "waiting": [],
        "data": {},
        "cases": [],
        "trace": [],
    }
