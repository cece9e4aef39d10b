"""One running case: commands at a given `now`, each run until only waiting is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState as S

from engine.calendar import ZONE, acted, instant
from engine.errors import Conflict, Invalid, StepFailed
from engine.model import Flow, Process
from engine.runner import back
from engine.runner.events import propagate, timer_due
from engine.runner.scope import (
    LIVE,
    Flat,
    ScopeSpec,
    SubScope,
    evaluate,
    is_item,
    kill_scope,
    path,
    seen,
    spec_of,
)
from engine.runner.token import Scopes
from engine.runner.values import Act, Entered, Host, How, Left, Thrown, TraceEvent, Warned
from engine.terms import accepted

LIMIT = 100_000
"""Automatic steps allowed in one command; more is an endless loop."""
AHEAD = timedelta(minutes=10)
"""So much an act may lie after its entry: the clock of who typed it may be fast."""


@dataclass(frozen=True)
class Program:
    """Every process a case may run, compiled: scopes by name (process id, or process id/sub-process id)."""

    scopes: Mapping[str, ScopeSpec]
    processes: Mapping[str, Process]
    digest: str = ""
    conditional: bool = False
    """Does any process wait for conditions?"""


class Case(Flat, BpmnWorkflow):
    """The library's workflow container, with stepping of our own."""

    owner = None

    def __init__(
        self,
        program: Program,
        process: str,
        *,
        now: datetime,
        document: Mapping[str, Mapping[str, Any]],
        host: Host,
        start: tuple[Mapping[str, Any], str | None] | None = None,
        deserializing: bool = False,
    ) -> None:
        self._setup()
        self.program, self.now, self.document, self.host = program, now, document, host
        self.urgent: list[Task] = []
        self.trace: list[TraceEvent] = []
        self.warnings: list[Warned] = []
        self.thrown: list[Thrown] = []
        self.entered: list[Entered] = []
        self.left: list[Left] = []
        self.clocked: set[str] = set()
        self.given: tuple[str, Mapping[str, Any]] = ("", {})
        """What the command brought to its token: the form of the step, the words of a message."""
        self.cancelled = self.outward = self.changed = False
        if start is not None:
            self.at = start[1]
        self._initial = dict(start[0]) if start is not None else {}
        super().__init__(program.scopes[process], program.scopes, deserializing=deserializing)
        self.subprocesses = Scopes()
        self.adopt_root()

    # ------------------------------------------------------------------------------ containers
    def create_subprocess(
        self, my_task: Task, spec_name: str, data: Mapping[str, Any] | None = None
    ) -> SubScope:
        """A scope below a task; it starts running with the next automatic step."""
        sub = SubScope(self.program.scopes[spec_name], my_task, self)
        sub.data.update(data or {})
        self.subprocesses[my_task.id] = sub
        return sub

    def get_task_from_id(self, task_id: Any) -> Any:
        for scope in (self, *self.subprocesses.values()):
            if task_id in scope.tasks:
                return scope.tasks[task_id]
        return None

    def scopes(self) -> list[Any]:
        return [self, *self.subprocesses.outermost_first()]

    def live(self) -> list[Task]:
        return [t for scope in self.scopes() for t in scope.tasks.values() if t.has_state(LIVE)]

    def task(self, key: str) -> Task:
        """The token of a key; Conflict when it is gone."""
        found = self.get_task_from_id(UUID(key))
        if found is None or not found.has_state(LIVE):
            raise Conflict("该环节已经不在等待。", "The token no longer waits.", code="not_waiting")
        return found

    def waiting(self, *kinds: str) -> list[Task]:
        """Tokens that wait for an event of these kinds."""
        return [
            t
            for t in self.live()
            if t.state == S.WAITING
            and getattr(t.task_spec, "event", None) is not None
            and t.task_spec.event.kind in kinds
        ]

    # ------------------------------------------------------------------------------ stepping
    def run(self) -> None:
        steps = 0
        queue: list[Task] = []
        while True:
            if self.changed:
                self.changed = False
                self.conditions()
            if self.urgent:
                task = self.urgent.pop(0)
            else:
                if not queue or self.outward:
                    queue, self.outward = self._ready(), False
                if not queue:
                    if not self.conditions():
                        break
                    continue
                task = queue.pop()
            if task.state != S.READY:
                continue
            task.run()
            steps += 1
            if steps % 64 == 0:
                self.sweep()
            if steps > LIMIT:
                raise StepFailed(
                    spec_of(task).bpmn_id, f"自动环节超过 {LIMIT} 步，可能是死循环", "endless automatic loop"
                )
        self.sweep()

    def _ready(self) -> list[Task]:
        """The ready tasks of the outermost scope that has any, the first one last. Valid until a scope ends (`outward`)."""
        for scope in self.scopes():
            found: list[Task] = scope.ready()
            if found:
                return found[::-1]
        return []

    def sweep(self) -> None:
        """Drop finished tasks and scopes; a finished scope stays while it may have to be undone."""
        scopes = self.scopes()
        owed = set[str]()
        if any(scope.completed for scope in scopes):
            owed = {p[0] for t in self.live() for p in t.internal_data.get("plan") or []}
        for scope in reversed(scopes):
            if scope is self:
                scope.prune()
                continue
            over = (
                scope.completed
                and not scope.log
                and not scope.tokens()
                and scope.parent_task_id.hex not in owed
            )
            if scope.owner is None or over:
                del self.subprocesses[scope.parent_task_id]
            else:
                scope.prune()

    def conditions(self) -> bool:
        """Look at conditional events when the step rests; each fires when its condition becomes true."""
        hot = False
        for task in self.waiting("conditional") if self.program.conditional else ():
            now = self.become(task)
            was = task.internal_data.get("was", False)
            task.internal_data["was"] = now
            if now and not was and task.state == S.WAITING:
                task.task_spec.fire(task)
                hot = True
        return hot

    def become(self, task: Task) -> bool:
        """Has the condition of an event come true? Null – its data is not there yet – has not; anything else is an incident."""
        text = task.task_spec.event.expression or ""
        value = evaluate(task, text)
        if value is not None and not isinstance(value, bool):
            raise StepFailed(
                spec_of(task).bpmn_id,
                f"条件事件的条件没有得到是或否（{text} → {value!r}）",
                f"the condition of the event gave {value!r}",
            )
        return value is True

    # ------------------------------------------------------------------------------ commands
    def begin(self) -> None:
        self.data.update(self._initial)
        self.run()

    def complete(self, key: str, values: Mapping[str, Any]) -> None:
        task = self.task(key)
        if task.state != S.READY or not spec_of(task).manual:
            raise Conflict("该环节已经不在等待。", "The task is not open.", code="not_waiting")
        self.given = key, values
        spec_of(task).settle(task, values)
        task.run()
        self.run()

    def fire(self, key: str, kind: str, values: Mapping[str, Any]) -> None:
        """A timer, or a message or signal for one token."""
        task = self.task(key)
        event = getattr(task.task_spec, "event", None)
        if task.state != S.WAITING or event is None:
            raise Conflict("该事件已经不在等待。", "The event does not wait.", code="not_waiting")
        if kind == "timer":
            due = timer_due(task)
            if event.kind != "timer" or due is None or due > self.now:
                raise Conflict("定时器尚未到期。", "The timer is not due.", code="not_due")
        self.given = key, values
        task.task_spec.fire(task, values)
        self.run()

    def signal(self, name: str, values: Mapping[str, Any], *, broadcast: bool = False) -> None:
        """To every token that waits for it; thrown from inside it also goes to the world outside."""
        if broadcast:
            self.thrown.append(Thrown("signal", name, None, dict(values)))
        for task in self.waiting("signal"):
            if task.state == S.WAITING and task.task_spec.event.name == name:
                task.task_spec.fire(task, values)

    def throw_error(self, key: str, code: str, values: Mapping[str, Any]) -> None:
        task = self.task(key)
        if not propagate(task, "error", code, values):
            raise StepFailed(
                spec_of(task).bpmn_id, f"错误 {code} 没有任何边界事件接收", f"nobody catches error {code}"
            )
        self.run()

    def send_back(self, key: str, target: str, *, straight: bool = False) -> None:
        back.send_back(self, self.task(key), target, straight=straight)
        self.run()

    def jump(self, key: str, target: str) -> None:
        back.jump(self, self.task(key), target)
        self.run()

    def set_due(self, due: Mapping[str, datetime | None]) -> None:
        for key, at in due.items():
            self.task(key).internal_data["due"] = at.isoformat() if at is not None else None

    def set_variables(self, values: Mapping[str, Any]) -> None:
        self.data.update(values)
        self.changed = True
        self.run()

    def cancel_all(self) -> None:
        for scope in self.scopes():
            kill_scope(scope)
        self.cancelled = self.completed = True
        self.sweep()

    # ------------------------------------------------------------------------------ what is reported
    def take_flow(self, process: str, flow: Flow) -> None:
        self.trace.append(TraceEvent("taken", process, flow.id, "sequenceFlow", flow.name))

    def instant(self, text: str | None) -> datetime:
        return datetime.fromisoformat(text) if text else self.now

    def lawful(self, task: Task, text: str) -> datetime:
        """`clockStart` as an instant (a date: the beginning of that day in Shanghai); null is an incident."""
        return self._moment(task, text, evaluate(task, text))

    def _moment(self, task: Task, text: str, value: Any) -> datetime:
        try:
            return instant(value)
        except (Invalid, ValueError):
            raise StepFailed(
                spec_of(task).bpmn_id,
                f"时限的起算、恢复或办结时间不是日期或时刻（{text} → {value!r}）",
                f"the lawful moment is {value!r}",
            ) from None

    def entering(self, task: Task) -> None:
        """Tell of a node that clocks care about."""
        spec = spec_of(task)
        properties = spec.model.properties if spec.model is not None else {}
        basis = task.internal_data.get("basis")
        terms = self._terms(task, properties.get("term"))
        start = self.instant(task.internal_data.get("anchor"))
        if basis and not terms:
            terms, start = (basis["term"],), datetime.fromisoformat(basis["start"])
        task.internal_data["clocked"] = True
        # A timer is told of when it is entered and again when it is armed and knows its lawful start: one node, the later word.
        self.entered = [one for one in self.entered if one.key != task.id.hex]
        self.entered.append(
            Entered(
                key=task.id.hex,
                process=spec.process,
                element=spec.bpmn_id,
                owners=owners(task),
                path=path(task),
                terms=terms,
                start=start,
                pauses=_listed(properties.get("pauses")),
                stage=properties.get("stage"),
                stops=_listed(properties.get("stops")),
                accepted=accepted(seen(task)),
                stopped=self.acted(task, "stopsAt"),
            )
        )

    def guarding(self, task: Task) -> None:
        """Tell of a boundary timer that shows its limit: the clock is of the activity it guards, its lawful start the timer's own."""
        spec, host, basis = spec_of(task), task.parent, task.internal_data["basis"]
        terms = self._terms(task, spec.model.properties.get("term") if spec.model is not None else None)
        if basis["term"] not in terms:
            raise StepFailed(
                spec.bpmn_id,
                f"边界定时器写明的时限（{'、'.join(terms)}）不是它所等的时限（{basis['term']}）",
                "the timer asks for another term than it shows",
            )
        host.internal_data["clocked"] = True
        self.entered.append(
            Entered(
                key=host.id.hex,
                process=spec.process,
                element=spec.bpmn_id,
                owners=owners(host),
                path=path(host),
                terms=(basis["term"],),
                start=datetime.fromisoformat(basis["start"]),
                accepted=accepted(seen(host)),
            )
        )

    def _terms(self, task: Task, text: str | None) -> tuple[str, ...]:
        if not text:
            return ()
        value = evaluate(task, text) if text.startswith("=") else text
        if value is None:
            raise StepFailed(
                spec_of(task).bpmn_id,
                f'时限没有得到值（{text}）；没有时限的写空文字 ""',
                "the term is null",
            )
        found = value if isinstance(value, list) else str(value).split(",")
        return tuple(str(part).strip() for part in found if part and str(part).strip())

    def leaving(self, task: Task, how: How, by: Task | None = None) -> None:
        """Tell of the end of a node clocks care about. `by`: the event that was caught."""
        if not task.internal_data.pop("clocked", False):
            return
        if how is How.COMPLETED:
            self.left.append(Left(task.id.hex, how, self.resumed(by or task), self.acted(task, "clockEnd")))
        else:
            self.left.append(Left(task.id.hex, how))

    def resumed(self, task: Task) -> datetime | None:
        """`resumesAt`: the lawful moment at which what was waited for happened, never later than now."""
        model = spec_of(task).model
        text = model.properties.get("resumesAt") if model is not None else None
        given = evaluate(task, text) if text else None
        return min(self._moment(task, text or "", given), self.now) if given is not None else None

    def acted(self, task: Task, key: str) -> Act | None:
        """`clockEnd`, `stopsAt`: the lawful moment of the act that ends a limit. None: that of the step. Never later than now."""
        spec = spec_of(task)
        text = spec.model.properties.get(key) if spec.model is not None else None
        given = self.given[1] if self.given[0] == task.id.hex else None
        value = evaluate(task, text, given) if text else None
        if value is None:
            return None
        begun = self._moment(task, text or "", value)
        if begun > self.now + AHEAD:
            raise StepFailed(
                spec.bpmn_id,
                f"“{(spec.model.name if spec.model else None) or spec.bpmn_id}”的办理时间"
                f" {begun.astimezone(ZONE):%Y-%m-%d %H:%M} 晚于现在，不能作为时限办结的时间，请改正",
                f"the moment of the act lies in the future: {value!r}",
            )
        return Act(min(acted(value, self.now), self.now), text or "")


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def owners(task: Task) -> tuple[str, ...]:
    """Keys of what encloses a token, innermost first: host of a guard, multi-instance body, scopes."""
    found = []
    at: Task | None = task
    while at is not None:
        if spec_of(at).guard or is_item(at):
            found.append(at.parent.id.hex)
        at = at.workflow.owner
        if at is not None:
            found.append(at.id.hex)
    return tuple(found)
