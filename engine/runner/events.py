"""Events: catching, boundary, event sub-processes, throwing, and how errors and escalations go outward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState as S

from engine.errors import StepFailed
from engine.model import Event, Node
from engine.runner import timing
from engine.runner.nodes import EventGateway, NodeSpec
from engine.runner.scope import (
    ScopeSpec,
    case_of,
    is_item,
    kill,
    kill_scope,
    literal_or_feel,
    spawn,
    spec_of,
    trace,
    waits_as_guard,
)
from engine.runner.undo import plan
from engine.runner.values import How, Thrown


class Catch(NodeSpec):
    """Waits for its event. `event` None: a link target, or an event without definition, passes at once."""

    interrupting = True

    def __init__(
        self, scope: ScopeSpec, name: str, model: Node | None = None, event: Event | None = None
    ) -> None:
        super().__init__(scope, name, model)
        self.event = event if event is None or event.kind != "link" else None

    def _update_hook(self, task: Task) -> bool:
        if self.event is None or task.internal_data.get("fired"):
            self.enter(task)
            return True
        if task.state != S.WAITING:
            task._set_state(S.WAITING)
            self.enter(task)
            if "armed" not in task.internal_data:
                self.arm(task)
        return False

    def arm(self, task: Task) -> None:
        """What the wait is for, evaluated now: the timer's instant, the message's key."""
        task.internal_data["armed"] = True
        event = self.event
        assert event is not None
        if event.kind == "timer":
            task.internal_data.update(timing.armed(task, event))
            if not task.internal_data.get("basis"):
                return
            if not self.guard and not self.watch:
                case_of(task).entering(task)
            elif self.guard and self.model is not None and self.model.properties.get("term"):
                case_of(task).guarding(task)
        elif event.kind == "message" and event.correlation:
            task.internal_data["correlation"] = key_of(task, event)

    def fire(self, task: Task, payload: Mapping[str, Any] | None = None) -> None:
        """Caught: interrupt first, then the token goes on, ahead of all others."""
        trace(task, "caught", self.words())
        if self.interrupting:
            self.interrupt(task)
        else:
            self.rearm(task)
        self.settle(task, payload or {})
        if self.interrupting and spec_of(task.parent).awaits:
            case_of(task).leaving(task.parent, How.COMPLETED, by=task)
        task.internal_data["fired"] = True
        task._ready()
        case_of(task).urgent.append(task)

    def words(self) -> dict[str, Any]:
        assert self.event is not None
        return {
            key: value
            for key, value in (
                ("kind", self.event.kind),
                ("name", self.event.name),
                ("code", self.event.code),
            )
            if value
        }

    def rearm(self, task: Task) -> None:
        """A non-interrupting event may happen again; a timer only while its cycle lasts."""
        following = timing.following(task.internal_data)
        if "due" in task.internal_data and following is None:
            return
        new = task.parent._add_child(self, S.FUTURE)
        new.triggered = True
        if following is not None:
            new.internal_data.update(following, armed=True)
        if self.event is not None and self.event.kind == "conditional":
            new.internal_data["was"] = True
        self._update(new)

    def interrupt(self, task: Task) -> None:
        if spec_of(task.parent).awaits:
            rest = [c for c in task.parent.children if c is not task]
            for other in rest:
                if spec_of(other).bpmn_id == self.bpmn_id:
                    other.internal_data["entered"] = False  # one event of the drawing, not several
                case_of(task).leaving(other, How.COMPLETED)  # what it waited for is settled
            kill(rest)


def key_of(task: Task, event: Event) -> str:
    """The key of a message that is awaited or sent. Null is an incident: it would be heard by nobody it is meant for."""
    key = literal_or_feel(task, event.correlation)
    if key is None:
        raise StepFailed(
            spec_of(task).bpmn_id,
            f"消息“{event.name}”的关联键为空（{event.correlation}）",
            "the correlation key is null",
        )
    return str(key)


class AnyOf(EventGateway):
    """The way into a catching event with several definitions: the first one that happens is caught."""


class Boundary(Catch):
    """Hangs below the activity it guards."""

    guard = True

    def enter(self, task: Task) -> None:
        """A guard is not entered: it appears in the trace when it is caught."""
        if task.internal_data.get("fired"):
            super().enter(task)

    def interrupt(self, task: Task) -> None:
        task._set_state(S.READY)
        kill([task.parent], spare=task)


class Watch(Catch):
    """The start of an event sub-process, waiting below its scope's start."""

    watch = True
    traced = False

    def interrupt(self, task: Task) -> None:
        kill_scope(task.workflow, spare=task)


def propagate(task: Task, kind: str, code: str | None, payload: Mapping[str, Any] | None = None) -> bool:
    """Errors and escalations go outward scope by scope; at each level an exact code beats a catch-all, one handler runs.

    What an event sub-process throws again goes on outside its scope, not to itself (BPMN 2.0, 13.5.4). False when nobody
    catches.
    """
    at, workflow = task, task.workflow
    while True:
        if is_item(at):
            at = at.parent
        watches = [
            t for t in workflow.tasks.values() if spec_of(t).watch and at.task_spec not in t.task_spec.outputs
        ]
        for holders in (at.children, watches):
            found = [t for t in holders if waits_as_guard(t) and _catches(spec_of(t), kind, code)]
            if found:
                best = min(found, key=lambda t: spec_of(t).event.code is None)
                spec_of(best).fire(best, payload)
                return True
        if workflow.owner is None:
            return False
        at, workflow = workflow.owner, workflow.owner.workflow


def _catches(spec: Any, kind: str, code: str | None) -> bool:
    return spec.event is not None and spec.event.kind == kind and spec.event.code in (None, code)


class Throw(NodeSpec):
    """Intermediate throw and end events, and send tasks; with several definitions all are thrown, in their order."""

    def __init__(
        self, scope: ScopeSpec, name: str, model: Node | None = None, events: Sequence[Event] = ()
    ) -> None:
        super().__init__(scope, name, model)
        self.throws = tuple(e for e in events if e.kind != "link")

    def _run_hook(self, task: Task) -> bool | None:
        undoes = next((e for e in self.throws if e.kind in ("compensation", "cancel")), None)
        if undoes is not None:
            return self.compensate(task, undoes)
        self.settle(task, {}, merge=False)
        for event in self.throws:
            trace(
                task,
                "thrown",
                {k: v for k, v in (("kind", event.kind), ("name", event.name), ("code", event.code)) if v},
            )
            if event.kind == "terminate":
                kill_scope(task.workflow, spare=task)
            elif event.kind == "message":
                assert event.name is not None
                key = key_of(task, event) if event.correlation else None
                case_of(task).thrown.append(Thrown("message", event.name, key, self.payload(task)))
        return True

    def payload(self, task: Task) -> dict[str, Any]:
        """What travels with a thrown message: the input mapping, nothing without one."""
        model = self.model
        return {target: task.data.get(target) for _, target in model.inputs} if model is not None else {}

    def compensate(self, task: Task, event: Event) -> bool | None:
        """Run the handlers that are owed one by one; None: started, not done. A cancelled transaction stops first."""
        if "plan" not in task.internal_data:
            trace(task, "thrown", {"kind": event.kind})
            if event.kind == "cancel":
                kill_scope(task.workflow, spare=task)
            task.internal_data["plan"] = plan(task.workflow, event.activity)
        if not task.internal_data["plan"]:
            return True
        owner, handler, data = task.internal_data["plan"].pop(0)
        case = case_of(task)
        workflow = case if owner is None else case.subprocesses[UUID(owner)]
        spawn(workflow.task_tree, handler, data).internal_data["compensates"] = task.id.hex
        return None

    def gone(self, task: Task) -> None:
        """A handler does not outlive its thrower, wherever it runs: it may stand in a scope kept only for it."""
        super().gone(task)
        if "plan" in task.internal_data:
            key = task.id.hex
            kill([t for t in case_of(task).live() if t.internal_data.get("compensates") == key])

    def _on_complete_hook(self, task: Task) -> None:
        super()._on_complete_hook(task)
        for event in self.throws:
            if event.kind == "signal" and event.name:
                case_of(task).signal(event.name, self.payload(task), broadcast=True)
            elif event.kind == "error":
                if not propagate(task, "error", event.code, self.payload(task)):
                    # Nobody catches: the standard ends the scope the error was thrown in (this token leads to its end).
                    kill([t for t in task.workflow.tokens() if t is not task and t not in task.children])
            elif event.kind == "escalation":
                propagate(task, "escalation", event.code, self.payload(task))
            elif event.kind == "cancel":
                propagate(task, "cancel", None)


def timer_due(task: Task) -> datetime | None:
    due = task.internal_data.get("due")
    return datetime.fromisoformat(due) if due else None
